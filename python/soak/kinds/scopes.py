"""Scopes whose tasks put and get: cancelled midway, by themselves, by a failure, by a time limit, or from outside."""

from __future__ import annotations

import asyncio
from typing import Any

import millstream as ms

from ..book import NONE, Deliberate
from ..channels import KEEPING, open_channel
from ..hand import Hand
from ..run import Run


def run(run: Run) -> None:
    book = run.book("scopes")
    channels = [open_channel(run, run.dice.pick(KEEPING)) for _ in range(run.dice.between(1, 3))]
    members = run.dice.between(1, 6)
    run.note(f"{members} tasks in each scope")

    async def send(hand: Hand) -> None:
        for _ in range(hand.dice.below(40)):
            await hand.put(hand.dice.pick(channels))

    async def receive(hand: Hand) -> None:
        for _ in range(hand.dice.below(40)):
            await hand.get(hand.dice.pick(channels))

    async def relay(hand: Hand) -> None:
        """Takes a value and gives it back, wherever it is interrupted."""
        for _ in range(hand.dice.below(20)):
            chan = hand.dice.pick(channels)
            value = await chan.get()
            try:
                await hand.turns(2)
            finally:
                chan.unget(value)
            await hand.turns(2)

    async def fail(hand: Hand) -> None:
        await hand.turns(50)
        raise Deliberate("a task that fails")

    async def stop(hand: Hand, scope: ms.Scope) -> None:
        await hand.turns(50)
        scope.cancel()

    async def cooperate(hand: Hand, scope: ms.Scope) -> None:
        chosen = await ms.select(scope.cancellation, channels[0], timeout=hand.dice.moment())
        if chosen.index == 1:
            hand.got([chosen.value])
        else:
            await scope.cancelled()

    async def scoped(hand: Hand, depth: int) -> None:
        spawned: list[asyncio.Task[Any]] = []
        try:
            async with ms.Scope(grace=hand.dice.pick((None, 0.001))) as scope:
                for _ in range(members):
                    work = hand.dice.pick((send, send, receive, receive, relay))
                    spawned.append(scope.spawn(work(hand)))
                way = hand.dice.below(6)
                if way == 0:
                    spawned.append(scope.spawn(fail(hand)))
                elif way == 1:
                    spawned.append(scope.spawn_cooperative(cooperate(hand, scope)))
                elif way == 2 and depth:
                    spawned.append(scope.spawn(scoped(hand, depth - 1)))
                elif way == 3:
                    await hand.turns(30)
                    raise Deliberate("a body that fails")
                elif way == 4:
                    await scope.drain(hand.dice.moment())
                spawned.append(scope.spawn(stop(hand, scope)))
                await hand.turns(30)
        except Deliberate:
            pass
        finally:
            if not all(task.done() for task in spawned):
                book.wrong.append("a task has outlived its scope")

    async def host(hand: Hand) -> None:
        for number in range(hand.dice.between(1, 6)):
            hand.post = f"is in scope {number}"
            try:
                if hand.dice.once_in(2):
                    await asyncio.wait_for(scoped(hand, 2), hand.dice.moment() + 0.001)
                else:
                    await scoped(hand, 2)
            except (TimeoutError, asyncio.TimeoutError):
                pass

    for _ in range(run.dice.between(1, 3)):
        run.task(run.place(), "host", book, host).is_fragile = True
    run.play()
    for chan in channels:
        chan.close()
    run.settle(book, NONE, *channels)
