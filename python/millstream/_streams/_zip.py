"""Rows of one item from each of several sources, which are waited for at the same time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from .._core import select
from .._errors import Closed
from ._sources import Source
from ._supply import Direct, Supply, ended, supply_of

T = TypeVar("T")

_MISSING: Any = object()
_ENDED: Any = object()


class Rows(Generic[T]):
    """Rows until the shortest source ends, or the longest.

    A row that is waited for is kept when the wait is cancelled. What no row took goes back into the channels that it came
    from, and for sources of other kinds into `rest`.
    """

    __slots__ = ("_asked", "_fill", "_is_longest", "_is_over", "_row", "_supplies")

    def __init__(self, sources: tuple[Source[T], ...], is_longest: bool, fill: Any) -> None:
        self._supplies: list[Supply[T] | Direct[T]] = []
        self._row: list[Any] = [_MISSING] * len(sources)
        self._asked = [False] * len(sources)
        self._is_longest = is_longest
        self._fill = fill
        self._is_over = not sources
        for source in sources:
            self._supplies.append(supply_of(source))

    def __aiter__(self) -> AsyncIterator[tuple[T, ...]]:
        return self

    async def __anext__(self) -> tuple[T, ...]:
        if self._is_over:
            raise StopAsyncIteration
        row = self._row
        supplies = self._supplies
        for index, supply in enumerate(supplies):
            if row[index] is _MISSING and not self._asked[index]:
                self._asked[index] = True
                supply.ask()
        waited_for = [index for index, item in enumerate(row) if item is _MISSING]
        while waited_for:
            chosen = await select(*(supplies[index].rx for index in waited_for), biased=True)
            index = waited_for[chosen.index]
            try:
                row[index] = chosen.value
            except BaseException as error:
                if not isinstance(error, Closed) or not ended(supplies[index].rx):
                    self._end()
                    for other in supplies:
                        other.stop()
                    raise
                if not self._is_longest:
                    self._end()
                    raise StopAsyncIteration from None
                row[index] = _ENDED
            del waited_for[chosen.index]
        if self._is_longest and all(item is _ENDED for item in row):
            self._end()
            raise StopAsyncIteration
        self._row = [_ENDED if item is _ENDED else _MISSING for item in row]
        self._asked = [item is _ENDED for item in row]
        return tuple(self._fill if item is _ENDED else item for item in row)

    def _end(self) -> None:
        """Gives back to channels what no row will take."""
        self._is_over = True
        for index, supply in enumerate(self._supplies):
            item = self._row[index]
            if isinstance(supply, Direct) and item is not _MISSING and item is not _ENDED:
                self._row[index] = _MISSING
                supply.rx.unget(item)

    def rest(self) -> list[AsyncIterator[T]]:
        """Ends this, and gives for each source what no row has taken."""
        self._end()
        rests: list[AsyncIterator[T]] = []
        for supply, item, asked in zip(self._supplies, self._row, self._asked):
            held = [] if item is _MISSING or item is _ENDED else [item]
            rests.append(_Rest(supply, held, asked and not held))
        self._supplies = []
        self._row = []
        return rests

    async def aclose(self) -> None:
        """Closes the sources; what was taken from channels goes back."""
        self._end()
        supplies, self._supplies, self._row = self._supplies, [], []
        for supply in supplies:
            await supply.aclose()

    def __del__(self) -> None:
        self._end()


class _Rest(Generic[T]):
    """What is left of a source, beginning with an item that was pulled already."""

    __slots__ = ("_held", "_is_asked", "_supply")

    def __init__(self, supply: Supply[T] | Direct[T], held: list[T], is_asked: bool) -> None:
        self._supply = supply
        self._held = held
        self._is_asked = is_asked

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._held:
            return self._held.pop()
        if not self._is_asked:
            self._is_asked = True
            self._supply.ask()
        rx = self._supply.rx
        try:
            item: T = await rx.get()
        except Closed:
            if ended(rx):
                raise StopAsyncIteration from None
            raise
        self._is_asked = False
        return item

    async def aclose(self) -> None:
        """Closes the source."""
        self._held.clear()
        await self._supply.aclose()
