"""What the tests of the core share: threads with a result, programs of their own, waiting for a state."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

import millstream as ms

T = TypeVar("T")

LIMIT = 30.0
"""Seconds after which something counts as hanging."""


def in_thread(work: Callable[..., T], *arguments: Any) -> Future[T]:
    """Runs a function in a thread of its own; its future has the result. What hangs does not keep the tests alive."""
    future: Future[T] = Future()

    def body() -> None:
        try:
            future.set_result(work(*arguments))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=body, daemon=True).start()
    return future


def until(condition: Callable[[], object]) -> None:
    """Waits for a state that nobody tells about, such as a thread that is parked."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to this"
        time.sleep(0.0005)


def gets_wait(chan: ms.Chan[Any], count: int = 1) -> None:
    """Waits until so many gets wait in the channel."""
    until(lambda: chan.stats().waiting_gets == count)


def puts_wait(chan: ms.Chan[Any], count: int = 1) -> None:
    """Waits until so many puts wait in the channel."""
    until(lambda: chan.stats().waiting_puts == count)


# A process that was started in the background may ignore this signal, and its children then do.
_PROLOGUE = "import signal as _signal\n_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"


@contextmanager
def start_program(code: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Starts a program in an interpreter of its own, which imports the same package, and sees to it that it ends."""
    package = os.path.dirname(os.path.dirname(ms.__file__))
    environment = {**os.environ, "PYTHONPATH": package, "PYTHONFAULTHANDLER": "1"}
    with subprocess.Popen(
        [sys.executable, *options.pop("flags", []), "-c", _PROLOGUE + textwrap.dedent(code)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def program(code: str, **options: Any) -> str:
    """Runs a program to its end, which has to come soon, with nothing to complain of. Returns what it printed."""
    with start_program(code, **options) as process:
        out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (0, ""), f"exit code {process.returncode}\n{err}"
    return out
