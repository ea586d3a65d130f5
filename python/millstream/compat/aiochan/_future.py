"""What ``put``, ``get`` and ``select`` return: futures of operations that are already under way.

The idea is aiochan's: the operation happens when the method is called, and the future only tells how it went. What
is different: cancelling such a future withdraws the operation at once, and a value that came for somebody who was
cancelled before reading it goes back to its channel.
"""

from __future__ import annotations

import asyncio
import collections
import contextvars
from asyncio import Future
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any, cast, final

from ... import _core
from ._callbacks import report

__all__ = ["CallFuture", "done_future", "nobody"]

_running = asyncio._get_running_loop


class _Nobody:
    """Stands in for the loop of a future that was made where there is none. It calls back at once."""

    def get_debug(self) -> bool:
        return False

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> None:
        try:
            if context is None:
                callback(*args)
            else:
                context.run(callback, *args)
        except Exception as error:
            report(error, "Exception in a callback of a future")

    call_soon_threadsafe = call_soon

    def call_exception_handler(self, about: dict[str, Any]) -> None:
        report(about["exception"], about["message"])


nobody: Any = _Nobody()


def done_future(loop: Any, value: Any) -> Future[Any]:
    future: Future[Any] = Future(loop=loop)
    future.set_result(value)
    return future


@final
class CallFuture(Future[Any]):
    """A future of an operation that has happened, or waits.

    Only the engine makes these, and only it awaits them. Nothing of asyncio's own future is used: what waits is asked
    how it went, and what has happened when it was called carries its result.
    """

    __slots__ = ("_begun", "_owner", "_value")

    # The operation, unless it ended when it was called.
    _begun: _core._Begun | None
    # What it came to then.
    _value: Any
    # Gives what has a loop, as far as that is still there.
    _owner: Callable[[], Any]

    # What few have.
    # Where its callbacks are called.
    _home: Any = None
    _waiting: collections.deque[tuple[Callable[[Any], object], Context]] | None = None

    # What awaiting comes to, step by step, is the engine's part, beside these two.

    def __await__(self) -> Generator[Any, None, Any]:
        return cast("Generator[Any, None, Any]", self)

    __iter__ = __await__

    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> Any:
        """The task that awaits it was cancelled, perhaps after the operation had happened."""
        if self._begun is not None:
            self._begun.leave()
        raise kind if value is None else value

    def close(self) -> None:
        """The coroutine that awaits it was closed."""
        if self._begun is not None:
            self._begun.leave()

    # What a future is asked.

    def done(self) -> bool:
        return self._begun is None or self._begun.done()

    def cancelled(self) -> bool:
        return self._begun is not None and self._begun.cancelled()

    def result(self) -> Any:
        return self._value if self._begun is None else self._begun.result()

    def exception(self) -> BaseException | None:
        try:
            self.result()
        except (asyncio.CancelledError, asyncio.InvalidStateError):
            raise
        except BaseException as error:
            return error
        return None

    def cancel(self, msg: Any = None) -> bool:
        """Withdraws the operation. ``False`` if it has happened already."""
        return self._begun is not None and self._begun.cancel(msg)

    def get_loop(self) -> Any:
        return self._home or _running() or getattr(self._owner(), "_loop", None) or nobody

    def add_done_callback(self, fn: Callable[[Any], object], *, context: Context | None = None) -> None:
        loop = self.get_loop()
        if self._begun is None:
            loop.call_soon(fn, self, context=context)
            return
        if self._waiting is None:
            self._home = loop
            self._waiting = collections.deque()
        self._waiting.append((fn, context or contextvars.copy_context()))
        if not self._begun.when_done(self._call_back):
            self._call_back()

    def remove_done_callback(self, fn: Callable[[Any], object]) -> int:
        waiting = self._waiting or ()
        kept = [entry for entry in waiting if entry[0] != fn]
        removed = len(waiting) - len(kept)
        if removed:
            self._waiting = collections.deque(kept)
        return removed

    def _call_back(self, _: object = None) -> None:
        """Called by the engine, in the thread that completed the operation; by another that came too late for that."""
        waiting, loop, begun = self._waiting, self._home, self._begun
        assert begun is not None
        is_here = loop is _running()
        schedule = loop.call_soon if is_here else loop.call_soon_threadsafe
        while waiting:
            fn, context = waiting.popleft()
            try:
                schedule(fn, self, context=context)
            except RuntimeError:
                # The loop is closed, so that nobody will read what came.
                waiting.clear()
                begun.give_up()
            else:
                begun.hand_over()

    def __repr__(self) -> str:
        state = "cancelled" if self.cancelled() else "finished" if self.done() else "pending"
        return f"<{type(self).__name__} {state}>"
