"""Calling functions of the user's: never inside each other, and never so that a peer gets their errors."""

from __future__ import annotations

import asyncio
import collections
import inspect
import logging
import threading
from collections.abc import Callable
from typing import Any

from ._tasks import keep

__all__ = ["dispatch", "report"]

_log = logging.getLogger("millstream")

_Due = collections.deque[tuple[Callable[..., Any], tuple[Any, ...], "asyncio.AbstractEventLoop | None"]]


class _Due_here(threading.local):
    due: _Due | None = None


_here = _Due_here()


def report(error: BaseException, message: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Tells the exception handler of the event loop about ``error``; without a loop, the log."""
    loop = asyncio._get_running_loop() or loop
    if loop is None or loop.is_closed():
        _log.error(message, exc_info=error)
    else:
        loop.call_exception_handler({"message": message, "exception": error})


def dispatch(function: Callable[..., Any], arguments: tuple[Any, ...], loop: asyncio.AbstractEventLoop | None) -> None:
    """Calls ``function``; if that happens inside another such call on this thread, then when that has returned.

    A coroutine function is run as a task. An error goes to the loop's exception handler.
    """
    due = _here.due
    if due is not None:
        due.append((function, arguments, loop))
        return
    due = _here.due = collections.deque([(function, arguments, loop)])
    try:
        while due:
            function, arguments, loop = due.popleft()
            try:
                result = function(*arguments)
                if inspect.iscoroutine(result):
                    _spawn(result, loop)
            except Exception as error:
                report(error, "Exception in a callback of a channel operation", loop)
    finally:
        _here.due = None
        if due:
            # Something like KeyboardInterrupt came out: it goes on its way, and the others still have their turn.
            _call_all_later(due)


def _call_all_later(due: _Due) -> None:
    for function, arguments, loop in due:
        target = asyncio._get_running_loop() or loop
        if target is not None and not target.is_closed():
            target.call_soon_threadsafe(dispatch, function, arguments, loop)


def _spawn(coroutine: Any, loop: asyncio.AbstractEventLoop | None) -> None:
    running = asyncio._get_running_loop()
    target = loop or running
    if target is None:
        coroutine.close()
        raise RuntimeError("a callback that is a coroutine function needs an event loop to run on")
    if target is running:
        keep(target.create_task(coroutine))
    else:
        target.call_soon_threadsafe(lambda: keep(target.create_task(coroutine)))
