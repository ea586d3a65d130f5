"""What is let go of instead of ended: waiting operations, cycles with tasks in them, streams and hubs midway."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import millstream as ms

from ..book import ANY
from ..channels import KEEPING, open_channel
from ..hand import Hand
from ..run import Run


def run(run: Run) -> None:
    book = run.book("garbage")
    rounds = run.dice.between(1, 40)
    run.note(f"{rounds} rounds")
    gone: list[Any] = []

    async def host(hand: Hand) -> None:
        for number in range(rounds):
            hand.post = f"round {number}"
            chan = open_channel(run, hand.dice.pick(KEEPING))
            del run.topology[2:]
            way = hand.dice.below(7)
            if way == 0:
                await _operations(hand, chan)
            elif way == 1:
                await _cycle(hand, chan)
            elif way == 2:
                await _stream(hand, chan)
            elif way == 3:
                await _hub(hand, chan)
            elif way == 4:
                await _pipe(hand, chan)
            elif way == 5:
                await _started(hand, chan)
            else:
                await _halves(hand, chan)
            gone.append(weakref.ref(chan))
            del chan
            await hand.turns(3)
            hand.idle()

    run.task(run.place(), "host", book, host)
    run.play()
    gc.collect()
    left = [ref for ref in gone if ref() is not None]
    if left:
        run.fail("garbage", f"{len(left)} of {len(gone)} channels are left")
    run.settle(book, ANY)


async def _operations(hand: Hand, chan: Any) -> None:
    """Operations that are dropped: never begun, begun, or closed."""
    for operation in chan.put(hand.value()), chan.get(), ms.select(chan, (chan, hand.value())), chan.get_many(3):
        if hand.dice.once_in(2):
            try:
                operation.send(None)
            except StopIteration:
                pass
        if hand.dice.once_in(2):
            operation.close()
        await hand.turns(1)
        del operation


async def _cycle(hand: Hand, chan: Any) -> None:
    """Tasks that wait for a channel which only they know; asyncio says something when it collects them."""

    async def wait(chan: Any, value: Any) -> None:
        if hand.dice.once_in(2):
            await ms.select(ms.rendezvous(), chan.receiver(), timeout=1000 if hand.dice.once_in(2) else None)
        else:
            await chan.put_many(iter([value] * 1))
            await ms.rendezvous().get()

    for _ in range(hand.dice.between(1, 4)):
        task = asyncio.ensure_future(wait(chan, hand.value()))
        await hand.turns(2)
        if hand.dice.once_in(2):
            task.cancel()
            await asyncio.wait([task])
        elif not task.done():
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        del task


async def _stream(hand: Hand, chan: Any) -> None:
    """A stream with tasks that is dropped after some items, or before the first."""
    chan.put_nowait(hand.value()) if not chan.is_full() and chan.capacity != 0 else None
    stream = chan.stream()
    way = hand.dice.below(5)
    if way == 0:
        stream = stream.buffer_ahead(3)
    elif way == 1:
        stream = stream.fork()
    elif way == 2:
        stream = stream.share()
    elif way == 3:
        stream = ms.zip_all(stream, ms.unbounded())
    else:
        stream, _keeper = stream.gate()
        del _keeper
    if hand.dice.below(3):
        waiting = asyncio.ensure_future(anext(stream, None))
        await hand.turns(6)
        waiting.cancel()
        await asyncio.wait([waiting])
        waiting.cancelled() or waiting.exception()
        del waiting
    del stream


async def _hub(hand: Hand, chan: Any) -> None:
    """A tee of which nobody has anything any more."""
    tee: ms.Tee[Any] = ms.Tee(chan)
    taps = [tee.tap(hand.dice.below(3)) for _ in range(hand.dice.below(3))]
    if chan.capacity != 0:
        chan.put_nowait(hand.value())
    await hand.turns(6)
    del tee
    await hand.turns(2)
    del taps


async def _pipe(hand: Hand, chan: Any) -> None:
    """A stage whose results nobody wants."""
    if chan.capacity != 0:
        chan.put_nowait(hand.value())
    results = (
        ms.tasks(2, lambda value: value, chan) if hand.dice.once_in(2) else ms.threads(2, lambda value: value, chan)
    )
    await hand.turns(6)
    del results


async def _started(hand: Hand, chan: Any) -> None:
    """Operations that were started, and that only their channel knows."""
    for _ in range(3):
        chan.put(hand.value()).start(lambda operation: operation.result())
        chan.get().start()
        ms.select(chan, ms.rendezvous(), timeout=1000).start(lambda operation: None)
    await hand.turns(1)


async def _halves(hand: Hand, chan: Any) -> None:
    """Halves that are let go of while tasks wait at the other ones."""
    tx, rx = ms.pair(hand.dice.below(2))
    getting = asyncio.ensure_future(rx.get_many(2))
    putting = asyncio.ensure_future(tx.put(hand.value()))
    await hand.turns(3)
    del tx, rx
    getting.cancel()
    putting.cancel()
    await asyncio.wait([getting, putting])
    for task in getting, putting:
        task.cancelled() or task.exception()
