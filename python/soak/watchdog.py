"""Ends the process when a topology hangs or crashes the interpreter, and says where."""

from __future__ import annotations

import faulthandler
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

_GRACE = 10.0
"""Seconds more that the process has to end itself, with what only it can say."""

_told: int | None = None
"""Where a process tells what guards it."""


def guard(work: Callable[[], int], limit: float) -> int:
    """Runs something in a process of its own, if there is such a thing as a fork, and returns its exit code.

    A thread cannot watch over others that keep the interpreter's lock, or over its end.
    """
    global _told
    if not hasattr(os, "fork"):
        return work()
    hears, _told = os.pipe()
    child = os.fork()
    if not child:
        os.close(hears)
        code = 1
        try:
            code = work()
        finally:
            sys.stdout.flush()
        return code
    os.close(_told)
    what = "nothing yet"
    while True:
        if not select.select([hears], [], [], limit + _GRACE)[0]:
            print(f"HANGS without a word: {what}", flush=True)
            os.kill(child, signal.SIGABRT)
            os.waitpid(child, 0)
            return 2
        said = os.read(hears, 4096).decode()
        if not said:
            break
        what = said.splitlines()[-1]
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        print(f"CRASHED by signal {os.WTERMSIG(status)}: {what}", flush=True)
        return 2
    return os.WEXITSTATUS(status)


class Watchdog:
    """Watches one run after the other, in a thread of its own."""

    def __init__(self, limit: float, stderr: TextIO) -> None:
        self._limit = limit
        self._stderr = stderr
        self._watched: tuple[float, str, Callable[[], str]] | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def watch(self, what: str, table: Callable[[], str]) -> None:
        """From now on this is watched."""
        if _told is not None:
            os.write(_told, f"{what}\n".encode())
        with self._changed:
            self._watched = (time.monotonic() + self._limit, what, table)
            self._changed.notify()

    def rest(self) -> None:
        """It has ended."""
        with self._changed:
            self._watched = None

    def _watch(self) -> None:
        with self._changed:
            while True:
                left = self._limit if self._watched is None else self._watched[0] - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                elif self._watched is not None:
                    _, what, table = self._watched
                    print(f"HANGS for {self._limit} s: {what}\n{table()}", flush=True)
                    faulthandler.dump_traceback(self._stderr, all_threads=True)
                    self._stderr.flush()
                    os._exit(2)
