"""Threads that end with their work or with the program: never awaited by the interpreter, and told when it exits."""

from __future__ import annotations

import atexit
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

_running: dict[threading.Thread, Callable[[], object]] = {}
_PATIENCE = 1.0
"""How long the exit waits, in seconds, for threads that were told to stop: they only have to wake up."""


def start_thread(body: Callable[[], None], stop: Callable[[], object], *, name: str) -> threading.Thread:
    """Runs a body on a daemon thread, in a copy of the caller's context.

    `stop` is called when the interpreter exits before the body has ended: it has to wake the thread from whatever
    channel it waits for. A thread that is inside somebody else's call is left there.
    """
    context = contextvars.copy_context()

    def run() -> None:
        try:
            context.run(body)
        finally:
            _running.pop(threading.current_thread(), None)

    thread = threading.Thread(target=run, name=name, daemon=True)
    _running[thread] = stop
    try:
        thread.start()
    except BaseException:
        del _running[thread]
        raise
    return thread


def call_in_thread(function: Callable[[], T], *, name: str) -> Future[T]:
    """Calls a function on a daemon thread of its own."""
    result: Future[T] = Future()

    def call() -> None:
        if not result.set_running_or_notify_cancel():
            return
        try:
            result.set_result(function())
        except BaseException as error:
            result.set_exception(error)

    start_thread(call, lambda: None, name=name)
    return result


@atexit.register
def _stop_all() -> None:
    running = list(_running.items())
    for _, stop in running:
        stop()
    for thread, _ in running:
        thread.join(_PATIENCE)
        if thread.is_alive():
            # It is inside a call of the author's, as the others may be: the exit does not wait for each of them.
            return
