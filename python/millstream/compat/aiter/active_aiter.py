"""An iterator that is read as fast as its items come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from typing import TypeVar

from ... import _core
from ..._streams._tasks import Owner
from ._source import Kept, Safe
from ._stage import Stage
from .iter_to_aiter import give_way

__all__ = ["active_aiter"]

T = TypeVar("T")

BACKLOG = 64
"""From how many items on the puller gives way after each, so that a consumer which keeps up is never left behind."""


class Active(Stage[T], Safe):
    """The items of a source that a task pulls without being asked."""

    def __init__(self, source: AsyncIterable[T]) -> None:
        self._source: Kept[T] | None = Kept(source)
        self._owner = Owner()
        self._tx: _core.Sender[T]
        self._rx: _core.Receiver[T]
        self._tx, self._rx = _core.pair(None)
        self._next = self._rx.__aiter__().__anext__

    async def _pull(self) -> T:
        source, self._source = self._source, None
        if source is not None:
            self._owner.tasks.start(_pull_all(source, self._tx))
            del self._tx
        return await self._next()

    async def _release(self) -> None:
        self._rx.close()
        await self._owner.tasks.aclose()
        self._rx.drain()


async def _pull_all(source: Kept[T], tx: _core.Sender[T]) -> None:
    """Moves all items of a source into a channel, and then its error or its end."""
    count = 0
    try:
        async for item in source:
            tx.put_nowait(item)
            count += 1
            if count >= BACKLOG:
                await give_way()
    except BaseException as error:
        tx.close(error)
        if not isinstance(error, Exception):
            raise
    else:
        tx.close()


def active_aiter(aiter: AsyncIterable[T]) -> AsyncGenerator[T, None]:
    """Yields the items of `aiter`, which a task pulls as soon as they are there, however many pile up.

    The task starts with the first item that is asked for, gives its siblings a turn whenever it has pulled much in a
    row, and ends with the source, with `aclose`, and when nobody refers to the iterator any more. An error of the
    source comes after the items before it.
    """
    return Active(aiter)
