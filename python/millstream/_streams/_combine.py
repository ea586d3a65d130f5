"""The latest items of several sources, anew whenever one of them has another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from .._core import Sender
from ._pump import Pumped, Work
from ._sources import Source, iterator_of
from ._tasks import Place, Tasks

T = TypeVar("T")

_MISSING: Any = object()
_ENDED: Any = object()


def _numbered(index: int, source: AsyncIterator[Any]) -> Work:
    """The work of moving the items of a source with its number, and in the end the news of the end."""

    async def work(tasks: Tasks, tx: Sender[tuple[int, Any]], place: Place) -> None:
        async for item in source:
            place.holds = True
            await tx.put((index, item))
            place.holds = False
            if tasks.is_over:
                return
        place.holds = True
        await tx.put((index, _ENDED))
        place.holds = False

    return work


class Combined(Generic[T]):
    """One row for each item of any source, once each source has had one, or from the first on."""

    __slots__ = ("_pumped", "_row")

    def __init__(self, sources: tuple[Source[T], ...], missing: Any = _MISSING) -> None:
        iterators = [iterator_of(source) for source in sources]
        self._pumped: Pumped[tuple[int, T]] = Pumped(
            [(source, _numbered(index, source)) for index, source in enumerate(iterators)], 0
        )
        self._row: list[Any] = [missing] * len(iterators)

    def __aiter__(self) -> AsyncIterator[tuple[T, ...]]:
        return self

    async def __anext__(self) -> tuple[T, ...]:
        row = self._row
        while True:
            index, item = await self._pumped.__anext__()
            if item is not _ENDED:
                row[index] = item
                if all(latest is not _MISSING for latest in row):
                    return tuple(row)
            elif row[index] is _MISSING:
                await self.aclose()

    async def aclose(self) -> None:
        """Closes the sources."""
        await self._pumped.aclose()
