"""Many iterators joined into one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from typing import Any, Generic, TypeVar

from ... import _core
from ..._streams._tasks import Owner, Tasks
from ._source import Kept, Safe
from ._stage import OnError, Stage, checked, log

__all__ = ["join_aiters"]

T = TypeVar("T")


class _Inlet:
    """One of the joined iterators: it pulls one item for each wish."""

    __slots__ = ("wishes",)

    def __init__(self) -> None:
        self.wishes: _core.Chan[None] = _core.unbounded()


class _Junction(Generic[T]):
    """What the tasks of a join share; it does not know the iterator that consumers hold.

    An inlet is told to pull only when a consumer waits for whom there is no item yet. `ahead` is how many items may be
    pulled or lie ready beyond that. `over` is called when nothing more will be pulled.
    """

    def __init__(self, tasks: Tasks, on_error: OnError, ahead: int, over: Callable[[], object]) -> None:
        self.tasks = tasks
        self.over = over
        self.on_error = on_error
        self.ahead = ahead
        self.out: _core.Chan[T] = _core.unbounded()
        self.idle: deque[_Inlet] = deque()
        self.open = 0
        self.busy = 0
        # Consumers that wait, those of them that look on while inlets are told, items that were pulled and not taken.
        self.waiting = 0
        self.looking = 0
        self.ready = 0

    def is_starved(self) -> bool:
        """Whether an inlet should be told to pull."""
        if not self.idle or self.out.is_closed():
            return False
        return self.waiting > self.ready or self.ready + self.busy < self.ahead

    def tell_one(self) -> None:
        """Tells the inlet to pull whose turn it is."""
        self.busy += 1
        self.idle.popleft().wishes.put_nowait(None)

    def tell(self) -> None:
        """Tells inlets to pull, unless a consumer does so."""
        while not self.looking and self.is_starved():
            self.tell_one()

    def add(self, source: AsyncIterable[Any], is_main: bool = False) -> None:
        """Adds an inlet for a source, or for the source of sources."""
        self.open += 1
        inlet = _Inlet()
        self.idle.append(inlet)
        self.tasks.start(_serve(self, inlet, source, is_main))

    def fail(self, error: BaseException) -> None:
        """Ends the join with an error, which comes after the items that are there."""
        self.end(error)
        self.tasks.fail()

    def end(self, error: BaseException | None) -> None:
        """Has nothing more pulled."""
        self.idle.clear()
        self.out.close(error)
        self.over()


async def _serve(junction: _Junction[Any], inlet: _Inlet, source: AsyncIterable[Any], is_main: bool) -> None:
    """Pulls items from a source, one for each wish."""
    items: Kept[Any] = Kept(source)
    is_busy = False
    try:
        async for _ in inlet.wishes:
            is_busy = True
            try:
                item = await items.__anext__()
            except StopAsyncIteration:
                break
            if is_main:
                junction.add(item)
            else:
                junction.out.put_nowait(item)
                junction.ready += 1
            del item
            is_busy = False
            junction.busy -= 1
            junction.idle.append(inlet)
            junction.tell()
    except Exception as error:
        if junction.on_error == "log":
            log.error("%r failed, and the others go on", source, exc_info=error)
        else:
            junction.fail(error)
    except BaseException as error:
        junction.fail(error)
        raise
    finally:
        junction.busy -= is_busy
        junction.open -= 1
        if not junction.open:
            junction.end(None)
        junction.tell()


class Joined(Stage[T], Safe):
    """The items of several iterators, of which each is pulled by a task of its own."""

    def __init__(
        self,
        sources: AsyncIterable[AsyncIterable[T]],
        on_error: OnError,
        ahead: int,
        over: Callable[[], object] = lambda: None,
    ) -> None:
        self._owner = Owner()
        self._sources: AsyncIterable[Any] | None = sources
        self._junction: _Junction[T] = _Junction(self._owner.tasks, checked(on_error), ahead, over)
        self._next = self._junction.out.__aiter__().__anext__

    async def _pull(self) -> T:
        junction = self._junction
        if self._sources is not None:
            sources, self._sources = self._sources, None
            junction.add(sources, is_main=True)
        junction.waiting += 1
        try:
            junction.looking += 1
            try:
                # One after the other, since one that has an item at once is enough. A turn is what it needs to show.
                while junction.is_starved():
                    junction.tell_one()
                    await asyncio.sleep(0)
            finally:
                junction.looking -= 1
            item = await self._next()
            junction.ready -= 1
            return item
        finally:
            junction.waiting -= 1
            junction.tell()

    def rest(self) -> list[T]:
        """The items that were pulled and not yielded."""
        rest = self._junction.out.drain()
        self._junction.ready -= len(rest)
        return rest

    async def _release(self) -> None:
        self._sources = None
        self._junction.end(None)
        await self._owner.tasks.aclose()


def join_aiters(
    aiter_of_aiters: AsyncIterable[AsyncIterable[T]], *, on_error: OnError = "raise"
) -> AsyncGenerator[T, None]:
    """Yields the items of all the iterators that `aiter_of_aiters` yields, as they come, and ends when all have ended.

    An iterator is asked for an item only when a consumer waits for one, and has at most one item that nobody has taken
    yet; `aclose` leaves all others where they are. The first error of any of the iterators ends the join, after the
    items that were pulled before, unless `on_error` is "log": then it is logged, and the other iterators go on.
    """
    return Joined(aiter_of_aiters, on_error, 0)
