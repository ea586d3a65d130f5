"""Channels whose values are times: once after a delay, again and again, or never, only to close."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Literal, NamedTuple

from . import _core
from ._background import Watch
from ._errors import Closed, Full

__all__ = ["Tick", "after", "tick", "timeout"]


class Tick(NamedTuple):
    """One tick: how many were due before it, taken or not, and when it was due, by the loop's clock."""

    number: int
    due: float


class _Timer:
    """A timer of the loop that puts into a channel until that takes no more; no task is needed for it."""

    def __init__(self, sender: _core.Sender[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.sender = sender
        self.loop = loop
        self._handle: asyncio.TimerHandle | None = None
        self._watch = Watch(sender, loop, self.stop)

    def at(self, when: float) -> None:
        """Has `fire` called at a time by the loop's clock; never, if that is infinitely far away."""
        if when < math.inf:
            self._handle = self.loop.call_at(when, self.fire)

    def fire(self) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it: the channel is let go of, which closes it."""
        self._watch.stop()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self.sender.detach()


class _After(_Timer):
    def fire(self) -> None:
        _put(self.sender, self.loop.time())
        self.stop()


class _Ticks(_Timer):
    def __init__(
        self, sender: _core.Sender[Tick], loop: asyncio.AbstractEventLoop, start: float, period: float
    ) -> None:
        super().__init__(sender, loop)
        self._start = start
        self._period = period
        self._number = 0
        self.at(start)

    def fire(self) -> None:
        # Woken late, it is not this tick that is due but the newest one that is.
        passed = math.floor((self.loop.time() - self._start) / self._period)
        self._number = max(self._number, passed)
        _put(self.sender, Tick(self._number, self._due()))
        self._number += 1
        self.at(self._due())

    def _due(self) -> float:
        return self._start + self._number * self._period


def _put(sender: _core.Sender[Any], value: Any) -> None:
    try:
        sender.put_nowait(value)
    except (Full, Closed):
        # Nobody waits for a tick that is skipped if it is late; or nobody is left, which the watch sees to.
        pass


def _checked(seconds: float, what: str) -> float:
    if math.isnan(seconds) or seconds == -math.inf:
        raise ValueError(f"{what} must be a number of seconds, and is {seconds}")
    return seconds


def after(delay: float) -> _core.Receiver[float]:
    """A receiver of one value after `delay` seconds, the time by the loop's clock; then it is closed.

    The delay counts from this call; an infinite one never ends. Closing the receiver, or letting go of it, stops the
    timer. For a limit on one `select` its own ``timeout=`` is simpler; this is for a limit on a whole conversation.
    Raises `RuntimeError` without a running loop, `ValueError` for not-a-number.

        chosen = await ms.select(messages, time_is_up)  # with time_is_up = ms.after(5), made once
    """
    loop = asyncio.get_running_loop()
    sender: _core.Sender[float]
    sender, receiver = _core.pair(1)
    _After(sender, loop).at(loop.time() + _checked(delay, "a delay"))
    return receiver


def timeout(delay: float) -> _core.Receiver[Any]:
    """A receiver that gets no value and is closed after `delay` seconds.

    Everything else is as for `after`. Use it where the end of a channel is what matters: as an arm of a `select` that
    ends a loop, or beside others in a merge. The idea is aiochan's `timeout`.

        limit = ms.timeout(5)
    """
    loop = asyncio.get_running_loop()
    sender: _core.Sender[Any]
    sender, receiver = _core.pair(0)
    _Timer(sender, loop).at(loop.time() + _checked(delay, "a delay"))
    return receiver


def tick(
    period: float, *, start_at: float | None = None, late: Literal["coalesce", "skip"] = "coalesce"
) -> _core.Receiver[Tick]:
    """A receiver of ticks, one every `period` seconds by the loop's clock, the first one period from now.

    `start_at` is the time of the first tick instead. A tick is due at the start and so many periods, however late those
    before it came: the rhythm does not drift, and ticks that the loop was too busy for are counted and not made up for.
    There is never a backlog: the newest tick waits for a consumer that comes late and stands for those before it; with
    ``late="skip"`` a tick that finds nobody waiting is skipped. Closing the receiver, or letting go of it, stops the
    ticking. Raises `ValueError` for a period that is not above zero, `RuntimeError` without a running loop.

    The idea is aiochan's `tick_tock`, whose unread ticks pile up.

        async for number, due in ms.tick(0.5): ...
    """
    if not period > 0:
        raise ValueError(f"a period must be above zero, and is {period}")
    if late not in ("coalesce", "skip"):
        raise ValueError(f"late must be 'coalesce' or 'skip', not {late!r}")
    loop = asyncio.get_running_loop()
    sender: _core.Sender[Tick]
    receiver: _core.Receiver[Tick]
    if late == "coalesce":
        whole: _core.Chan[Tick] = _core.sliding(1)
        sender, receiver = whole.split()
    else:
        sender, receiver = _core.pair(0)
    start = loop.time() + period if start_at is None else _checked(start_at, "the start")
    _Ticks(sender, loop, start, period)
    return receiver
