"""Event loops for demonstrations, whose waiting takes little or no time.

A program is shown as its author wrote it, with sleeps of a second; nobody wants to sit through them.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Mapping
from typing import Any

Ready = list[tuple[selectors.SelectorKey, int]]


class _Selector(selectors.BaseSelector):
    """A selector that waits in some other way; everything else is done by a real one."""

    def __init__(self, wait: Callable[[selectors.BaseSelector, float | None], Ready]) -> None:
        self._real = selectors.DefaultSelector()
        self._wait = wait

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> Ready:
        return self._wait(self._real, timeout)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class LeapingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock leaps to the next timer when there is nothing to do.

    So what happens when is the same every time, on however busy a machine. It is for programs that are all within their
    loop: whatever comes from another thread or a socket would come late.
    """

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self._leap))

    def time(self) -> float:
        return self._now

    def _leap(self, real: selectors.BaseSelector, timeout: float | None) -> Ready:
        if timeout is None or timeout <= 0:
            return real.select(timeout)
        ready = real.select(0)
        if not ready:
            self._now += timeout
        return ready


class HastyLoop(asyncio.SelectorEventLoop):
    """A loop whose clock runs so many times as fast as the real one."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        super().__init__(_Selector(self._hurry))
        # What a callback takes is of our time, and debug mode would complain of it in the loop's.
        self.slow_callback_duration *= speed

    def time(self) -> float:
        return time.monotonic() * self._speed

    def _hurry(self, real: selectors.BaseSelector, timeout: float | None) -> Ready:
        return real.select(timeout if timeout is None else timeout / self._speed)
