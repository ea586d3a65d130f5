"""One stream for several consumers, each item for exactly one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from ._sources import Source
from ._supply import Exclusive, supply_of

T = TypeVar("T")


class SharedItems(Generic[T]):
    """What one consumer gets."""

    __slots__ = ("_exclusive",)

    def __init__(self, exclusive: Exclusive[T]) -> None:
        self._exclusive: Exclusive[T] | None = exclusive
        exclusive.users += 1

    def another(self) -> SharedItems[T]:
        """Another consumer of the same source."""
        if self._exclusive is None:
            raise ValueError("this consumer was closed")
        return SharedItems(self._exclusive)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._exclusive is None:
            raise StopAsyncIteration
        return await self._exclusive.take()

    async def aclose(self) -> None:
        """Leaves; the last consumer closes the source."""
        exclusive, self._exclusive = self._exclusive, None
        if exclusive is not None:
            exclusive.users -= 1
            if not exclusive.users:
                await exclusive.aclose()

    def __del__(self) -> None:
        # Nobody may be left then to close the source, but what supplies it is collected with the last consumer.
        if self._exclusive is not None:
            self._exclusive.users -= 1


def shared_items(source: Source[T]) -> SharedItems[T]:
    """What the first consumer of a source gets."""
    return SharedItems(Exclusive(supply_of(source)))
