"""An iterator that is read ahead of its consumer by so many items."""

from __future__ import annotations

import operator
from collections.abc import AsyncGenerator, AsyncIterable
from typing import TypeVar

from ..._streams._supply import Exclusive, Supply
from ._source import Kept, Safe
from ._stage import Stage

__all__ = ["preload_aiter"]

T = TypeVar("T")


class Preloaded(Stage[T], Safe):
    """The items of a source, of which so many are pulled ahead."""

    def __init__(self, size: int, source: AsyncIterable[T]) -> None:
        self._size = size
        self._supply = Supply(Kept(source))
        self._exclusive = Exclusive(self._supply)

    async def _pull(self) -> T:
        size, self._size = self._size, 0
        for _ in range(size):
            self._supply.ask()
        return await self._exclusive.take()

    async def _release(self) -> None:
        await self._exclusive.aclose()


def preload_aiter(preload_size: int, aiter: AsyncIterable[T]) -> AsyncGenerator[T, None]:
    """Yields the items of `aiter`, pulling `preload_size` of them ahead from the first on; 0 passes them through.

    An error of the source comes after the items before it. The task that pulls ends with the source, with `aclose`, and
    when nobody refers to the iterator any more.
    """
    return Preloaded(operator.index(preload_size), aiter)
