"""One source and many outputs: tees and topics whose taps come and go, distribution and lanes that are cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import millstream as ms

from ..book import NONE, Book, Deliberate
from ..channels import KEEPING, open_channel
from ..hand import Hand
from ..run import Group, Run
from ._common import add_receiver, add_sender, leave

TOPICS = 3


def run(run: Run) -> None:
    run.dice.pick((_tee, _topics, _distribute, _lanes))(run)


def _source(run: Run, book: Book, error: Any = None) -> Any:
    chan = open_channel(run, run.dice.pick(KEEPING))
    senders = Group(lambda: chan.close(error=error))
    for _ in range(run.dice.between(1, 3)):
        add_sender(run, book, chan, run.dice.between(1, 100), senders)
    return chan


def is_subsequence(part: Sequence[int], whole: Sequence[int]) -> bool:
    rest = iter(whole)
    return all(item in rest for item in part)


def is_infix(part: Sequence[int], whole: Sequence[int], *, at_end: bool) -> bool:
    if not part:
        return True
    if part[0] not in whole:
        return False
    first = whole.index(part[0])
    return list(whole[first : first + len(part)]) == list(part) and (not at_end or first + len(part) == len(whole))


class _Seen:
    """What the outputs of one hub have seen, to be compared when all is over."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.main: list[int] = []
        self.others: list[tuple[list[int], bool, bool]] = []

    async def follow(self, hand: Hand, rx: Any, *, is_lossy: bool) -> None:
        """One of the others: reads to the end, or leaves."""
        most = hand.dice.below(40) if hand.dice.once_in(2) else None
        ids: list[int] = []
        is_at_end = False
        try:
            if most is None or most:
                async for value in rx:
                    ids.append(value.id)
                    del value
                    if most is not None and len(ids) >= most:
                        break
                    await hand.turns(1)
                else:
                    is_at_end = True
        except Deliberate:
            is_at_end = True
        self.others.append((ids, is_lossy, is_at_end))
        way = hand.dice.below(3)
        if way == 0:
            rx.close()
        elif way == 1:
            rx.detach()

    async def lead(self, hand: Hand, rx: Any) -> None:
        """The one that sees everything, and counts as the receiver."""
        try:
            async for value in rx:
                self.main.append(value.id)
                hand.got([value])
                del value
        except Deliberate:
            pass

    def compare(self) -> None:
        for ids, is_lossy, is_at_end in self.others:
            if is_lossy:
                if not is_subsequence(ids, self.main):
                    self._book.wrong.append(f"an output has seen {ids} of {self.main}")
            elif not is_infix(ids, self.main, at_end=is_at_end):
                self._book.wrong.append(f"an output has seen {ids} of {self.main}, to the end {is_at_end}")


def _bound(hand: Hand) -> tuple[ms.Bound, bool]:
    size = hand.dice.below(5)
    way = hand.dice.below(5)
    if way == 0:
        return ms.Bound.drop_newest(size or 1), True
    if way == 1:
        return ms.Bound.drop_oldest(size or 1), True
    return ms.Bound.wait(size), False


async def _come_and_go(hand: Hand, tap: Callable[[ms.Bound], Any], seen: _Seen) -> None:
    """Taps that come one after the other."""
    for _ in range(hand.dice.below(6)):
        await hand.turns(20)
        bound, is_lossy = _bound(hand)
        hand.post = f"follows as {bound}"
        await seen.follow(hand, tap(bound), is_lossy=is_lossy)
    hand.post = "comes no more"


def _tee(run: Run) -> None:
    book = run.book("tee")
    chan = _source(run, book, run.error() if run.dice.once_in(4) else None)
    place = run.place()
    seen = _Seen(book)
    is_closed = run.dice.once_in(3)
    visitors = run.dice.below(4)
    run.note(f"tee, {visitors} visitors, closed {is_closed}")

    async def host(hand: Hand) -> None:
        tee: ms.Tee[Any] = ms.Tee(chan)
        main = asyncio.ensure_future(seen.lead(hand, tee.tap(hand.dice.below(4))))
        tasks = [asyncio.ensure_future(_come_and_go(hand, tee.tap, seen)) for _ in range(visitors)]
        if is_closed:
            await hand.turns(200)
            hand.post = "closes the tee"
            tee.close()
        hand.post = "waits for the main tap"
        await main
        hand.post = "waits for its visitors"
        await asyncio.gather(*tasks)
        await leave(hand, [chan])

    run.task(place, "host", book, host)
    run.play()
    seen.compare()
    run.settle(book, NONE, chan)


def _topics(run: Run) -> None:
    book = run.book("topics")
    chan = _source(run, book, run.error() if run.dice.once_in(4) else None)
    visitors = run.dice.below(4)
    seen = [_Seen(book) for _ in range(TOPICS)]
    run.note(f"topics, {visitors} visitors")

    async def host(hand: Hand) -> None:
        topics: ms.Topics[int, Any] = ms.Topics(chan, lambda value: value.id % TOPICS)
        mains = [
            asyncio.ensure_future(seen[topic].lead(hand, topics.subscribe(topic, hand.dice.below(4))))
            for topic in range(TOPICS)
        ]
        tasks = []
        for _ in range(visitors):
            topic = hand.dice.below(TOPICS)
            tap = lambda bound, topic=topic: topics.subscribe(topic, bound)  # noqa: E731
            tasks.append(asyncio.ensure_future(_come_and_go(hand, tap, seen[topic])))
        hand.post = "waits for the main subscriptions"
        await asyncio.gather(*mains)
        hand.post = "waits for its visitors"
        await asyncio.gather(*tasks)

    run.task(run.place(), "host", book, host)
    run.play()
    for of_topic in seen:
        of_topic.compare()
    run.settle(book, NONE, chan)


def _distribute(run: Run) -> None:
    """Each value to one of the outputs, some of which close midway; cancelled and begun again."""
    book = run.book("distribute")
    chan = _source(run, book)
    outputs = [open_channel(run, run.dice.pick(("rendezvous", *KEEPING))) for _ in range(run.dice.between(1, 4))]
    for output in outputs:
        add_receiver(run, book, output, None)
    leaving = outputs[1:] if run.dice.once_in(2) else []
    run.note(f"distribute to {len(outputs)}, {len(leaving)} leave")

    async def host(hand: Hand) -> None:
        while True:
            task = asyncio.ensure_future(ms.distribute(chan, *outputs, close=False))
            if not hand.dice.once_in(4):
                await asyncio.wait([task], timeout=hand.dice.moment())
                await hand.turns()
                if leaving and hand.dice.once_in(3):
                    # What it has is still got from it, or put back.
                    leaving.pop().close()
                    await hand.turns()
                task.cancel()
            hand.post = "waits for the distribution"
            try:
                await task
                break
            except asyncio.CancelledError:
                continue
        for output in outputs:
            output.close()

    run.task(run.place(), "host", book, host)
    run.play()
    run.settle(book, NONE, chan, *outputs)


def _lanes(run: Run) -> None:
    """All values of a key into one lane, in order; lanes that are closed are read to their end."""
    book = run.book("lanes")
    chan = _source(run, book, run.error() if run.dice.once_in(4) else None)
    count = run.dice.between(1, 4)
    capacity = run.dice.below(4)
    run.note(f"{count} lanes of {capacity}")

    async def host(hand: Hand) -> None:
        lanes = ms.lanes(chan, count, key=lambda value: value.producer, capacity=capacity)
        leaves = hand.dice.once_in(2)
        keys: list[set[int]] = [set() for _ in lanes]

        async def read(number: int, lane: Any) -> None:
            most = hand.dice.below(30) if leaves and number else None
            last: dict[int, int] = {}
            left = most
            try:
                async for value in lane:
                    hand.got([value])
                    keys[number].add(value.producer)
                    # A lane that takes over keys of another one may get a value before those that went back.
                    if not leaves and last.get(value.producer, 0) >= value.number:
                        book.wrong.append(f"{value!r} came after number {last[value.producer]}")
                    last[value.producer] = value.number
                    del value
                    if left is not None:
                        left -= 1
                        if left <= 0:
                            lane.close()
                            left = None
            except Deliberate:
                pass

        hand.post = "waits for its lanes"
        await asyncio.gather(*(read(number, lane) for number, lane in enumerate(lanes)))
        if not leaves and sum(map(len, keys)) != len(set().union(*keys)):
            book.wrong.append(f"values of one key came out of two lanes: {keys}")

    run.task(run.place(), "host", book, host)
    run.play()
    run.settle(book, NONE, chan)
