"""What the tests of the aiochan module share.

With MILLSTREAM_COMPAT_ORIGINAL set they run against aiochan itself, which shows which of them it fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

ORIGINAL = bool(os.environ.get("MILLSTREAM_COMPAT_ORIGINAL"))
PACKAGE = "aiochan" if ORIGINAL else "millstream.compat.aiochan"

ac: Any = importlib.import_module(PACKAGE)
channel: Any = importlib.import_module(PACKAGE + ".channel")
buffers: Any = importlib.import_module(PACKAGE + ".buffers")

PATIENCE = 20.0
"""Seconds after which something that should end is taken to hang."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a loop of its own; what hangs is an error."""

    async def bounded() -> T:
        return await asyncio.wait_for(main, PATIENCE)

    return asyncio.run(bounded())


async def until(condition: Callable[[], object]) -> None:
    """Lets the others run until something is so."""
    for _ in range(20_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came about")


async def turns(count: int = 20) -> None:
    """Lets the others run for so many turns: enough for whatever could happen by itself."""
    for _ in range(count):
        await asyncio.sleep(0)


def tasks() -> int:
    """How many tasks there are beside those of the test itself."""
    gc.collect()
    mine = {"bounded"}
    found = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    return sum(not any(name in repr(task.get_coro()) for name in mine) for task in found)


@contextlib.contextmanager
def handled_errors() -> Iterator[list[dict[str, Any]]]:
    """What the exception handler of the running loop is told."""
    loop = asyncio.get_running_loop()
    told: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, about: told.append(about))
    try:
        yield told
    finally:
        loop.set_exception_handler(None)


def program(text: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in an interpreter of its own; it is killed when it does not end."""
    return subprocess.run(
        [sys.executable, *flags, "-c", f"import {PACKAGE} as ac\nimport {PACKAGE}.channel as channel\n{text}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
