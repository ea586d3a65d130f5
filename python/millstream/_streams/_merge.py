"""Several sources merged into one stream, in whatever order their items come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from .._core import Chan, Receiver, Sender, bounded, select
from .._errors import Closed
from ._merging import Merging
from ._pump import Pumped, move, run
from ._sources import TURN, Source, iterator_of
from ._supply import ended
from ._tasks import Place, Tasks

T = TypeVar("T")


def merged(sources: tuple[Source[T], ...], ahead: int) -> AsyncIterator[T]:
    """The items of all sources; channels are read from directly, everything else by tasks."""
    if ahead < 0:
        raise ValueError("ahead must not be negative")
    channels: list[Chan[T] | Receiver[T]] = []
    others: list[AsyncIterator[T]] = []
    for source in sources:
        if isinstance(source, (Chan, Receiver)):
            channels.append(source)
        else:
            others.append(iterator_of(source))
    if not channels:
        return Merging(others, ahead)
    return _Channels(channels, Pumped([(source, move(source)) for source in others], 0) if others else None)


class _Channels(Generic[T]):
    """Items taken from channels in turn, none before it is asked for."""

    __slots__ = ("_channels", "_has_started", "_left", "_pumped")

    def __init__(self, channels: list[Chan[T] | Receiver[T]], pumped: Pumped[T] | None) -> None:
        self._channels = channels
        self._pumped = pumped
        self._has_started = False
        self._left = TURN

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        channels = self._channels
        if self._pumped is not None and not self._has_started:
            self._has_started = True
            channels.append(self._pumped.start())
        self._left -= 1
        if not self._left:
            self._left = TURN
            await asyncio.sleep(0)
        while channels:
            chosen = await select(*channels, biased=True)
            chan = channels[chosen.index]
            try:
                item: T = chosen.value
            except Closed:
                if not ended(chan):
                    raise
                del channels[chosen.index]
                continue
            # One that had an item goes behind all others.
            channels.append(channels.pop(chosen.index))
            return item
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Closes what is not a channel, and lets go of the channels."""
        self._channels = []
        if self._pumped is not None:
            await self._pumped.aclose()


def merged_all(sources: AsyncIterator[Source[T]], at_once: int) -> Pumped[T]:
    """The items of a stream's sources, of which at most `at_once` are open at a time."""
    if at_once < 1:
        raise ValueError("at_once must be at least 1")

    async def inner(source: AsyncIterator[T], places: Chan[None], tasks: Tasks, tx: Sender[T], place: Place) -> None:
        await run(move(source), tasks, tx, place)
        places.get_nowait()

    async def outer(tasks: Tasks, tx: Sender[Any], place: Place) -> None:
        places: Chan[None] = bounded(at_once)
        while True:
            await places.put(None)
            try:
                source = await sources.__anext__()
            except StopAsyncIteration:
                break
            iterator = iterator_of(source)
            inner_place = Place(iterator)
            tasks.start(inner(iterator, places, tasks, tx.clone(), inner_place), inner_place)

    return Pumped([(sources, outer)], 0)
