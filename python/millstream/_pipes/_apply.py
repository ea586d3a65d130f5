"""A stage that is one async function of the author's, between a source and a receiver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .. import _core
from .._background import Watch, shown, start
from ._tasks import room

R = TypeVar("R")
S = TypeVar("S")


def apply(f: Callable[[S, _core.Sender[R]], Awaitable[object]], source: S, *, capacity: int = 1) -> _core.Receiver[R]:
    """Runs an async function between a source and a channel, as a task of the running loop.

    For what is no map of single values, because it looks at several, keeps a state, or sends as it likes. `f` gets the
    source as it was given, and a sender; what it puts there comes out of the receiver that is returned, which keeps up to
    `capacity` values.

    The receiver ends when the function has returned. An exception of the function is raised by every get after what was
    put before it. When the receiver is closed or the last handle of it is gone, the function is cancelled where it
    waits. If its task is cancelled otherwise, because the loop is shut down, the consumer gets an `Error` that says so.

    Raises `ValueError` for a negative capacity, `RuntimeError` without a running loop. The idea is aiochan's
    `async_apply`.

        async def sums(numbers, out):
            total = 0
            async for number in numbers:
                total += number
                await out.put(total)

        totals = ms.apply(sums, numbers)
    """
    output: _core.Sender[R]
    results: _core.Receiver[R]
    output, results = _core.pair(room(capacity, 1))
    given = output.clone()

    async def run() -> None:
        nonlocal given
        sender = given
        del given
        await f(source, sender)

    def ended(error: BaseException | None) -> None:
        watch.stop()
        output.close(error=shown(error, "the function")) if error is not None else output.detach()

    loop = asyncio.get_running_loop()
    watch = Watch(output, loop, lambda: task.cancel())
    task = start(run(), ended, name="millstream apply")
    return results
