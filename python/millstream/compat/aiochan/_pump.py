"""Pumps: tasks that move values from channels to channels, and know when nobody wants them any more.

A pump holds the sending end of what it feeds and the receiving end of what it reads, never the channels themselves. So
a channel that nobody else holds is seen to be abandoned, and its pump ends: a chain of pumps collapses from its end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from ... import _core
from ..._errors import Closed
from ._base import BaseChan
from ._callbacks import report
from ._tasks import keep

__all__ = ["Pump", "PumpInterrupted", "Stopped", "launch"]

# How many operations of a pump may be ready in a row before it lets other tasks run.
_TURN = 32


class Stopped(Exception):
    """Nobody takes anything from the pump any more."""


class PumpInterrupted(RuntimeError):
    """A pump was cancelled, for instance since its event loop ended, before its input did."""


class _Wait:
    """One operation that a pump waits for."""

    __slots__ = ("future", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.future: asyncio.Future[None] | None = None

    def wake(self, _op: object = None) -> None:
        """Called in whichever thread completes the operation."""
        future = self.future
        if future is None:
            # The pump has not begun to wait, and will look first.
            return
        if asyncio._get_running_loop() is self.loop:
            _resolve(future)
            return
        # If the loop is closed, so is the pump.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(_resolve, future)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Pump:
    """What the coroutines of one pump have in common: whether to go on, and how to wait."""

    __slots__ = ("__weakref__", "_ready", "_waits", "_watches", "left", "loop", "on_stop", "outs", "stopped")

    def __init__(self, loop: asyncio.AbstractEventLoop, outs: Iterable[_core.Sender[Any]]) -> None:
        self.loop = loop
        self.outs = list(outs)
        self.stopped = False
        # Called at a stop, by pumps that wait for other things than channels as well.
        self.on_stop: Callable[[], object] | None = None
        self._ready = 0
        self._waits: set[_Wait] = set()
        self._watches: list[_core.Operation[None]] = []
        # It is wanted as long as one of the channels that it feeds takes values.
        self.left = len(self.outs)
        for out in self.outs:
            watch = out.closed()
            if watch.start(self._one_closed):
                self._one_closed(watch)
            else:
                self._watches.append(watch)

    def _one_closed(self, _op: object) -> None:
        self.left -= 1
        if self.left == 0:
            self.stop()

    def stop(self) -> None:
        """Ends the pump. What it is waiting to put stays where it is."""
        self.stopped = True
        self.nudge()
        if self.on_stop is None:
            return
        if asyncio._get_running_loop() is self.loop:
            self.on_stop()
        else:
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.on_stop)

    async def drive(self, op: _core.Operation[Any]) -> bool:
        """Runs ``op``. ``True`` when it is done; ``False`` if the pump was stopped while it still waits."""
        wait = _Wait(self.loop)
        if op.start(wait.wake):
            await self._give_way()
            return True
        await self._wait_until(wait, op.done)
        return op.done()

    async def drive_all(self, ops: Sequence[_core.Operation[Any]], enough: Callable[[], bool]) -> None:
        """Runs ``ops`` side by side until ``enough`` says so or the pump is stopped; ``nudge`` makes it ask again."""
        wait = _Wait(self.loop)
        for op in ops:
            op.start(wait.wake)
        if enough():
            await self._give_way()
        else:
            await self._wait_until(wait, enough)

    async def _wait_until(self, wait: _Wait, enough: Callable[[], bool]) -> None:
        self._ready = 0
        self._waits.add(wait)
        try:
            while True:
                # It is made before the question is asked, so that no answer is missed.
                wait.future = self.loop.create_future()
                if self.stopped or enough():
                    return
                await wait.future
        finally:
            self._waits.discard(wait)

    def nudge(self) -> None:
        """Something has changed that the pump may be waiting for."""
        for wait in tuple(self._waits):
            wait.wake()

    async def _give_way(self) -> None:
        self._ready += 1
        if self._ready >= _TURN:
            self._ready = 0
            await asyncio.sleep(0)

    async def get(self, source: _core.Receiver[Any]) -> Any:
        """The next value. Takes nothing once the pump is stopped: raises ``Stopped`` then."""
        if self.stopped:
            raise Stopped
        op = source.get()
        try:
            await self.drive(op)
            if not self.stopped:
                return op.result()
        except asyncio.CancelledError:
            give_back(source, op)
            raise
        give_back(source, op)
        raise Stopped

    async def put(self, out: _core.Sender[Any], value: Any) -> bool:
        """``False`` if the value was refused. One that waits when ``out`` is closed stays there, and may be taken."""
        if value is None:
            raise TypeError("None cannot be put on a channel, so a function in front of one must not return it")
        op = out.put(value)
        if not await self.drive(op):
            return True
        try:
            op.result()
        except Closed:
            return False
        return True

    def failure(self, raised: BaseException) -> BaseException | None:
        """What those who read behind the pump are told, when this came out of it."""
        if isinstance(raised, (asyncio.CancelledError, GeneratorExit)):
            # Nobody's fault, but they must not take it for the end.
            return None if self.stopped else PumpInterrupted("the task between these channels was cancelled")
        if isinstance(raised, StopIteration):
            # As it is, it would end whoever reads there as if all were well.
            error = RuntimeError("a function between channels raised StopIteration")
            error.__cause__ = raised
            return error
        return raised

    def finish(self, error: BaseException | None, close: bool) -> None:
        """Ends what the pump feeds: with ``error``, whatever ``close`` says."""
        delivered = False
        for out in self.outs:
            if error is not None:
                delivered = out.close(error) or delivered
            elif close:
                out.close()
        if error is not None and not delivered and not isinstance(error, PumpInterrupted):
            report(error, "A function between channels failed, and its channel was closed already", self.loop)

    def release(self) -> None:
        """The pump has ended, and holds nothing any more."""
        for watch in self._watches:
            watch.cancel()
        self._watches.clear()
        self.outs.clear()


def give_back(source: _core.Receiver[Any], op: _core.Operation[Any]) -> None:
    """Withdraws a get; if it has happened, the value goes back to the front."""
    if op.cancel():
        return
    try:
        value = op.result()
    except Exception:
        return
    source.unget(value)


async def _run(pump: Pump, body: Callable[[Pump], Awaitable[None]], close: bool) -> None:
    error: BaseException | None = None
    try:
        await body(pump)
    except Stopped:
        pass
    except BaseException as raised:
        error = pump.failure(raised)
        if not isinstance(raised, Exception):
            raise
    finally:
        pump.finish(error, close)
        pump.release()
        del error


def launch(
    chans: Sequence[BaseChan[Any]],
    outs: Iterable[_core.Sender[Any]],
    body: Callable[[Pump], Awaitable[None]],
    *,
    close: bool,
) -> None:
    """Starts a pump that feeds ``outs``: now, or as soon as one of ``chans`` is used on an event loop."""
    senders = list(outs)
    is_started = False

    def start(loop: asyncio.AbstractEventLoop) -> None:
        nonlocal is_started
        if is_started:
            return
        is_started = True
        if loop is asyncio._get_running_loop() or not loop.is_running():
            begin(loop)
        else:
            loop.call_soon_threadsafe(begin, loop)

    def begin(loop: asyncio.AbstractEventLoop) -> None:
        pump = Pump(loop, senders)
        senders.clear()
        task = keep(loop.create_task(_run(pump, body, close)))
        # If the program ends while it waits, nothing is amiss.
        task._log_destroy_pending = False  # type: ignore[attr-defined]

    loop = _loop_for(chans)
    if loop is not None:
        start(loop)
        return
    for chan in chans:
        chan._starters = [*(chan._starters or ()), start]
        chan._is_unbound = True


def _loop_for(chans: Sequence[BaseChan[Any]]) -> asyncio.AbstractEventLoop | None:
    """A loop that was given to one of them, or the one that runs, or else one that has used them."""
    alive = [chan for chan in chans if chan._loop is not None and not chan._loop.is_closed()]
    given = next((chan._loop for chan in alive if chan._is_loop_given), None)
    return given or asyncio._get_running_loop() or next((chan._loop for chan in alive), None)
