"""What ``put``, ``get`` and ``select`` return: futures of operations that are already under way.

The idea is aiochan's: the operation happens when the method is called, and the future only tells how it went. What
is different: cancelling such a future withdraws the operation at once, and a value that came for somebody who was
cancelled before reading it goes back to its channel.
"""

from __future__ import annotations

import asyncio
import itertools
from asyncio import Future
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from ... import _core
from ..._errors import Closed
from ._callbacks import report
from ._turns import Waiter, waiter_of

if TYPE_CHECKING:
    from ._base import BaseChan

__all__ = ["GetFuture", "OperationFuture", "PutFuture", "done_future", "gives_way", "giving_way", "nobody"]

_running = asyncio._get_running_loop

gives_way = itertools.cycle([False] * 127 + [True]).__next__
"""Every so often an operation that was ready gives the other tasks of the loop a turn."""


class _Nobody:
    """Stands in for the loop of a future that was made where there is none. It calls back at once."""

    def get_debug(self) -> bool:
        return False

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> None:
        if context is None:
            callback(*args)
        else:
            context.run(callback, *args)

    def call_exception_handler(self, about: dict[str, Any]) -> None:
        report(about["exception"], about["message"])


nobody: Any = _Nobody()


class _GivingWay(Future[Any]):
    """A future that is done, and lets others run for a turn before it says so to its awaiter."""

    __slots__ = ("_chan",)

    # Where the value goes back to if nobody reads it.
    _chan: BaseChan[Any] | None

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            yield
        except BaseException:
            if self._chan is not None:
                self._chan._core.unget(self.result())
            raise
        return self.result()


def giving_way(loop: Any, value: Any, chan: BaseChan[Any] | None = None) -> Future[Any]:
    future = _GivingWay(loop=loop)
    future._chan = chan
    future.set_result(value)
    return future


def done_future(loop: Any, value: Any) -> Future[Any]:
    future: Future[Any] = Future(loop=loop)
    future.set_result(value)
    return future


class OperationFuture(Future[Any]):
    """A future of an operation of the engine that had to wait.

    It asks the operation how it went. It becomes a future with callbacks of its own, which costs more than all the
    rest, only when somebody adds one.
    """

    # What every one has. It is made by `__new__` alone, and whoever makes it sets these.
    __slots__ = ("_is_queued", "_op", "_waiters", "_was_read")

    _op: _core.Operation[Any]
    # Whether it counts among the operations that nobody awaits.
    _is_queued: bool
    _was_read: bool
    # Of the tasks that are suspended in it.
    _waiters: tuple[Waiter, ...]

    # What few have.
    _home: Any = None
    _is_cancelled = False
    _is_real = False
    _gives_way = False
    _message: Any = None

    # What the kinds of operations differ in.

    def _outcome(self) -> Any:
        raise NotImplementedError

    def _return_value(self) -> None:
        """Brings back what was delivered, where there is something to bring back."""

    def _unqueue(self) -> None:
        """It no longer counts among the operations that nobody awaits."""

    def _loop_of_channel(self) -> asyncio.AbstractEventLoop | None:
        raise NotImplementedError

    # What happens to it.

    def _complete(self, _op: object) -> None:
        """Called by the engine, in the thread that completed the operation."""
        if self._is_queued:
            self._is_queued = False
            self._unqueue()
        for waiter in self._waiters:
            waiter.wake()
        if self._is_real:
            self._tell(self._settle)

    def _tell(self, function: Callable[[], object]) -> None:
        """Calls ``function`` where the callbacks of this future may be called."""
        loop = self._home
        if loop is nobody or loop is _running() or not (loop.is_running() or loop.is_closed()):
            function()
            return
        try:
            loop.call_soon_threadsafe(function)
        except RuntimeError:
            # The loop is closed, so that nobody will read it.
            self._abandon()

    def _settle(self) -> None:
        if super().done():
            return
        if self._is_cancelled:
            super().cancel(self._message)
            return
        try:
            value = self._outcome()
        except Exception as error:
            super().set_exception(error)
        else:
            super().set_result(value)

    def cancel(self, msg: Any = None) -> bool:
        """Withdraws the operation. ``False`` if it has happened already."""
        if self._is_cancelled or not self._op.cancel():
            return False
        self._is_cancelled = True
        self._message = msg
        self._complete(None)
        return True

    def _abandon(self) -> None:
        """Nobody will read what came, or will come."""
        if not self._was_read and not self._is_cancelled and not self.cancel() and self.exception() is None:
            self._was_read = True
            self._return_value()

    def __await__(self) -> Generator[Any, None, Any]:
        if not self._op.done():
            if self._is_queued:
                self._is_queued = False
                self._unqueue()
            waiter = waiter_of(self)
            others = self._waiters
            self._waiters = (*others, waiter) if others else (waiter,)
            try:
                yield waiter
            except BaseException:
                self._forget(waiter)
                if not self._waiters:
                    self._abandon()
                raise
            self._forget(waiter)
            if not self._op.done():
                raise RuntimeError("await wasn't used with future")
        elif self._gives_way and not self._was_read:
            self._gives_way = False
            try:
                yield
            except BaseException:
                self._abandon()
                raise
        self._was_read = True
        if self._is_cancelled:
            raise self._cancelled_error()
        return self._outcome()

    __iter__ = __await__

    def _forget(self, waiter: Waiter) -> None:
        waiters = self._waiters
        self._waiters = () if len(waiters) == 1 else tuple(one for one in waiters if one is not waiter)

    # What a future is asked.

    def done(self) -> bool:
        return self._op.done()

    def cancelled(self) -> bool:
        return self._is_cancelled

    def result(self) -> Any:
        if self._is_cancelled:
            raise self._cancelled_error()
        if not self._op.done():
            raise asyncio.InvalidStateError("Result is not set.")
        return self._outcome()

    def exception(self) -> BaseException | None:
        try:
            self.result()
        except (asyncio.CancelledError, asyncio.InvalidStateError):
            raise
        except BaseException as error:
            return error
        return None

    def _cancelled_error(self) -> asyncio.CancelledError:
        return asyncio.CancelledError() if self._message is None else asyncio.CancelledError(self._message)

    def get_loop(self) -> Any:
        return self._home or _running() or self._loop_of_channel() or nobody

    def add_done_callback(self, fn: Any, *, context: Any = None) -> None:
        if not self._is_real:
            self._home = self.get_loop()
            Future.__init__(self, loop=self._home)
            self._is_real = True
            if self._op.done():
                self._settle()
        super().add_done_callback(fn, context=context)

    def remove_done_callback(self, fn: Any) -> int:
        return super().remove_done_callback(fn) if self._is_real else 0

    def __repr__(self) -> str:
        state = "cancelled" if self._is_cancelled else "finished" if self._op.done() else "pending"
        return f"<{type(self).__name__} {state}>"


class PutFuture(OperationFuture):
    """Of a put: ``True`` if the value was accepted, ``False`` if the channel was closed."""

    __slots__ = ("_chan",)

    _chan: BaseChan[Any]

    def _outcome(self) -> bool:
        try:
            self._op.result()
        except Closed:
            return False
        return True

    def _unqueue(self) -> None:
        self._chan._queued_puts -= 1

    def _loop_of_channel(self) -> asyncio.AbstractEventLoop | None:
        return self._chan._loop


class GetFuture(OperationFuture):
    """Of a get: a value, or ``None`` if the channel was closed and empty."""

    __slots__ = ("_chan",)

    _chan: BaseChan[Any]

    def _outcome(self) -> Any:
        try:
            return self._op.result()
        except Closed:
            return None

    def _return_value(self) -> None:
        try:
            value = self._op.result()
        except Exception:
            return
        self._chan._core.unget(value)

    def _unqueue(self) -> None:
        self._chan._queued_gets -= 1

    def _loop_of_channel(self) -> asyncio.AbstractEventLoop | None:
        return self._chan._loop
