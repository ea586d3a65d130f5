"""Tasks that run beside their caller: held until they have ended, and stopped when nobody wants what they make."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from . import _core
from ._errors import Error

_held: set[asyncio.Task[None]] = set()
# An event loop refers to its tasks only weakly. Without this set, a task that waits for something which nobody else
# refers to would be collected in the midst of its work.


def start(
    body: Coroutine[Any, Any, None],
    ended: Callable[[BaseException | None], None],
    *,
    loop: asyncio.AbstractEventLoop | None = None,
    name: str,
) -> asyncio.Task[None]:
    """Starts a task on the running loop (or on `loop`, from its own thread) and holds it until it has ended.

    `ended` is called once, on the loop, whatever happens, even if the task is cancelled before its first step: with
    `None` if the body came to its end, otherwise with what ended it. It also sees to it that an error is not lost, so
    the task itself never logs one.
    """
    loop = loop if loop is not None else asyncio.get_running_loop()
    if _held:
        # Tasks of a loop that was closed under them never end, and nobody should hold them.
        _held.difference_update([task for task in _held if task.get_loop().is_closed()])
    # Not by the loop's factory: an eager task would run before its owner is ready for it, and be a part of the call that
    # starts it, which is to return at once.
    task = asyncio.Task(body, loop=loop, name=name)
    _held.add(task)

    def over(task: asyncio.Task[None]) -> None:
        _held.discard(task)
        ended(asyncio.CancelledError() if task.cancelled() else task.exception())

    task.add_done_callback(over)
    return task


def shown(error: BaseException | None, what: str) -> BaseException | None:
    """What the consumers of something that ended so are told.

    Some exceptions mean something else to whoever they are raised in: a cancellation that was not theirs, and the ends
    of iterations, which would make what is cut off look complete.
    """
    told: Exception
    if isinstance(error, asyncio.CancelledError):
        told = Error(f"{what} was cancelled before its input had ended")
    elif isinstance(error, (StopIteration, StopAsyncIteration, GeneratorExit)):
        told = RuntimeError(f"{what} was ended by {type(error).__name__}, raised by a function that it called")
    else:
        return error
    told.__cause__ = error
    return told


def call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Has the loop call something, from whatever thread; a loop that is closed calls nothing any more."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        pass


class Watch:
    """Has the loop call something once a channel takes no more values, until it is told to stop watching.

    That a channel was closed can become known in any thread, and in the midst of a garbage collection: the callback is
    run by the loop, at its next turn.
    """

    __slots__ = ("_operation",)

    def __init__(
        self,
        sender: _core.Sender[Any] | _core.Chan[Any],
        loop: asyncio.AbstractEventLoop,
        callback: Callable[[], object],
    ) -> None:
        operation = sender.closed()
        self._operation: _core.Operation[None] | None = operation
        if operation.start(lambda _: call_soon(loop, callback)):
            call_soon(loop, callback)

    def stop(self) -> None:
        """Watches no longer; a call that is under way still comes."""
        operation, self._operation = self._operation, None
        if operation is not None:
            operation.cancel()
