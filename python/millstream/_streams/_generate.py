"""A stream written as an async function that emits its items, from wherever in its calls it likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

from .._core import Receiver, Sender, pair
from .._errors import Closed
from ._pump import Work, run
from ._supply import ended
from ._tasks import Owner, Place, Tasks

T = TypeVar("T")

Emit = Callable[[T], Awaitable[None]]
"""Hands out an item, and waits until the one after it is wanted."""


class Generated(Generic[T]):
    """What a function emits. It runs in a task that begins with the first wish for an item, up to the next item."""

    __slots__ = ("_block", "_is_wished", "_owner", "_rx", "_wishes")

    def __init__(self, block: Callable[[Emit[T]], Awaitable[object]]) -> None:
        self._block = block
        self._owner = Owner()
        self._wishes: Sender[None] | None = None
        self._rx: Receiver[T]
        self._is_wished = False

    def _start(self) -> Sender[None]:
        wishes: Receiver[None]
        self._wishes, wishes = pair(None)
        tx: Sender[T]
        # There is never more than what was wished for.
        tx, self._rx = pair(0)
        place = Place()
        tasks = self._owner.tasks
        tasks.start(run(_emit(self._block, wishes), tasks, tx, place), place)
        return self._wishes

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        wishes = self._wishes or self._start()
        if not self._is_wished:
            self._is_wished = True
            if not wishes.is_closed():
                wishes.put_nowait(None)
        try:
            item: T = await self._rx.get()
        except Closed:
            if ended(self._rx):
                raise StopAsyncIteration from None
            raise
        self._is_wished = False
        return item

    async def aclose(self) -> None:
        """Cancels the function where it stands, and waits for it."""
        if self._wishes is None:
            self._start()
        self._rx.close()
        await self._owner.tasks.aclose()


def _emit(block: Callable[[Emit[Any]], Awaitable[object]], wishes: Receiver[None]) -> Work:
    async def work(tasks: Tasks, tx: Sender[Any], place: Place) -> None:
        async def emit(item: Any) -> None:
            await tx.put(item)
            await wishes.get()

        await wishes.get()
        await block(emit)

    return work
