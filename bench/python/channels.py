"""The cells of channels: from one task to another of the same loop, and select."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import millstream as ms
from measure import Cell, Ready

Delivered = tuple[int, int]

CAPACITIES = {"rendezvous": 0, "capacity 1": 1, "capacity 100": 100}


async def _both(producing: Any, consuming: Any) -> Delivered:
    """Runs a producer and a consumer as two tasks, and returns what the consumer has got."""
    producer = asyncio.ensure_future(producing)
    delivered: Delivered = await asyncio.ensure_future(consuming)
    await producer
    return delivered


def _ours(capacity: int) -> Any:
    async def subject(n: int) -> Ready:
        chan: ms.Chan[int] = ms.bounded(capacity)

        async def produce() -> None:
            for number in range(n):
                await chan.put(number)

        async def consume() -> Delivered:
            total = 0
            for _ in range(n):
                total += await chan.get()
            return n, total

        return Ready(lambda: _both(produce(), consume()))

    return subject


def _asyncio_queue(capacity: int) -> Any:
    async def subject(n: int) -> Ready:
        queue: asyncio.Queue[int] = asyncio.Queue(capacity)

        async def produce() -> None:
            for number in range(n):
                await queue.put(number)

        async def consume() -> Delivered:
            total = 0
            for _ in range(n):
                total += await queue.get()
            return n, total

        return Ready(lambda: _both(produce(), consume()))

    return subject


async def _queue_with_join(n: int) -> Ready:
    queue: asyncio.Queue[int] = asyncio.Queue(1)

    async def produce() -> None:
        for number in range(n):
            await queue.put(number)
            await queue.join()

    async def consume() -> Delivered:
        total = 0
        for _ in range(n):
            total += await queue.get()
            queue.task_done()
        return n, total

    return Ready(lambda: _both(produce(), consume()))


def _anyio(capacity: int) -> Any:
    async def subject(n: int) -> Ready:
        import anyio

        send, receive = anyio.create_memory_object_stream[int](capacity)

        async def produce() -> None:
            async with send:
                for number in range(n):
                    await send.send(number)

        async def consume() -> Delivered:
            async with receive:
                total = 0
                for _ in range(n):
                    total += await receive.receive()
                return n, total

        return Ready(lambda: _both(produce(), consume()))

    return subject


def _aiochan_like(module: str, capacity: int) -> Any:
    async def subject(n: int) -> Ready:
        chan = importlib.import_module(module).Chan(capacity or None)

        async def produce() -> None:
            for number in range(n):
                await chan.put(number)

        async def consume() -> Delivered:
            total = 0
            for _ in range(n):
                total += await chan.get()
            return n, total

        return Ready(lambda: _both(produce(), consume()))

    return subject


async def _sav(n: int) -> Ready:
    channels: Any = importlib.import_module("sav.channels")
    receiver, sender = channels.create()

    async def produce() -> None:
        async with channels.open(sender):
            for number in range(n):
                await sender.asend(number)

    async def consume() -> Delivered:
        count = total = 0
        async for number in receiver:
            count += 1
            total += number
        return count, total

    return Ready(lambda: _both(produce(), consume()))


def _janus(capacity: int) -> Any:
    async def subject(n: int) -> Ready:
        import janus

        queue: Any = janus.Queue(capacity)

        async def produce() -> None:
            for number in range(n):
                await queue.async_q.put(number)

        async def consume() -> Delivered:
            total = 0
            for _ in range(n):
                total += await queue.async_q.get()
            return n, total

        async def body() -> Delivered:
            delivered = await _both(produce(), consume())
            queue.close()
            await queue.wait_closed()
            return delivered

        return Ready(body)

    return subject


def _culsans(capacity: int) -> Any:
    async def subject(n: int) -> Ready:
        import culsans

        queue: Any = culsans.Queue(capacity)

        async def produce() -> None:
            for number in range(n):
                await queue.async_q.put(number)

        async def consume() -> Delivered:
            total = 0
            for _ in range(n):
                total += await queue.async_q.get()
            return n, total

        return Ready(lambda: _both(produce(), consume()))

    return subject


async def _ready_channel(n: int) -> Ready:
    chan: ms.Chan[int] = ms.unbounded()
    await chan.put_many(range(n))
    chan.close()

    async def body() -> Delivered:
        count = total = 0
        async for number in chan:
            count += 1
            total += number
        return count, total

    return Ready(body)


async def _async_generator(n: int) -> Ready:
    async def numbers() -> Any:
        for number in range(n):
            yield number

    async def body() -> Delivered:
        count = total = 0
        async for number in numbers():
            count += 1
            total += number
        return count, total

    return Ready(body)


async def _select_ours(n: int) -> Ready:
    first: ms.Chan[int] = ms.rendezvous()
    second: ms.Chan[int] = ms.rendezvous()

    async def produce(chan: ms.Chan[int], start: int) -> None:
        for number in range(start, n, 2):
            await chan.put(number)

    async def consume() -> Delivered:
        total = 0
        for _ in range(n):
            total += (await ms.select(first, second)).value
        return n, total

    return Ready(lambda: _both(_all(produce(first, 0), produce(second, 1)), consume()))


def _select_aiochan(module: str) -> Any:
    async def subject(n: int) -> Ready:
        ac = importlib.import_module(module)
        first, second = ac.Chan(), ac.Chan()

        async def produce(chan: Any, start: int) -> None:
            for number in range(start, n, 2):
                await chan.put(number)

        async def consume() -> Delivered:
            total = 0
            for _ in range(n):
                value, _chan = await ac.select(first, second)
                total += value
            return n, total

        return Ready(lambda: _both(_all(produce(first, 0), produce(second, 1)), consume()))

    return subject


async def _select_wait(n: int) -> Ready:
    queues: list[asyncio.Queue[int]] = [asyncio.Queue(1), asyncio.Queue(1)]

    async def produce(queue: asyncio.Queue[int], start: int) -> None:
        for number in range(start, n, 2):
            await queue.put(number)

    async def consume() -> Delivered:
        count = total = 0
        gets = {asyncio.ensure_future(queue.get()): queue for queue in queues}
        while count < n:
            done, _ = await asyncio.wait(gets, return_when=asyncio.FIRST_COMPLETED)
            for get in done:
                total += get.result()
                count += 1
                queue = gets.pop(get)
                gets[asyncio.ensure_future(queue.get())] = queue
        for get in gets:
            get.cancel()
        return count, total

    return Ready(lambda: _both(_all(*(produce(queue, start) for start, queue in enumerate(queues))), consume()))


async def _all(*works: Any) -> None:
    await asyncio.gather(*works)


def _subjects(capacity: int) -> dict[str, Any]:
    subjects = {
        "millstream": _ours(capacity),
        "asyncio.Queue": _asyncio_queue(capacity),
        "anyio": _anyio(capacity),
        "aiochan": _aiochan_like("aiochan", capacity),
        "compat.aiochan": _aiochan_like("millstream.compat.aiochan", capacity),
    }
    if capacity:
        subjects |= {"janus": _janus(capacity), "culsans": _culsans(capacity)}
    else:
        del subjects["asyncio.Queue"]
        subjects |= {"asyncio.Queue + join": _queue_with_join, "sav.channels": _sav}
    return subjects


TARGETS: dict[str, dict[str, float]] = {
    "rendezvous": {"asyncio.Queue + join": 6, "anyio": 12, "aiochan": 4, "sav.channels": 4},
    "capacity 1": {"asyncio.Queue": 8, "anyio": 7, "aiochan": 5},
    "capacity 100": {"asyncio.Queue": 3.5, "anyio": 25, "aiochan": 12},
}
THROUGH_COMPAT: dict[str, float] = {"rendezvous": 2.5, "capacity 100": 8}

CELLS = [
    Cell(name, "put and get, from one task to another", 20_000, _subjects(capacity), TARGETS[name])
    for name, capacity in CAPACITIES.items()
]
CELLS += [
    Cell(
        f"{name}, through compat",
        "the same program with aiochan and with millstream.compat.aiochan",
        20_000,
        {
            "compat.aiochan": _aiochan_like("millstream.compat.aiochan", CAPACITIES[name]),
            "aiochan": _aiochan_like("aiochan", CAPACITIES[name]),
        },
        {"aiochan": target},
        ours="compat.aiochan",
    )
    for name, target in THROUGH_COMPAT.items()
]
CELLS += [
    Cell(
        "async for",
        "over a channel that holds all values, by an async generator that yields them",
        100_000,
        {"millstream": _ready_channel, "async generator": _async_generator},
        {"async generator": 1 / 1.5},
    ),
    Cell(
        "select of two",
        "gets of two rendezvous channels, with a producer each; asyncio.wait on get tasks of queues with one place",
        10_000,
        {
            "millstream": _select_ours,
            "aiochan": _select_aiochan("aiochan"),
            "compat.aiochan": _select_aiochan("millstream.compat.aiochan"),
            "asyncio.wait": _select_wait,
        },
        {"aiochan": 5, "asyncio.wait": 7},
    ),
]
