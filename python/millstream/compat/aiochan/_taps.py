"""The channels that all get each value, and the task that gives it to them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from ... import _core
from ..._errors import Closed
from ._base import BaseChan
from ._pump import Pump, Stopped

__all__ = ["Taps"]


class _Tap:
    """One of them. It does not hold the channel, only its sending end."""

    __slots__ = ("chan", "close", "op", "sender", "watch")

    def __init__(self, chan: BaseChan[Any], close: bool) -> None:
        self.chan = weakref.ref(chan)
        self.close = close
        self.sender = chan._core.sender()
        self.watch = self.sender.closed()
        # The put that it has not accepted yet.
        self.op: _core.Operation[None] | None = None


class Taps:
    """Everything about a duplicator but the object that the user holds, so that it knows when that is gone."""

    __slots__ = ("__weakref__", "_is_final", "_is_over", "_pump", "_source", "_taps", "on_empty")

    def __init__(self, source: _core.Receiver[Any]) -> None:
        self._source = source
        self._taps: list[_Tap] = []
        self._pump: Pump | None = None
        self._is_over = False
        # Whether nobody can add a tap any more.
        self._is_final = False
        # Called when the last tap has gone.
        self.on_empty: Callable[[], object] | None = None

    async def run(self, pump: Pump) -> None:
        self._pump = pump
        if self._is_over:
            return
        error: BaseException | None = None
        try:
            while True:
                await self._give(pump, await pump.get(self._source))
        except Closed:
            pass
        except BaseException as raised:
            if not isinstance(raised, Stopped):
                error = pump.failure(raised)
            if not self._taps or not isinstance(raised, Exception):
                raise
        finally:
            self._end(error)
            del error

    async def _give(self, pump: Pump, value: Any) -> None:
        """To all at the same time; goes on when all that are left have accepted it."""
        ops: list[_core.Operation[None]] = []
        for tap in self._taps:
            tap.op = tap.sender.put(value)
            ops.append(tap.op)
        if not ops:
            return
        await pump.drive_all(ops, self._is_given)
        for tap in self._taps:
            tap.op = None

    def _is_given(self) -> bool:
        return all(tap.op is None or tap.op.done() for tap in self._taps)

    def add(self, chan: BaseChan[Any], close: bool) -> None:
        for tap in self._taps:
            if tap.chan() is chan:
                tap.close = close
                return
        if self._is_over:
            if close:
                chan.close()
            return
        tap = _Tap(chan, close)
        self._taps.append(tap)
        if tap.watch.start(lambda _op: self._forget(tap)):
            self._forget(tap)

    def remove(self, chan: BaseChan[Any]) -> None:
        for tap in list(self._taps):
            if tap.chan() is chan:
                self._withdraw(tap)

    def remove_all(self) -> None:
        for tap in list(self._taps):
            self._withdraw(tap)

    def _withdraw(self, tap: _Tap) -> None:
        if tap.op is not None:
            tap.op.cancel()
        tap.watch.cancel()
        self._forget(tap)

    def _forget(self, tap: _Tap) -> None:
        """A put that waits in a channel that was closed stays there, and can be got."""
        if tap not in self._taps:
            return
        self._taps.remove(tap)
        if self._pump is not None:
            self._pump.nudge()
        if not self._taps:
            if self.on_empty is not None:
                self.on_empty()
            self._stop_if_useless()

    def keep_open(self) -> None:
        """None of them is closed at the end."""
        for tap in self._taps:
            tap.close = False

    def no_more_taps(self) -> None:
        self._is_final = True
        self._stop_if_useless()

    def _stop_if_useless(self) -> None:
        if self._is_final and not self._taps:
            self.close()

    def close(self) -> None:
        self._end(None)
        if self._pump is not None:
            self._pump.stop()

    def _end(self, error: BaseException | None) -> None:
        self._is_over = True
        taps, self._taps = self._taps, []
        for tap in taps:
            tap.watch.cancel()
            if error is not None:
                tap.sender.close(error)
            elif tap.close:
                tap.sender.close()
