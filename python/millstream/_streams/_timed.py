"""Streams that go by time: items slowed down, the last of each burst, and lists closed by number or time.

Time is that of the event loop of whoever asks for the items.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from .._core import select
from ._pump import Pumped, move
from ._sources import close

T = TypeVar("T")

_MISSING: Any = object()


def seconds(value: float, name: str) -> float:
    """Checks a length of time."""
    if not value >= 0:
        raise ValueError(f"{name} must not be negative")
    return value


class Throttled(Generic[T]):
    """Items at least some time apart. The time passes before an item is asked for, so none is held."""

    __slots__ = ("_distance", "_next_at", "_source")

    def __init__(self, source: AsyncIterator[T], distance: float) -> None:
        self._source = source
        self._distance = seconds(distance, "distance")
        self._next_at: float | None = None

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        time = asyncio.get_running_loop().time
        if self._next_at is not None:
            left = self._next_at - time()
            if left > 0:
                await asyncio.sleep(left)
        item = await self._source.__anext__()
        self._next_at = time() + self._distance
        return item

    async def aclose(self) -> None:
        """Closes the source."""
        await close(self._source)


class Debounced(Generic[T]):
    """The last item of each burst: one that no other has followed for some time."""

    __slots__ = ("_held", "_pumped", "_quiet", "_until")

    def __init__(self, source: AsyncIterator[T], quiet: float) -> None:
        self._pumped: Pumped[T] = Pumped([(source, move(source))], 0)
        self._quiet = seconds(quiet, "quiet")
        self._held: T = _MISSING
        self._until = 0.0

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        rx = self._pumped.start()
        time = asyncio.get_running_loop().time
        while True:
            if self._held is _MISSING:
                self._held = await self._pumped.__anext__()
            else:
                chosen = await select(rx, timeout=max(0.0, self._until - time()), biased=True)
                if chosen.index < 0 or chosen.closed:
                    # At the end it comes at once; an error comes when it is asked for again.
                    item, self._held = self._held, _MISSING
                    return item
                self._held = chosen.value
            self._until = time() + self._quiet

    async def aclose(self) -> None:
        """Closes the source and drops the item that waits for quiet."""
        self._held = _MISSING
        await self._pumped.aclose()


class Batched(Generic[T]):
    """Lists of so many items, or of what has come within some time after the first of a list."""

    __slots__ = ("_list", "_most", "_pumped", "_until", "_within")

    def __init__(self, source: AsyncIterator[T], most: int, within: float) -> None:
        if most < 1:
            raise ValueError("most must be at least 1")
        self._pumped: Pumped[T] = Pumped([(source, move(source))], most - 1)
        self._most = most
        self._within = seconds(within, "within")
        self._list: list[T] = []
        self._until = 0.0

    def __aiter__(self) -> AsyncIterator[list[T]]:
        return self

    async def __anext__(self) -> list[T]:
        rx = self._pumped.start()
        time = asyncio.get_running_loop().time
        begun = self._list
        if not begun:
            begun.append(await self._pumped.__anext__())
            self._until = time() + self._within
        while len(begun) < self._most:
            chosen = await select(rx, timeout=max(0.0, self._until - time()), biased=True)
            if chosen.index < 0 or chosen.closed:
                break
            begun.append(chosen.value)
        self._list = []
        return begun

    async def aclose(self) -> None:
        """Closes the source and drops the list that has begun."""
        self._list = []
        await self._pumped.aclose()
