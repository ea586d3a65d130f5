"""Process pools that a forked process can have copies of without harm."""

from __future__ import annotations

import os
import weakref
from concurrent.futures import ProcessPoolExecutor
from typing import Any

_made: weakref.WeakSet[ProcessPoolExecutor] = weakref.WeakSet()
_kept: list[ProcessPoolExecutor] = []


def process_pool(*arguments: Any, **named: Any) -> ProcessPoolExecutor:
    """A standard executor, of which a forked process never lets go.

    When an executor is collected, it takes a lock, to tell a thread of its own. A forked process has a copy of the executor,
    but not of the thread, which may have held the lock at that moment: the first collection of garbage in that process would
    then wait for ever, and with it the work that the process was made for, and whoever waits for the process to end.
    """
    pool = ProcessPoolExecutor(*arguments, **named)
    _made.add(pool)
    return pool


def _keep() -> None:
    _kept.extend(_made)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep)
