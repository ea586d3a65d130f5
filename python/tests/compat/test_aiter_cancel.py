"""Consumers that come and are cancelled at any moment: every item is had once, by somebody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from millstream.compat.aiter import (
    active_aiter,
    aiter_forker,
    azip,
    flatten_aiter,
    gated_aiter,
    iter_to_aiter,
    join_aiters,
    map_aiter,
    map_filter_aiter,
    preload_aiter,
    push_aiter,
    sharable_aiter,
    stoppable_aiter,
)
from seed_support import others, run, turns, until

ITEMS = 300


def open_gate(source: Any) -> Any:
    """A gate with all the permissions that are needed."""
    gate: gated_aiter[Any] = gated_aiter(source)
    for _ in range(ITEMS):
        gate.push(1)
    return gate


async def same(item: Any) -> Any:
    """The same, later."""
    await asyncio.sleep(0)
    return item


async def hesitant(count: int, seed: int) -> Any:
    """Numbers from an async generator that needs its time for some."""
    chance = random.Random(seed)
    for number in range(count):
        for _ in range(chance.choice([0, 0, 1, 3])):
            await asyncio.sleep(0)
        yield number


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "active_aiter": active_aiter,
    "aiter_forker": aiter_forker,
    "azip": lambda source: map_aiter(lambda row: row[0], azip(source)),
    "flatten_aiter": lambda source: flatten_aiter(map_aiter(lambda item: [item], sharable_aiter(source))),
    "gated_aiter": open_gate,
    "join_aiters": lambda source: join_aiters(iter_to_aiter([source, iter_to_aiter(())])),
    "map_aiter": lambda source: map_aiter(same, sharable_aiter(source)),
    "map_filter_aiter": lambda source: map_filter_aiter(lambda item: (item,), sharable_aiter(source)),
    "parallel": lambda source: map_aiter(same, source, worker_count=3),
    "preload_aiter": lambda source: preload_aiter(3, source),
    "sharable_aiter": sharable_aiter,
    "stoppable_aiter": stoppable_aiter,
}


async def storm(items: Any, seed: int) -> list[Any]:
    """Reads everything with consumers that are cancelled at random moments."""
    chance = random.Random(seed)
    got: list[Any] = []
    is_over = False

    async def consume() -> None:
        nonlocal is_over
        async for item in items:
            got.append(item)
            if chance.random() < 0.3:
                await asyncio.sleep(0)
        is_over = True

    consumers: list[asyncio.Future[None]] = []
    while not is_over:
        while len(consumers) < 3:
            consumers.append(asyncio.ensure_future(consume()))
        await turns(chance.randrange(4))
        victim = consumers.pop(chance.randrange(len(consumers)))
        victim.cancel()
        await asyncio.sleep(0)
    for consumer in consumers:
        consumer.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)
    # Those that were cancelled last may have given something back.
    async for item in items:
        got.append(item)
    return got


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", WRAPPERS)
def test_nothing_is_lost_or_had_twice(name: str, seed: int) -> None:
    async def main() -> None:
        items = WRAPPERS[name](hesitant(ITEMS, seed))
        assert sorted(await storm(items, seed)) == list(range(ITEMS))
        await until(lambda: not others())

    run(main())


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_is_pushed_meanwhile_is_lost_or_had_twice(seed: int) -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        fork = items.fork()

        async def push() -> None:
            chance = random.Random(seed)
            for number in range(ITEMS):
                items.push(number)
                await turns(chance.randrange(3))
            items.stop()

        pushing = asyncio.ensure_future(push())
        got, got_by_fork = await asyncio.gather(storm(items, seed), storm(fork, seed + 100))
        assert sorted(got) == sorted(got_by_fork) == list(range(ITEMS))
        await pushing

    run(main())
