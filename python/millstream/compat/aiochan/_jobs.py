"""Several calls of a function beside each other, with their results in order or as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ... import _core
from ..._errors import Closed
from ._pump import Pump, Stopped

__all__ = ["Jobs", "run_jobs"]


class Jobs:
    """How values are worked on: how many at a time, by what, and what is done with the results."""

    __slots__ = ("error_cb", "fatal", "flatten", "limit", "ordered", "submit")

    def __init__(
        self,
        limit: int,
        submit: Callable[[Any], asyncio.Future[Any]],
        ordered: bool,
        *,
        flatten: bool = False,
        error_cb: Callable[[BaseException], Any] | None = None,
        fatal: tuple[type[BaseException], ...] = (),
    ) -> None:
        # From when a value is taken until its result is accepted, it counts among `limit`.
        self.limit = limit
        self.submit = submit
        self.ordered = ordered
        self.flatten = flatten
        self.error_cb = error_cb
        # Errors after which it makes no sense to go on.
        self.fatal = fatal


async def run_jobs(pump: Pump, source: _core.Receiver[Any], out: _core.Sender[Any], jobs: Jobs) -> None:
    """Works on all values. Raises the first error that nobody is told of otherwise."""
    own = asyncio.current_task()
    assert own is not None
    pump.on_stop = own.cancel
    if pump.stopped:
        raise Stopped
    slots = asyncio.Semaphore(jobs.limit)
    # Jobs whose results are next; `None` when the last value has been taken.
    upcoming: asyncio.Queue[asyncio.Future[Any] | None] = asyncio.Queue()
    running: set[asyncio.Future[Any]] = set()

    async def read() -> None:
        try:
            while True:
                await slots.acquire()
                value = await pump.get(source)
                job = jobs.submit(value)
                running.add(job)
                if jobs.ordered:
                    upcoming.put_nowait(job)
                else:
                    job.add_done_callback(upcoming.put_nowait)
        except Closed:
            pass
        finally:
            upcoming.put_nowait(None)

    reader = pump.loop.create_task(read())
    is_read = False
    try:
        while running or not is_read:
            job = await upcoming.get()
            if job is None:
                is_read = True
                continue
            await asyncio.wait((job,))
            running.discard(job)
            await _deliver(pump, out, jobs, job)
            slots.release()
        # If no more was read since something went wrong, it is raised here, after all results.
        await reader
    finally:
        for task in (reader, *running):
            _drop(task)


async def _deliver(pump: Pump, out: _core.Sender[Any], jobs: Jobs, job: asyncio.Future[Any]) -> None:
    try:
        result = job.result()
    except jobs.fatal:
        raise
    except Exception as error:
        if jobs.error_cb is None:
            raise
        jobs.error_cb(error)
        return
    for value in result if jobs.flatten else (result,):
        if not await pump.put(out, value):
            raise Stopped


def _drop(task: asyncio.Future[Any]) -> None:
    """Nobody wants to know any more how it ends."""
    task.cancel()
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
