"""The cells of threads: a thread puts, a task of a loop gets."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import millstream as ms
from measure import Cell, Ready

Delivered = tuple[int, int]

CAPACITY = 100


def _from_a_thread(put: Any, n: int, consume: Any, close: Any = None) -> Ready:
    def produce() -> None:
        for number in range(n):
            put(number)

    async def body() -> Delivered:
        thread = threading.Thread(target=produce)
        thread.start()
        delivered: Delivered = await consume()
        thread.join()
        if close is not None:
            await close()
        return delivered

    return Ready(body)


async def _ours(n: int) -> Ready:
    chan: ms.Chan[int] = ms.bounded(CAPACITY)

    async def consume() -> Delivered:
        total = 0
        for _ in range(n):
            total += await chan.get()
        return n, total

    return _from_a_thread(chan.put_blocking, n, consume)


async def _janus(n: int) -> Ready:
    import janus

    queue: Any = janus.Queue(CAPACITY)

    async def consume() -> Delivered:
        total = 0
        for _ in range(n):
            total += await queue.async_q.get()
        return n, total

    async def close() -> None:
        queue.close()
        await queue.wait_closed()

    return _from_a_thread(queue.sync_q.put, n, consume, close)


async def _culsans(n: int) -> Ready:
    import culsans

    queue: Any = culsans.Queue(CAPACITY)

    async def consume() -> Delivered:
        total = 0
        for _ in range(n):
            total += await queue.async_q.get()
        return n, total

    return _from_a_thread(queue.sync_q.put, n, consume)


async def _executor(n: int) -> Ready:
    import queue as standard

    queue: standard.Queue[int] = standard.Queue(CAPACITY)
    loop = asyncio.get_running_loop()

    async def consume() -> Delivered:
        total = 0
        for _ in range(n):
            total += await loop.run_in_executor(None, queue.get)
        return n, total

    return _from_a_thread(queue.put, n, consume)


SUBJECTS: dict[str, Any] = {
    "millstream": _ours,
    "culsans": _culsans,
    "janus": _janus,
    "queue.Queue + executor": _executor,
}
TARGETS: dict[str, float] = {"culsans": 4, "janus": 15}

CELLS = [
    Cell(
        "thread to loop, CPU", "capacity 100; the processor time of both threads", 5_000, SUBJECTS, TARGETS, "process"
    ),
    Cell(
        "thread to loop, wall",
        "capacity 100; the time that passed, which on a machine with anything else to do is no gate",
        5_000,
        SUBJECTS,
        {},
        "wall",
    ),
]
