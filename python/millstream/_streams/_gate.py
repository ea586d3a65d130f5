"""A gate that lets as many items pass as it was told to, and a stop from outside."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Generic, TypeVar

from .._core import Chan, Receiver, Sender, pair
from .._errors import Closed, Full
from ._sources import Source, close
from ._supply import Exclusive, supply_of

T = TypeVar("T")


class _Credit:
    """How many items may pass that the gate does not know of yet; keepers may be in any thread."""

    __slots__ = ("_count", "_lock")

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def add(self, items: int) -> None:
        with self._lock:
            self._count += items

    def take(self) -> int:
        with self._lock:
            count, self._count = self._count, 0
        return count


class GateKeeper:
    """Opens a gate; made by `Stream.gate`. When nobody refers to it any more, the gate is stopped."""

    __slots__ = ("__weakref__", "_bell", "_credit")

    def __init__(self, credit: _Credit, bell: Sender[None]) -> None:
        self._credit = credit
        self._bell = bell

    def admit(self, items: int = 1) -> bool:
        """Lets `items` more pass, from whatever thread; admissions add up. False if the gate was stopped before.

        Raises `ValueError` for a negative number.
        """
        if items < 0:
            raise ValueError("a gate cannot admit a negative number of items")
        if self._bell.is_closed():
            return False
        self._credit.add(items)
        with suppress(Full, Closed):  # It rings already; or it was stopped in this moment, and still looks.
            self._bell.put_nowait(None)
        return True

    def stop(self) -> bool:
        """Ends the gated stream after what was admitted; False if it was stopped before."""
        return self._bell.close()


class Gated(Generic[T]):
    """As many items as were admitted. None is asked for before it may pass, so none is held back."""

    __slots__ = ("_bell", "_credit", "_left", "_source")

    def __init__(self, source: AsyncIterator[T], credit: _Credit, bell: Receiver[None]) -> None:
        self._source = source
        self._credit = credit
        self._bell = bell
        self._left = 0

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while not self._left:
            try:
                await self._bell.get()
            except Closed:
                self._left = self._credit.take()
                if not self._left:
                    raise StopAsyncIteration from None
            else:
                self._left = self._credit.take()
        item = await self._source.__anext__()
        self._left -= 1
        return item

    async def aclose(self) -> None:
        """Closes the source."""
        self._bell.close()
        self._bell.drain()
        self._credit.take()
        self._left = 0
        await close(self._source)


class Stopper:
    """Stops a stream; made by `Stream.stoppable`. A stopper that nobody refers to any more does not stop it."""

    __slots__ = ("__weakref__", "_stop")

    def __init__(self, stop: Chan[None]) -> None:
        self._stop = stop

    def stop(self) -> bool:
        """Ends the stream now, from whatever thread, and wakes whoever waits for it; False if it was stopped before."""
        return self._stop.close()

    def is_stopped(self) -> bool:
        """Whether the stream was stopped."""
        return self._stop.is_closed()


class StoppableItems(Generic[T]):
    """The items until the stop. They are pulled in a task, so that the source survives the stop."""

    __slots__ = ("_exclusive", "_stop")

    def __init__(self, source: Source[T], stop: Chan[None]) -> None:
        self._exclusive = Exclusive(supply_of(source))
        self._stop = stop

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._stop.is_closed():
            raise StopAsyncIteration
        return await self._exclusive.take(self._stop)

    def rest(self) -> Rest[T]:
        """What was not yielded before the stop."""
        return Rest(self._exclusive)

    async def aclose(self) -> None:
        """Closes the source."""
        self._stop.close()
        await self._exclusive.aclose()


class Rest(Generic[T]):
    """What is left of a source that was stopped."""

    __slots__ = ("_exclusive",)

    def __init__(self, exclusive: Exclusive[T]) -> None:
        self._exclusive = exclusive

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        return await self._exclusive.take()

    async def aclose(self) -> None:
        """Closes the source."""
        await self._exclusive.aclose()


def gated(source: AsyncIterator[T]) -> tuple[Gated[T], GateKeeper]:
    """A gate and its keeper."""
    credit = _Credit()
    keeper_bell, gate_bell = pair(1)
    return Gated(source, credit, gate_bell), GateKeeper(credit, keeper_bell)
