"""Threads that the interpreter waits for when it exits, as long as there is something to wait for."""

from __future__ import annotations

import asyncio
import atexit
import threading
import weakref
from typing import Any

__all__ = ["wait_at_exit"]

# How often it is asked whether a thread still has something to do.
_INTERVAL = 0.05

_threads: weakref.WeakKeyDictionary[threading.Thread, asyncio.AbstractEventLoop] = weakref.WeakKeyDictionary()


def wait_at_exit(thread: threading.Thread, loop: asyncio.AbstractEventLoop) -> None:
    """A program may end with starting ``thread``, which runs ``loop``, and is to run on until that ends.

    But if all that is left on the loop waits for channels that nobody else can use any more, waiting is in vain.
    """
    _threads[thread] = loop


@atexit.register
def _wait() -> None:
    for thread, loop in list(_threads.items()):
        idle = 0
        while thread.is_alive() and idle < 3:
            thread.join(_INTERVAL)
            idle = idle + 1 if _is_idle(loop) and not _others(thread) else 0


def _is_idle(loop: Any) -> bool:
    """Whether nothing but another thread can wake ``loop`` any more, as far as that can be known."""
    try:
        ready, timers, files = loop._ready, loop._scheduled, loop._selector.get_map()
    except (AttributeError, RuntimeError):
        return False
    # One file is the loop's own, by which other threads wake it.
    return not ready and not any(not timer.cancelled() for timer in tuple(timers)) and len(files or ()) <= 1


def _others(thread: threading.Thread) -> bool:
    """Whether there are threads beside it that might wake it."""
    known = {threading.current_thread(), threading.main_thread(), *_threads}
    return any(other not in known and other.is_alive() for other in threading.enumerate())
