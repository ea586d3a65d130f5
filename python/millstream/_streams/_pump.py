"""Items moved by tasks from their sources into a channel, for operators that have several sources or run ahead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from .._core import Receiver, Sender, pair
from ._sources import close
from ._tasks import Owner, Place, Tasks

T = TypeVar("T")

Work = Callable[[Tasks, "Sender[Any]", Place], Coroutine[Any, Any, None]]
"""What a task does with its end of the channel."""


def move(source: AsyncIterator[T]) -> Work:
    """The work of moving all items of a source into the channel."""

    async def work(tasks: Tasks, tx: Sender[T], place: Place) -> None:
        put = tx.put
        async for item in source:
            place.holds = True
            await put(item)
            place.holds = False
            if tasks.is_over:
                break

    return work


async def run(work: Work, tasks: Tasks, tx: Sender[Any], place: Place) -> None:
    """Does the work, then closes the source; whatever goes wrong is the error of the channel.

    The channel gets to its end when all who put into it have ended.
    """
    place.has_begun = True
    try:
        try:
            await work(tasks, tx, place)
        finally:
            await close(place.source)
    except BaseException as error:
        # If putting is what failed, nobody wants items any more: the channel is closed, and this changes nothing.
        tx.close(error=error)
        tasks.fail()
        if not isinstance(error, Exception):
            raise
    finally:
        tx.detach()


class Pumped(Generic[T]):
    """The items that tasks put into a channel, one task for each source, as an iterator that owns the tasks.

    The tasks start when the first item is asked for. They end with their sources, with the first error, and when this is
    closed or collected; the sources are closed then. Cancelling whoever waits for an item loses nothing.
    """

    __slots__ = ("_capacity", "_next", "_owner", "_rx", "_works")

    def __init__(self, works: Sequence[tuple[AsyncIterator[Any], Work]], capacity: int) -> None:
        self._works = works
        self._capacity = capacity
        self._owner = Owner()
        self._rx: Receiver[T] | None = None
        self._next: Callable[[], Awaitable[T]] | None = None

    def start(self) -> Receiver[T]:
        """Starts the tasks, unless they were."""
        if self._rx is not None:
            return self._rx
        tx: Sender[T]
        tx, self._rx = pair(self._capacity)
        works, self._works = self._works, ()
        for source, work in works:
            place = Place(source)
            tasks = self._owner.tasks
            tasks.start(run(work, tasks, tx.clone(), place), place)
        tx.detach()
        self._next = self._rx.__aiter__().__anext__
        return self._rx

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        if self._next is None:
            self.start()
            assert self._next is not None
        return self._next()

    async def aclose(self) -> None:
        """Ends the tasks, waits for them, closes the sources and drops what was pulled ahead."""
        works, self._works = self._works, ()
        rx = self.start()
        rx.close()
        await self._owner.tasks.aclose()
        rx.drain()
        for source, _ in works:
            await close(source)
