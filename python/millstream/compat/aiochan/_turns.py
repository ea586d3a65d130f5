"""Resuming tasks: those of one loop one after the other in one callback, which costs less than a callback for each."""

from __future__ import annotations

import asyncio
import collections
import contextvars
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._future import OperationFuture

__all__ = ["Waiter", "waiter_of"]

# How many tasks are resumed in one turn of the loop, before others get theirs.
_STEPS_A_TURN = 32

_running = asyncio._get_running_loop


class Waiter:
    """What a task yields that waits for an operation: as much of a future as a task asks for."""

    __slots__ = ("_asyncio_future_blocking", "_context", "_queue", "_resume", "future")

    _asyncio_future_blocking: bool
    _resume: Callable[[Any], Any] | None
    _queue: _Queue
    future: OperationFuture

    def get_loop(self) -> asyncio.AbstractEventLoop | None:
        return self._queue.loop()

    def add_done_callback(self, function: Callable[[Any], Any], *, context: Any = None) -> None:
        self._context = context or contextvars.copy_context()
        self._resume = function
        if self.future._op.done():
            # Another thread completed it while the task was on its way here.
            self.wake()

    def wake(self) -> None:
        """Has the task resumed soon; at most once."""
        if self._resume is not None:
            self._queue.push(self)

    def cancel(self, msg: Any = None) -> bool:
        """Asked by a task that is cancelled. If the operation has happened, the task raises in it instead."""
        return self.future.cancel(msg)

    def cancelled(self) -> bool:
        return self.future.cancelled()

    def done(self) -> bool:
        return self.future.done()

    def result(self) -> None:
        """Says only that the task is to go on; how it went is asked of the future."""
        if self.future._is_cancelled:
            raise self.future._cancelled_error()

    def exception(self) -> None:
        self.result()

    def __repr__(self) -> str:
        return f"<waiting for {self.future!r}>"


class _Queue:
    """The tasks of one loop that are to be resumed."""

    __slots__ = ("__weakref__", "_is_scheduled", "_ready", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # It must not keep its loop alive.
        self.loop = weakref.ref(loop)
        self._ready: collections.deque[Waiter] = collections.deque()
        self._is_scheduled = False

    def push(self, waiter: Waiter) -> None:
        self._ready.append(waiter)
        if not self._is_scheduled:
            self._schedule()

    def _schedule(self) -> None:
        self._is_scheduled = True
        loop = self.loop()
        try:
            if loop is None:
                raise RuntimeError
            if _here.queue is self or _running() is loop:
                loop.call_soon(self._drain)
            else:
                loop.call_soon_threadsafe(self._drain)
        except RuntimeError:
            # The loop is closed: nobody can be resumed, and what came for them goes to others.
            self._is_scheduled = False
            while self._ready:
                self._ready.popleft().future._abandon()

    def _drain(self) -> None:
        ready = self._ready
        # So that nobody has to ask asyncio which loop it is, which costs a system call in some versions.
        _here.queue = self
        try:
            for _ in range(_STEPS_A_TURN):
                if not ready:
                    break
                waiter = ready.popleft()
                resume, waiter._resume = waiter._resume, None
                if resume is not None:
                    waiter._context.run(resume, waiter)
        finally:
            _here.queue = None
            self._is_scheduled = False
            if ready:
                self._schedule()


class _Here(threading.local):
    # The queue that this thread is draining.
    queue: _Queue | None = None


_here = _Here()

_queues: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = weakref.WeakKeyDictionary()


def waiter_of(future: OperationFuture) -> Waiter:
    """A waiter for a task of the running loop."""
    queue = _here.queue
    if queue is None:
        loop = asyncio.get_running_loop()
        queue = _queues.get(loop)
        if queue is None:
            queue = _queues[loop] = _Queue(loop)
    waiter = Waiter.__new__(Waiter)
    waiter._asyncio_future_blocking = True
    waiter._resume = None
    waiter._queue = queue
    waiter.future = future
    return waiter
