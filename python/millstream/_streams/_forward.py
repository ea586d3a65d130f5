"""A stream put into a channel that others share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from .._core import Chan, Sender, dropping
from .._errors import Closed
from ._sources import TURN
from ._tasks import Owner, Place, Tasks

T = TypeVar("T")


class _Forwarding:
    """What has come of a forward so far."""

    __slots__ = ("count", "error", "is_done")

    def __init__(self) -> None:
        self.count = 0
        self.error: BaseException | None = None
        self.is_done = False


async def forward(source: AsyncIterator[T], chan: Chan[T] | Sender[T], is_closing: bool) -> int:
    """Puts the items of a stream into a channel until either ends.

    A task does it, which the end of the channel cancels: so this does not wait for a stream that has nothing.
    """
    if chan.is_closed():
        raise _refusal(chan)
    owner = Owner()
    tasks = owner.tasks
    result = _Forwarding()
    place = Place()
    tasks.start(_move(source, chan, result, tasks, place), place)
    closed = chan.closed()
    # A put that waits for room is good although the channel is closed.
    if closed.start(lambda _: tasks.fail()):
        tasks.fail()
    try:
        await tasks.wait()
    finally:
        closed.cancel()
        await tasks.aclose()
    error = result.error
    if not result.is_done and (error is None or isinstance(error, asyncio.CancelledError)) and chan.is_closed():
        error = _refusal(chan)
    if is_closing:
        chan.close(error=error)
    if error is not None:
        raise error
    return result.count


async def _move(
    source: AsyncIterator[T], chan: Chan[T] | Sender[T], result: _Forwarding, tasks: Tasks, place: Place
) -> None:
    bell: Chan[None] = dropping(1)
    left = TURN
    try:
        async for item in source:
            place.holds = True
            # A put that was started waits by itself: when this is cancelled, the item stays in line.
            put = chan.put(item)
            if not put.start(lambda _: bell.put_nowait(None)):
                await bell.get()
            put.result()
            result.count += 1
            place.holds = False
            if tasks.is_over:
                return
            left -= 1
            if not left:
                left = TURN
                await asyncio.sleep(0)
        result.is_done = True
    except BaseException as error:
        result.error = error
        if not isinstance(error, Exception):
            raise


def _refusal(chan: Chan[Any] | Sender[Any]) -> BaseException:
    """What putting into a closed channel raises."""
    try:
        chan.put_nowait(None)
    except Exception as error:
        return error
    return Closed()
