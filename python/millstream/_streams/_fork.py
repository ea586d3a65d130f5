"""Several streams of all the items of one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from .._core import Chan, Receiver, Sender, dropping, pair
from ._sources import TURN, close
from ._tasks import Owner, Place

T = TypeVar("T")


class _Shared(Generic[T]):
    """The items that some fork has still to see, and where the forks stand.

    The task that pulls refers to this, and this never to a fork: forks that nobody refers to are collected.
    """

    __slots__ = ("bells", "error", "first", "is_over", "is_wished", "items", "limit", "numbers")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.items: deque[T] = deque()
        # The number of the first of them, counted from the start of the source.
        self.first = 0
        # For each fork the number of the item that it will see next.
        self.numbers: dict[object, int] = {}
        # What wakes the forks that wait.
        self.bells: dict[object, Chan[None]] = {}
        self.is_wished = False
        self.is_over = False
        self.error: BaseException | None = None

    def wake(self) -> None:
        """Makes every fork look again."""
        for bell in tuple(self.bells.values()):  # A fork can be collected, and so leave, at any moment.
            bell.put_nowait(None)

    def is_full(self) -> bool:
        """Whether the slowest fork is too far behind."""
        return self.limit is not None and len(self.items) >= self.limit

    def trim(self) -> None:
        """Lets go of what every fork has seen."""
        slowest = min(self.numbers.values(), default=self.first + len(self.items))
        was_full = self.is_full()
        while self.first < slowest:
            self.items.popleft()
            self.first += 1
        if was_full and not self.is_full():
            self.wake()


class _Puller(Generic[T]):
    """Asks the source for one item at a time; owned by the active forks."""

    __slots__ = ("_owner", "_source", "_wishes", "forks", "shared")

    def __init__(self, source: AsyncIterator[T], shared: _Shared[T]) -> None:
        self._source = source
        self._owner = Owner()
        self._wishes: Sender[None] | None = None
        self.shared = shared
        self.forks = 0

    def ask(self) -> None:
        """Wishes for an item, unless somebody has done so already or there is no place for one."""
        shared = self.shared
        if shared.is_wished or shared.is_full():
            return
        shared.is_wished = True
        if self._wishes is None:
            wishes: Receiver[None]
            self._wishes, wishes = pair(1)
            place = Place(self._source)
            self._owner.tasks.start(_pull(place, wishes, shared), place)
        self._wishes.put_nowait(None)

    def stop(self) -> None:
        """Ends the task, which closes the source; the forks still see what has gone by."""
        self._owner.tasks.cancel()
        _end(self.shared, None)

    async def aclose(self) -> None:
        """Ends the task and waits until the source is closed."""
        self.stop()
        await self._owner.tasks.aclose()
        if self._wishes is None:
            await close(self._source)


def _end(shared: _Shared[Any], error: BaseException | None) -> None:
    if not shared.is_over:
        shared.is_over = True
        shared.error = error
        shared.wake()


async def _pull(place: Place, wishes: Receiver[None], shared: _Shared[Any]) -> None:
    place.has_begun = True
    source: Any = place.source
    try:
        try:
            async for _ in wishes:
                try:
                    item = await source.__anext__()
                except StopAsyncIteration:
                    break
                shared.items.append(item)
                shared.is_wished = False
                shared.wake()
        finally:
            await close(source)
    except BaseException as error:
        _end(shared, error)
        if not isinstance(error, Exception):
            raise
    else:
        _end(shared, None)


class ForkItems(Generic[T]):
    """What one fork sees."""

    __slots__ = ("_bell", "_key", "_left", "_puller", "shared")

    def __init__(self, shared: _Shared[T], puller: _Puller[T] | None, number: int) -> None:
        self._key = object()
        self._bell: Chan[None] = dropping(1)
        self._left = TURN
        # Passive forks have none, and so they do not keep the source.
        self._puller = puller
        self.shared = shared
        shared.numbers[self._key] = number
        shared.bells[self._key] = self._bell
        if puller is not None:
            puller.forks += 1

    def another(self, puller: _Puller[T] | None) -> ForkItems[T]:
        """Another fork where this one stands."""
        number = self.shared.numbers.get(self._key, self.shared.first + len(self.shared.items))
        return ForkItems(self.shared, puller, number)

    @property
    def puller(self) -> _Puller[T] | None:
        """What asks the source, if this fork is active."""
        return self._puller

    def available(self) -> int:
        """How many items can be had without asking the source."""
        shared = self.shared
        end = shared.first + len(shared.items)
        return end - shared.numbers.get(self._key, end)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        shared = self.shared
        key = self._key
        self._left -= 1
        if not self._left:
            self._left = TURN
            await asyncio.sleep(0)
        while key in shared.numbers:
            number = shared.numbers[key]
            index = number - shared.first
            if index < len(shared.items):
                item = shared.items[index]
                shared.numbers[key] = number + 1
                if not index:
                    shared.trim()
                return item
            if shared.is_over:
                if shared.error is not None:
                    raise shared.error
                break
            if self._puller is not None:
                self._puller.ask()
            await self._bell.get()
        raise StopAsyncIteration

    def _leave(self) -> _Puller[T] | None:
        """Takes the fork out, and returns the puller if there is no other active fork."""
        puller, self._puller = self._puller, None
        if self.shared.numbers.pop(self._key, None) is not None:
            del self.shared.bells[self._key]
            self._bell.put_nowait(None)
            self.shared.trim()
        if puller is not None:
            puller.forks -= 1
            if not puller.forks:
                return puller
        return None

    async def aclose(self) -> None:
        """Leaves; the last active fork closes the source."""
        puller = self._leave()
        if puller is not None:
            await puller.aclose()

    def __del__(self) -> None:
        puller = self._leave()
        if puller is not None:
            puller.stop()


def fork_items(source: AsyncIterator[T], limit: int | None) -> ForkItems[T]:
    """What the first fork of a source sees."""
    if limit is not None and limit < 1:
        raise ValueError("limit must be at least 1")
    shared: _Shared[T] = _Shared(limit)
    return ForkItems(shared, _Puller(source, shared), 0)
