"""Awaitables of a stream run side by side, a bounded number of them at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, Optional, TypeVar, cast

from .._core import Chan, Receiver, Sender, bounded, pair, rendezvous
from .._errors import Closed
from ._pump import Work, run
from ._sources import call
from ._tasks import Owner, Place, Tasks

T = TypeVar("T")


class _Outcome:
    """What came of one awaitable."""

    __slots__ = ("error", "is_done", "value")

    def __init__(self) -> None:
        self.is_done = False
        self.value: Any = None
        self.error: BaseException | None = None


_Entry = tuple[_Outcome, Optional["Chan[None]"]]
"""An outcome and what tells that it is there, if it may not be yet."""


class Buffered(Generic[T]):
    """The results of awaitables, in the order of the stream or as they are done.

    A place is waited for before the next item is asked for. An awaitable occupies it from its start until its result is
    taken, so no more than `at_once` run or wait to be taken.
    """

    __slots__ = ("_at_once", "_function", "_is_ordered", "_outcomes", "_owner", "_places", "_source", "_waiting")

    def __init__(
        self,
        source: AsyncIterator[Any],
        at_once: int,
        function: Callable[[Any], Awaitable[T]] | None,
        is_ordered: bool,
    ) -> None:
        if at_once < 1:
            raise ValueError("at_once must be at least 1")
        self._source = source
        self._at_once = at_once
        self._function = function
        self._is_ordered = is_ordered
        self._owner = Owner()
        self._places: Chan[None] | None = None
        self._outcomes: Receiver[_Entry]
        self._waiting: _Entry | None = None

    def _start(self) -> None:
        self._places = bounded(self._at_once)
        tx: Sender[_Entry]
        # No longer than the number of places.
        tx, self._outcomes = pair(None)
        place = Place(self._source)
        tasks = self._owner.tasks
        work = _fill(self._source, self._places, self._at_once, self._function, self._is_ordered)
        tasks.start(run(work, tasks, tx, place), place)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._places is None:
            self._start()
            assert self._places is not None
        if self._waiting is None:
            try:
                self._waiting = await self._outcomes.get()
            except Closed:
                if self._outcomes.error is None:
                    raise StopAsyncIteration from None
                raise
        outcome, bell = self._waiting
        if bell is not None and not outcome.is_done:
            await bell.closed()
        self._waiting = None
        if outcome.error is not None:
            self._outcomes.close()
            self._outcomes.drain()
            self._owner.tasks.cancel()
            raise outcome.error
        self._places.get_nowait()
        return cast("T", outcome.value)

    async def aclose(self) -> None:
        """Cancels what runs, waits for it and closes the source."""
        if self._places is None:
            # What is started now does not begin: an eager task would pull an item at once.
            self._owner.tasks.cancel()
            self._start()
        self._waiting = None
        self._outcomes.close()
        await self._owner.tasks.aclose()
        self._outcomes.drain()


def _fill(
    source: AsyncIterator[Any],
    places: Chan[None],
    at_once: int,
    function: Callable[[Any], Awaitable[Any]] | None,
    is_ordered: bool,
) -> Work:
    async def work(tasks: Tasks, tx: Sender[_Entry], place: Place) -> None:
        while True:
            await places.put(None)
            try:
                item = await source.__anext__()
            except StopAsyncIteration:
                return
            except Exception:
                # It comes after the results of the items before it: when all places are free.
                for _ in range(at_once - 1):
                    await places.put(None)
                raise
            outcome = _Outcome()
            if is_ordered:
                bell: Chan[None] = rendezvous()
                tx.put_nowait((outcome, bell))
                tell: Callable[[], object] = bell.close
            else:
                tell = _teller(tx.clone(), outcome)
            started = Place()
            started.holds = True
            tasks.start(_do(item, function, outcome, tell), started)

    return work


async def _do(
    item: Any, function: Callable[[Any], Awaitable[Any]] | None, outcome: _Outcome, tell: Callable[[], object]
) -> None:
    try:
        outcome.value = await (item if function is None else call(function, item))
    except BaseException as error:
        outcome.error = error
        if not isinstance(error, Exception):
            raise
    finally:
        outcome.is_done = True
        tell()


def _teller(tx: Sender[_Entry], outcome: _Outcome) -> Callable[[], object]:
    def tell() -> None:
        with suppress(Closed):  # Nobody wants it any more.
            tx.put_nowait((outcome, None))
        tx.detach()

    return tell
