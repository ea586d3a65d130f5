"""Stages on tasks and threads, in order or not, whose functions raise and whose consumers leave."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import millstream as ms

from ..book import ANY, NONE, Deliberate, Value
from ..channels import KEEPING, open_channel
from ..hand import Hand
from ..run import Group, Run
from ._common import add_sender, leave


class _Function:
    """What a stage calls: it gives the value back after a while, or raises at some call."""

    def __init__(self, fuse: int | None) -> None:
        self._fuse = fuse
        self._lock = threading.Lock()

    def burn(self) -> None:
        with self._lock:
            if self._fuse is not None:
                self._fuse -= 1
                if self._fuse < 0:
                    raise Deliberate("a stage that raises")

    def plain(self, value: Value) -> Value:
        self.burn()
        return value

    def flat(self, value: Value) -> Any:
        self.burn()
        yield value

    async def waiting(self, value: Value) -> Value:
        await asyncio.sleep(0)
        self.burn()
        return value

    async def flat_waiting(self, value: Value) -> Any:
        await asyncio.sleep(0)
        self.burn()
        return [value]

    async def apply(self, source: Any, out: Any) -> None:
        async for value in source:
            self.burn()
            await out.put(value)
            del value


def run(run: Run) -> None:
    book = run.book("pipes")
    chan = open_channel(run, run.dice.pick(KEEPING))
    source_error = run.error() if run.dice.once_in(6) else None
    senders = Group(lambda: chan.close(error=source_error))
    for _ in range(run.dice.between(1, 2)):
        add_sender(run, book, chan, run.dice.between(1, 100), senders)
    stages = run.dice.between(1, 3)
    fuses = [run.dice.below(100) if run.dice.once_in(5) else None for _ in range(stages)]
    most = run.dice.below(60) if run.dice.once_in(3) else None
    is_ordered = run.dice.once_in(2)
    run.note(f"{stages} stages, ordered {is_ordered}, fuses {fuses}, up to {most}")

    async def host(hand: Hand) -> None:
        rx: Any = chan
        for fuse in fuses:
            rx = _stage(hand, rx, _Function(fuse), is_ordered)
        hand.may_reorder = not is_ordered
        left = most
        hand.post = "reads the last stage"
        try:
            while (values := await _read(hand, rx)) is not None:
                hand.got(values)
                if left is not None:
                    left -= len(values)
                    if left <= 0:
                        break
                values.clear()
        except Deliberate:
            pass
        hand.post = "leaves"
        # What was given back may have been overtaken.
        hand.may_reorder = True
        way = hand.dice.below(3)
        if way == 0:
            rx.close()
        elif way == 1:
            rx.detach()
        del rx
        await leave(hand, [chan])

    run.task(run.place(), "host", book, host)
    run.play()
    is_whole = most is None and source_error is None and all(fuse is None for fuse in fuses)
    run.settle(book, NONE if is_whole else ANY, chan)


async def _read(hand: Hand, rx: Any) -> list[Any] | None:
    """Some results, or `None` at the end; a wait that is given up takes none."""
    while True:
        way = hand.dice.below(3)
        try:
            if way == 0:
                return [await rx.get()]
            if way == 1:
                return await rx.get_many(5) or None
            return [await asyncio.wait_for(rx.get(), hand.dice.moment())]
        except (TimeoutError, asyncio.TimeoutError):
            continue
        except ms.Closed:
            return None


def _stage(hand: Hand, source: Any, function: _Function, is_ordered: bool) -> Any:
    n = hand.dice.between(1, 4)
    capacity = hand.dice.pick((None, 0, 1, 5))
    way = hand.dice.below(6)
    if way == 0:
        return ms.tasks(n, function.waiting, source, ordered=is_ordered, capacity=capacity)
    if way == 1:
        return ms.tasks(n, function.plain, source, ordered=is_ordered, capacity=capacity)
    if way == 2:
        return ms.flat_tasks(n, function.flat_waiting, source, ordered=is_ordered, capacity=capacity)
    if way == 3:
        batch = hand.dice.pick((1, 3))
        return ms.threads(n, function.plain, source, ordered=is_ordered, capacity=capacity, batch=batch)
    if way == 4:
        return ms.flat_threads(n, function.flat, source, ordered=is_ordered, capacity=capacity)
    return ms.apply(function.apply, source)
