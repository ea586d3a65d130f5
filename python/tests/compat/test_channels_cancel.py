"""Waits on an end that are cancelled at any moment."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable
from typing import Any

import pytest

from millstream.compat import channels
from millstream.compat.channels import Channel
from seed_support import cancelled, collect, run, turns

COUNT = 200


async def hurried(chance: random.Random, work: Awaitable[Any]) -> tuple[bool, Any]:
    """Waits for something for a random time, and tells whether it came and what came."""
    task = asyncio.ensure_future(work)
    for _ in range(chance.randrange(6)):
        if task.done():
            break
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return (False, None) if task.cancelled() else (True, task.result())


@pytest.mark.parametrize("seed", range(5))
def test_a_receiver_that_gives_up_now_and_then_gets_everything(seed: int) -> None:
    async def main() -> None:
        chance = random.Random(seed)
        receiver, sender = channels.create()

        async def produce() -> None:
            async with channels.open(sender):
                for number in range(COUNT):
                    assert await sender.asend(number) is None
                    await turns(chance.randrange(3))

        producing = asyncio.ensure_future(produce())
        got: list[int] = []
        while len(got) < COUNT:
            came, item = await hurried(chance, receiver.__anext__())
            if came:
                got.append(item)
        assert got == list(range(COUNT))
        assert await collect(receiver) == []
        await producing

    run(main())


@pytest.mark.parametrize("seed", range(5))
def test_what_a_sender_that_gives_up_now_and_then_has_sent_was_received(seed: int) -> None:
    async def main() -> None:
        chance = random.Random(seed)
        receiver, sender = channels.create()
        surely: list[int] = []

        async def produce() -> None:
            async with channels.open(sender):
                for number in range(COUNT):
                    came, answer = await hurried(chance, sender.asend(number))
                    assert answer is None
                    if came:
                        surely.append(number)
                await sender.asend("last")

        got, _ = await asyncio.gather(collect(receiver), produce())
        assert got.pop() == "last"
        assert got == sorted(set(got))
        assert set(surely) <= set(got)
        assert surely

    run(main())


@pytest.mark.parametrize("seed", range(5))
def test_both_ends_may_give_up_and_every_answer_is_had_in_order(seed: int) -> None:
    async def main() -> None:
        chance = random.Random(seed)
        first, second = channels.create()
        got: dict[Any, list[int]] = {first: [], second: []}
        starting = asyncio.ensure_future(first.asend(None))
        await second.asend(None)
        await cancelled(starting)

        async def use(end: AsyncGenerator[Any, Any]) -> None:
            for number in range(COUNT):
                came, answer = await hurried(chance, end.asend(number))
                if came and answer is not None:
                    got[end].append(answer)

        await asyncio.gather(use(first), use(second))
        for end in (first, second):
            assert got[end] == sorted(set(got[end]))
        assert got[first]
        assert got[second]

    run(main())


@pytest.mark.parametrize("seed", range(5))
def test_an_itemize_that_was_given_up_was_sent_once_or_not_at_all(seed: int) -> None:
    async def main() -> None:
        chance = random.Random(seed)
        channel: Channel[int] = Channel()
        surely: list[int] = []

        async def produce() -> None:
            async with channel.sender as itemize:
                for number in range(COUNT):
                    came, _ = await hurried(chance, itemize(number))
                    if came:
                        surely.append(number)

        async def receive() -> list[int]:
            got = []
            async for item in channel.receiver:
                got.append(item)
                await turns(chance.randrange(3))
            return got

        got, _ = await asyncio.gather(receive(), produce())
        assert got == sorted(set(got))
        assert set(surely) <= set(got)
        assert surely

    run(main())
