"""From a plain iterator to an async one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import TypeVar

from ..._streams._sources import TURN
from ._source import Safe
from ._stage import Stage

__all__ = ["iter_to_aiter"]

T = TypeVar("T")


async def give_way() -> None:
    """Lets the siblings have a turn."""
    await asyncio.sleep(0)


class Iterated(Stage[T], Safe):
    """The items of an iterator, with a turn for the siblings now and then."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items: Iterator[T] | None = None
        self._iterable: Iterable[T] | None = items
        self._left = TURN

    async def _pull(self) -> T:
        self._left -= 1
        if not self._left:
            self._left = TURN
            await give_way()
        if self._items is None:
            assert self._iterable is not None
            self._items = iter(self._iterable)
            self._iterable = None
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None


def iter_to_aiter(iter: Iterable[T]) -> AsyncGenerator[T, None]:
    """Yields the items of a plain iterable.

    Sibling tasks get a turn after every hundred items or so. An iterator that blocks blocks the event loop.
    """
    return Iterated(iter)
