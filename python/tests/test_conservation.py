"""Two threads with two loops each, and cancellation at random: every value comes out once, and in order."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from core_support import LIMIT, in_thread

import millstream as ms

VALUES = 600
SEEDS = range(6)


async def put_all(chan: ms.Chan[Any], who: int, chance: random.Random) -> None:
    """Puts numbers in order. A put that is cancelled is tried again, since it has not happened."""
    n = 0
    while n < VALUES:
        kind = chance.randrange(5)
        if kind == 0:
            try:
                chan.put_nowait((who, n))
            except ms.Full:
                await asyncio.sleep(0)
                continue
        elif kind == 1:
            if (await ms.select((chan, (who, n)), timeout=chance.choice([0, 0.0001]))).index < 0:
                continue
        elif kind == 2:
            # What has been taken from the iterator has been put.
            items = iter([(who, m) for m in range(n, min(n + 5, VALUES))])
            await interrupted(chan.put_many(items), chance)
            left = list(items)
            n = left[0][1] if left else min(n + 5, VALUES)
            continue
        elif kind == 3:
            putting = chan.put((who, n))
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            loop = asyncio.get_running_loop()
            if not putting.start(lambda _, done=done, loop=loop: loop.call_soon_threadsafe(done.set_result, None)):
                await asyncio.sleep(0)
                if putting.cancel():
                    continue
                await done
            putting.result()
        else:
            await chan.put((who, n))
        n += 1


async def interrupted(operation: Any, chance: random.Random) -> Any:
    """Waits for it in a task, and perhaps cancels that. `None` if it came to nothing."""
    task = asyncio.ensure_future(operation)
    for _ in range(chance.randrange(4)):
        await asyncio.sleep(0)
    if chance.random() < 0.5:
        task.cancel()
    await asyncio.wait([task])
    return None if task.cancelled() else task.result()


async def get_all(chan: ms.Chan[Any], chance: random.Random) -> list[Any]:
    got: list[Any] = []
    while True:
        kind = chance.randrange(5)
        try:
            if kind == 0:
                got.append(chan.get_nowait())
            elif kind == 1:
                won = await ms.select(chan, timeout=chance.choice([0, 0.0001]))
                if won.index == 0:
                    got.append(won.value)
            elif kind == 2:
                many = await interrupted(chan.get_many(3), chance)
                got += many or []
                if many == []:
                    return got
            elif kind == 3:
                value = await interrupted(chan.get(), chance)
                if value is not None:
                    got.append(value)
            else:
                got.append(await chan.get())
        except ms.Empty:
            await asyncio.sleep(0)
        except ms.Closed:
            return got


@pytest.mark.parametrize("capacity", [0, 1, 7])
def test_every_value_comes_out_once(capacity: int) -> None:
    for seed in SEEDS:
        chan: ms.Chan[Any] = ms.bounded(capacity)

        async def work(side: int, chan: ms.Chan[Any] = chan, seed: int = seed) -> list[Any]:
            chances = [random.Random(f"{seed} {side} {n}") for n in range(4)]
            getting = [asyncio.ensure_future(get_all(chan, chance)) for chance in chances[:2]]
            putting = [put_all(chan, 2 * side + n, chance) for n, chance in enumerate(chances[2:])]
            await asyncio.gather(*putting)
            await finished.put(side)
            return [await task for task in getting]

        finished: ms.Chan[int] = ms.unbounded()
        threads = [in_thread(asyncio.run, work(side)) for side in range(2)]
        # A third and a fourth side without a loop.
        others = [in_thread(list, chan) for _ in range(2)]
        for _ in range(2):
            finished.get_blocking(timeout=LIMIT)
        chan.close()
        parts = [part for thread in threads for part in thread.result(LIMIT)]
        parts += [other.result(LIMIT) for other in others]
        got = [value for part in parts for value in part]
        assert sorted(got) == [(who, n) for who in range(4) for n in range(VALUES)]
        stats = chan.stats()
        assert (stats.len, stats.waiting_puts, stats.waiting_gets) == (0, 0, 0)


def test_one_to_one_keeps_the_order() -> None:
    for seed in SEEDS:
        chan: ms.Chan[Any] = ms.bounded(seed % 3)
        putting = in_thread(asyncio.run, put_all(chan, 0, random.Random(f"put {seed}")))
        getting = in_thread(asyncio.run, get_all(chan, random.Random(f"get {seed}")))
        putting.result(LIMIT)
        chan.close()
        assert getting.result(LIMIT) == [(0, n) for n in range(VALUES)]
