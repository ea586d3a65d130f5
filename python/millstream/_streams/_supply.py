"""Items pulled from a source by need, so that cancelling whoever waits for one leaves the source alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Generic, TypeVar

from .._core import Chan, Receiver, Sender, pair, select
from .._errors import Closed
from ._pump import Work, run
from ._sources import Source, close, iterator_of
from ._tasks import Owner, Place, Tasks

T = TypeVar("T")


class Supply(Generic[T]):
    """One item for each wish, pulled in a task that begins with the first wish.

    The items, the end and the error of the source come out of a channel: `rx`. So several consumers can wait for it, and
    one that is cancelled, or that waits for something else as well, leaves its item to whoever comes next.
    """

    __slots__ = ("_owner", "_source", "_tx", "_wishes", "rx")

    def __init__(self, source: AsyncIterator[T]) -> None:
        self._source = source
        self._owner = Owner()
        self._wishes: Sender[None] | None = None
        self.rx: Receiver[T]
        self._tx: Sender[T]
        # As many items lie there as were wished for.
        self._tx, self.rx = pair(None)

    def ask(self) -> None:
        """Wishes for one more item."""
        if self._wishes is None:
            wishes: Receiver[None]
            self._wishes, wishes = pair(None)
            place = Place(self._source)
            tasks = self._owner.tasks
            tasks.start(run(_serve(self._source, wishes), tasks, self._tx, place), place)
            del self._tx
        with suppress(Closed):  # The source has ended, and `rx` says so.
            self._wishes.put_nowait(None)

    def stop(self) -> None:
        """Ends the task, which closes the source."""
        self._owner.tasks.cancel()

    async def aclose(self) -> None:
        """Ends the task and closes the source; what was pulled and not taken is dropped."""
        self.rx.close()
        await self._owner.tasks.aclose()
        self.rx.drain()
        if self._wishes is None:
            await close(self._source)


def ended(rx: Chan[Any] | Receiver[Any]) -> bool:
    """Whether a `Closed` that came out of a channel is its end, and not an error which happens to be a `Closed`."""
    return rx.error is None


class Exclusive(Generic[T]):
    """Items for several consumers, each for one of them, or for one that is cancelled now and then.

    Nothing is pulled that is not waited for, but what was pulled for somebody who was cancelled: the next gets that.
    """

    __slots__ = ("_supply", "_waiting", "_wished", "users")

    def __init__(self, supply: Supply[T] | Direct[T]) -> None:
        self._supply = supply
        self._waiting = 0
        self._wished = 0
        self.users = 0

    async def take(self, stop: Chan[None] | None = None) -> T:
        """The next item; raises `StopAsyncIteration` at the end, and when `stop` is closed."""
        rx = self._supply.rx
        self._waiting += 1
        try:
            if self._wished < self._waiting:
                self._supply.ask()
                self._wished += 1
            if stop is None:
                item: T = await rx.get()
            else:
                chosen = await select(stop, rx, biased=True)
                if not chosen.index:
                    raise StopAsyncIteration
                item = chosen.value
        except Closed:
            if ended(rx):
                raise StopAsyncIteration from None
            raise
        finally:
            self._waiting -= 1
        self._wished -= 1
        return item

    async def aclose(self) -> None:
        """Closes the source."""
        await self._supply.aclose()


class Direct(Generic[T]):
    """A channel as its own supply: it is asked for nothing and takes back what was not used."""

    __slots__ = ("rx",)

    def __init__(self, rx: Chan[T] | Receiver[T]) -> None:
        self.rx = rx

    def ask(self) -> None:
        """Does nothing: the items are there."""

    def stop(self) -> None:
        """Does nothing: a channel that was read from stays open."""

    async def aclose(self) -> None:
        """Does nothing: a channel that was read from stays open."""


def supply_of(source: Source[T]) -> Supply[T] | Direct[T]:
    """The supply of a source, which is itself if it is a channel."""
    if isinstance(source, (Chan, Receiver)):
        return Direct(source)
    return Supply(iterator_of(source))


def _serve(source: AsyncIterator[T], wishes: Receiver[None]) -> Work:
    async def work(tasks: Tasks, tx: Sender[T], place: Place) -> None:
        async for _ in wishes:
            try:
                item = await source.__anext__()
            except StopAsyncIteration:
                break
            tx.put_nowait(item)

    return work
