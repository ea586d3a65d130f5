"""Keyed partitions: the values of one key keep their order, different keys run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

from .. import _core
from .._background import shown, start
from .._inputs import END, Input, input_of
from .._streams._sources import Source
from ._outlet import Outlet, rings

T = TypeVar("T")


def lanes(
    source: Source[T], n: int, *, key: Callable[[T], Hashable] | None = None, capacity: int = 1
) -> list[_core.Receiver[T]]:
    """Splits a source into `n` lanes by a key: all values of a key go into the same lane, in order.

    The source is a channel, any async iterator or any iterable; without `key` the value is its own key. Each lane keeps
    up to `capacity` values, and one that is full holds the others up. The lanes are fed by a task that starts now on the
    running loop. Which lane a key belongs to depends on its hash and `n` alone.

    The lanes end with the source; an exception of it or of `key` is raised by all of them after what they were sent. If a
    lane's receiver is closed or gone, its keys move to the next lane that is left, so nothing is lost; if all are, the
    source is let go of, and an iterator closed. Cancelled, because the loop is shut down, the task puts a value without a
    place back into a channel, and the lanes get an `Error` that says so.

    Raises `ValueError` for an `n` below 1 or a negative capacity, `RuntimeError` without a running loop.

        for lane in ms.lanes(orders, 4, key=lambda order: order.customer):
            scope.spawn(work(lane))
    """
    if n < 1:
        raise ValueError(f"the number of lanes must be at least 1, not {n}")
    if capacity < 0:
        raise ValueError(f"capacity must not be negative, and is {capacity}")
    pairs: list[tuple[_core.Sender[T], _core.Receiver[T]]] = [_core.pair(capacity) for _ in range(n)]
    _Lanes(input_of(source), key, [sender for sender, _ in pairs])
    return [receiver for _, receiver in pairs]


class _Lanes(Generic[T]):
    """The task that feeds the lanes."""

    def __init__(self, pulled: Input[T], key: Callable[[T], Hashable] | None, senders: list[_core.Sender[T]]) -> None:
        self._input = pulled
        self._key = key
        self._rings = rings()
        self._is_over = False
        self._left = len(senders)
        loop = asyncio.get_running_loop()
        self._outlets = [Outlet(sender, loop, closes=True, gone=self._gone) for sender in senders]
        self._task: asyncio.Task[None] | None = None
        self._task = start(self._run(), self._ended, name="millstream lanes")

    def _gone(self, _: Outlet[T]) -> None:
        self._left -= 1
        if not self._left and self._task is not None:
            self._is_over = True
            self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                value = await self._input.pull()
                if value is END or not await self._place(cast(T, value)):
                    return
        finally:
            await self._input.release()

    async def _place(self, value: T) -> bool:
        """Puts a value into its lane, or the next that is left; puts it back if none is."""
        is_placed = False
        try:
            first = hash(value if self._key is None else self._key(value)) % len(self._outlets)
            for outlet in self._outlets[first:] + self._outlets[:first]:
                if outlet.is_closed:
                    continue
                taken = outlet.offer(value, self._rings)
                if taken is None:
                    try:
                        await self._rings.get()
                    except asyncio.CancelledError:
                        is_placed = not outlet.withdraw() and outlet.settle()
                        raise
                    taken = outlet.settle()
                if taken:
                    is_placed = True
                    break
        finally:
            if not is_placed:
                self._input.give_back(value)
        return is_placed

    def _ended(self, error: BaseException | None) -> None:
        self._input.detach()
        self._task = None
        told = None if self._is_over else shown(error, "the pump of the lanes")
        for outlet in self._outlets:
            outlet.end(told)
