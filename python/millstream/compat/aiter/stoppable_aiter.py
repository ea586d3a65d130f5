"""An iterator that can be stopped from outside."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import TypeVar

from ... import _core
from ..._streams._gate import Rest
from ..._streams._supply import Exclusive, Supply
from ._source import Kept, Safe

__all__ = ["stoppable_aiter"]

T = TypeVar("T")


class stoppable_aiter(AsyncIterator[T], Safe):
    """The items of an iterator until `stop` is called, for one task or several."""

    def __init__(self, aiter: AsyncIterable[T]) -> None:
        self._exclusive = Exclusive(Supply(Kept(aiter)))
        self._stop: _core.Chan[None] = _core.rendezvous()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._stop.is_closed():
            raise StopAsyncIteration
        return await self._exclusive.take(self._stop)

    def stop(self) -> None:
        """Ends the iteration now, from whatever thread, and wakes those that wait."""
        self._stop.close()

    def rest(self) -> AsyncIterator[T]:
        """What was not yielded before the stop: an item that was on its way then, and whatever the source still has."""
        return Rest(self._exclusive)
