"""Items with the same key that follow each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from ._sequence import MISSING, Operator
from ._sources import TURN, call

T = TypeVar("T")


class Runs(Operator[T, "tuple[Any, list[T]]"]):
    """One key and its items for each run; the run before an error comes before that."""

    __slots__ = ("_error", "_is_over", "_item", "_items", "_key", "_key_of")

    def __init__(self, source: AsyncIterator[T], key: Callable[[T], Any]) -> None:
        super().__init__(source)
        self._key_of = key
        self._key: Any = MISSING
        self._items: list[T] = []
        # What was pulled and has no key yet: a wait for an async key function can be cancelled.
        self._item: Any = MISSING
        self._is_over = False
        self._error: BaseException | None = None

    async def __anext__(self) -> tuple[Any, list[T]]:
        left = TURN
        while not self._is_over:
            left -= 1
            if not left:
                left = TURN
                await asyncio.sleep(0)
            try:
                if self._item is MISSING:
                    self._item = await self._source.__anext__()
                key = await call(self._key_of, self._item)
            except StopAsyncIteration:
                self._is_over = True
                break
            except Exception as error:
                self._is_over = True
                self._error = error
                break
            item, self._item = self._item, MISSING
            if self._key is MISSING or self._key == key:
                self._key = key
                self._items.append(item)
                continue
            run = (self._key, self._items)
            self._key, self._items = key, [item]
            return run
        if self._items:
            run = (self._key, self._items)
            self._items = []
            return run
        failed, self._error = self._error, None
        if failed is not None:
            raise failed
        raise StopAsyncIteration
