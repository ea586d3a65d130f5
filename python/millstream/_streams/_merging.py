"""The items of several iterators through one channel, which is widened once they are wanted in numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

from .._core import Receiver, Sender, pair
from ._sources import close
from ._tasks import Owner, Place, Tasks

T = TypeVar("T")


class _Entry(Generic[T]):
    """Where the tasks put their items now, and how many tasks there are."""

    __slots__ = ("count", "tx")

    def __init__(self, tx: Sender[T], count: int) -> None:
        self.count = count
        self.tx = tx


class Merging(Generic[T]):
    """The items of iterators, each pulled by a task.

    It begins without pulling ahead: each task holds one item, until that is taken. When as many items were taken as may
    wait, whoever consumes them goes on, and it is worth while to switch tasks less often: the channel is exchanged for one
    that has room. What the tasks hold in that moment comes out of the old one first.
    """

    __slots__ = ("_ahead", "_entry", "_iterators", "_later", "_next", "_owner", "_rx", "_take", "_taken")

    def __init__(self, iterators: list[AsyncIterator[T]], ahead: int) -> None:
        self._iterators = iterators
        self._ahead = ahead
        self._owner = Owner()
        self._taken = 0
        self._entry: _Entry[T]
        self._rx: Receiver[T] | None = None
        # The wider channel, until the old one is empty.
        self._later: Receiver[T] | None = None
        self._take: Callable[[], Awaitable[T]]
        # What gives an item, when nothing is left to be counted.
        self._next: Callable[[], Awaitable[T]] | None = None

    def _start(self) -> Receiver[T]:
        iterators, self._iterators = self._iterators, []
        tx: Sender[T]
        tx, rx = pair(0)
        self._rx = rx
        self._take = rx.__aiter__().__anext__
        if not self._ahead:
            self._next = self._take
        self._entry = _Entry(tx, len(iterators))
        if not iterators:
            tx.close()
        tasks = self._owner.tasks
        for iterator in iterators:
            place = Place(iterator)
            tasks.start(_move(iterator, self._entry, tasks, place), place)
        return rx

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        if self._next is None:
            return self._counted()
        return self._next()

    async def _counted(self) -> T:
        if self._rx is None:
            self._start()
        while True:
            try:
                item = await self._take()
            except StopAsyncIteration:
                if self._later is None:
                    raise
                self._rx, self._later = self._later, None
                self._next = self._take = self._rx.__aiter__().__anext__
                continue
            self._taken += 1
            if self._taken == self._ahead:
                self._widen()
            return item

    def _widen(self) -> None:
        entry = self._entry
        old = entry.tx
        if old.is_closed():
            return
        entry.tx, self._later = pair(self._ahead)
        old.close()  # Those who wait in it still have their turn.
        if not entry.count:
            entry.tx.close()

    async def aclose(self) -> None:
        """Ends the tasks, waits for them, closes the sources and drops what was pulled."""
        iterators, self._iterators = self._iterators, []
        receivers = [self._start() if self._rx is None else self._rx]
        if self._later is not None:
            receivers.append(self._later)
        for rx in receivers:
            rx.close()
        await self._owner.tasks.aclose()
        for rx in receivers:
            rx.drain()
        for iterator in iterators:
            await close(iterator)


async def _move(iterator: AsyncIterator[T], entry: _Entry[T], tasks: Tasks, place: Place) -> None:
    place.has_begun = True
    try:
        try:
            async for item in iterator:
                place.holds = True
                await entry.tx.put(item)
                place.holds = False
                if tasks.is_over:
                    break
        finally:
            await close(iterator)
    except BaseException as error:
        place.holds = False
        # If putting is what failed, nobody wants items any more: the channel is closed, and this changes nothing.
        entry.tx.close(error=error)
        tasks.fail()
        if not isinstance(error, Exception):
            raise
    finally:
        entry.count -= 1
        if not entry.count:
            entry.tx.close()
