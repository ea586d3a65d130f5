"""Tasks that belong to a stream: held while they run, cancelled when nobody wants the stream any more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from .._core import Chan, rendezvous
from ._sources import close

_held: set[Tasks] = set()
# An event loop refers to its tasks only weakly. Without this set, tasks that wait for something which nobody else refers
# to would be collected in the midst of their work.


class Place:
    """What one task is doing: whether it has begun, and whether it holds an item that nobody else has."""

    __slots__ = ("has_begun", "holds", "source")

    def __init__(self, source: object = None) -> None:
        # What the task closes in the end, if it comes to begin.
        self.source = source
        self.has_begun = False
        self.holds = False


class Tasks:
    """The tasks of one stream, together with those that they start themselves.

    A task runs in the context of whoever starts it, that is of the first who asks the stream for an item. It refers to
    this object and never to the stream, so that a stream which nobody refers to is collected and its `Owner` with it.
    """

    __slots__ = ("_ended", "_places", "_unclosed", "is_over")

    def __init__(self) -> None:
        self._places: dict[asyncio.Task[None], Place] = {}
        self._ended: Chan[None] | None = None
        self._unclosed: list[object] = []
        self.is_over = False

    def start(self, work: Coroutine[Any, Any, None], place: Place | None = None) -> None:
        """Starts a task on the running loop, unless all is over; raises `RuntimeError` where none runs."""
        place = Place() if place is None else place
        if self.is_over:
            work.close()
            self._unclosed.append(place.source)
            return
        try:
            task = asyncio.get_running_loop().create_task(work)
        except BaseException:
            work.close()
            raise
        if task.done():  # An eager task can be.
            return
        if not self._places:
            _held.add(self)
        self._places[task] = place
        task.add_done_callback(self._forget)
        if self.is_over and not place.holds:
            task.cancel()

    def _forget(self, task: asyncio.Task[None]) -> None:
        place = self._places.pop(task)
        if not place.has_begun:
            self._unclosed.append(place.source)
        if not task.cancelled():
            task.exception()  # It was handed on to whoever consumes the stream, and need not be logged.
        if not self._places:
            _held.discard(self)
            if self._ended is not None:
                self._ended.close()

    def cancel(self) -> None:
        """Cancels all tasks, from whatever thread; none can be started any more."""
        self.is_over = True
        self._cancel(list(self._places))

    def fail(self) -> None:
        """Cancels the tasks that hold no item: the stream has failed, but what was pulled before that still comes."""
        self.is_over = True
        mine = None if _running_loop() is None else asyncio.current_task()
        self._cancel([task for task, place in self._places.items() if not place.holds and task is not mine])

    def _cancel(self, tasks: list[asyncio.Task[None]]) -> None:
        here = _running_loop()
        for task in tasks:
            loop = task.get_loop()
            if loop is here:
                task.cancel()
            else:
                with suppress(RuntimeError):  # The loop is closed, and its tasks never go on.
                    loop.call_soon_threadsafe(task.cancel)

    async def aclose(self) -> None:
        """Cancels all tasks, waits until they have ended, and closes the sources of those that had not begun."""
        self.cancel()
        await self.wait()
        while self._unclosed:
            await close(self._unclosed.pop())

    async def wait(self) -> None:
        """Waits until all tasks have ended."""
        waited_for = [task for task in self._places if not task.get_loop().is_closed()]
        if waited_for and asyncio.current_task() not in self._places:
            if self._ended is None:
                self._ended = rendezvous()
            await self._ended.closed()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Owner:
    """Held by the stream alone: when it is collected, the tasks are cancelled."""

    __slots__ = ("tasks",)

    def __init__(self) -> None:
        self.tasks = Tasks()

    def __del__(self) -> None:
        self.tasks.cancel()
