"""Channels that time closes or fills."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..._errors import Closed
from ._base import new_chan

if TYPE_CHECKING:
    from .channel import Chan

__all__ = ["tick_tock", "timeout"]


def timeout(seconds: float, loop: asyncio.AbstractEventLoop | None = None) -> Chan[Any]:
    """A channel that is closed after ``seconds``.

    :param loop: the event loop that keeps the time, by default the running one.
    """
    chan = new_chan(loop=loop)
    close = chan._core.close
    asked = time.monotonic()
    is_late = False

    def begin(loop: asyncio.AbstractEventLoop) -> None:
        # On a loop from the first, only the loop's time counts, which need not go by the clock.
        passed = time.monotonic() - asked if is_late else 0
        loop.call_later(max(seconds - passed, 0), close)

    _with_loop(chan, begin)
    is_late = True
    return chan  # type: ignore[no-any-return]


def tick_tock(
    seconds: float, start_at: float | None = None, loop: asyncio.AbstractEventLoop | None = None
) -> Chan[Any]:
    """A channel that gives ``(n, time)`` every ``seconds``, ``n`` counting from 1 and ``time`` being the loop's.

    The times do not drift. Of ticks that nobody has taken yet, the newest is kept. It ends when the channel is closed
    or nobody holds it any more.

    :param start_at: when the first tick comes, in the loop's time; by default after ``seconds``.
    :param loop: the event loop that keeps the time, by default the running one.
    """
    chan = new_chan("s", 1, loop=loop)
    put = chan._core.sender().put_nowait
    count = 0

    def begin(loop: asyncio.AbstractEventLoop) -> None:
        start = loop.time() + seconds if start_at is None else start_at

        def tick() -> None:
            nonlocal count
            count += 1
            try:
                put((count, loop.time()))
            except Closed:
                return
            loop.call_at(start + seconds * count, tick)

        loop.call_at(start, tick)

    _with_loop(chan, begin)
    return chan  # type: ignore[no-any-return]


def _with_loop(chan: Any, begin: Callable[[asyncio.AbstractEventLoop], None]) -> None:
    """Calls ``begin`` with the channel's loop, on it; if there is none yet, as soon as the channel is used on one."""
    running = asyncio._get_running_loop()
    loop = chan._loop or running
    if loop is None:
        chan._starters = [begin]
    elif loop is running or not loop.is_running():
        begin(loop)
    else:
        loop.call_soon_threadsafe(begin, loop)
