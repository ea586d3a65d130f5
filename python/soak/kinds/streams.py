"""Streams over channels: operators, several sources in one, several consumers of one; cancelled and closed midway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import millstream as ms

from ..book import ANY, NONE, Book, Deliberate, Value
from ..channels import KEEPING, open_channel
from ..hand import Hand
from ..run import Group, Run
from ._common import add_sender, cancelled_at_times, leave

Make = Callable[[Hand, list[Any]], Any]


async def _slowly(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


def _chain(hand: Hand, channels: list[Any]) -> Any:
    """A chain of operators that keep every item."""
    stream = ms.merge(*channels) if len(channels) > 1 else channels[0].stream()
    for _ in range(hand.dice.below(4)):
        way = hand.dice.below(6)
        if way == 0:
            stream = stream.map(lambda value: value)
        elif way == 1:
            stream = stream.map(_slowly)
        elif way == 2:
            stream = stream.filter(lambda value: True)
        elif way == 3:
            stream = stream.enumerate().map(lambda pair: pair[1])
        elif way == 4:
            stream = stream.inspect(lambda value: None)
        else:
            stream = stream.flat_map(lambda value: [value])
    return stream


def _ahead(hand: Hand, channels: list[Any]) -> Any:
    """Operators with tasks of their own."""
    stream = _chain(hand, channels)
    way = hand.dice.below(5)
    at_once = hand.dice.between(1, 5)
    if way == 0:
        return stream.buffered(at_once, _slowly)
    if way == 1:
        return stream.buffer_unordered(at_once, _slowly)
    if way == 2:
        return stream.buffer_ahead(at_once)
    if way == 3:
        return stream.chunks(at_once).flat_map(lambda chunk: chunk)
    return ms.from_iter([stream]).merge_all(at_once)


async def _consume(hand: Hand, stream: Any, most: int | None) -> None:
    """Reads to the end, or so many items and then closes the stream."""
    hand.post = f"reads {stream!r}"
    left = most
    try:
        async for value in stream:
            hand.got([value])
            del value
            if left is not None:
                left -= 1
                if left <= 0:
                    break
            hand.idle()
    except Deliberate:
        pass
    finally:
        hand.post = "closes its stream"
        if most is not None:
            await stream.aclose()


def run(run: Run) -> None:
    run.dice.pick((_one_consumer, _with_tasks, _shared, _forked, _zipped, _failing))(run)


def _sources(run: Run, book: Book, count: int) -> list[Any]:
    channels = [open_channel(run, run.dice.pick(KEEPING)) for _ in range(count)]
    for chan in channels:
        error = run.error() if run.dice.once_in(5) else None
        senders = Group(partial(chan.close, error=error))
        for _ in range(run.dice.between(1, 2)):
            add_sender(run, book, chan, run.dice.between(1, 120), senders)
    return channels


def _one_consumer(run: Run) -> None:
    """What has no task of its own can be cancelled while it waits, and nothing is lost."""
    book = run.book("streams")
    channels = _sources(run, book, run.dice.between(1, 3))

    async def consume(hand: Hand) -> None:
        stream = ms.merge(*channels) if len(channels) > 1 else channels[0].stream()

        async def read() -> None:
            try:
                async for value in stream:
                    hand.got([value])
                    del value
            except Deliberate:
                pass

        hand.post = "reads, and is cancelled at times"
        await cancelled_at_times(hand, read)
        # The error of one source ends a merge; the others have not been read to their end.
        await leave(hand, channels)

    run.task(run.place(), "consumer", book, consume)
    run.note("one consumer")
    run.play()
    run.settle(book, NONE, *channels)


def _with_tasks(run: Run) -> None:
    book = run.book("streams with tasks")
    channels = _sources(run, book, run.dice.between(1, 3))
    most = run.dice.below(80) if run.dice.once_in(2) else None

    async def consume(hand: Hand) -> None:
        await _consume(hand, _ahead(hand, channels), most)
        await leave(hand, channels)

    run.task(run.place(), "consumer", book, consume)
    run.note(f"with tasks, up to {most}")
    run.play()
    # An error ends what is read ahead, and so does leaving.
    has_error = any(chan.error is not None for chan in channels)
    run.settle(book, NONE if most is None and not has_error else ANY, *channels)


def _shared(run: Run) -> None:
    """Each item for exactly one of several consumers, who come and go and are cancelled."""
    book = run.book("shares")
    channels = _sources(run, book, 1)
    chan = channels[0]
    place = run.place()
    count = run.dice.between(1, 4)

    async def host(hand: Hand) -> None:
        share = chan.stream().share()
        tasks = []
        for _ in range(count):
            clone = share.clone()
            most = hand.dice.below(50) if hand.dice.once_in(3) else None

            async def read(clone: Any = clone, most: int | None = most) -> None:
                if most is None:
                    await cancelled_at_times(hand, lambda: _consume(hand, clone, None))
                else:
                    await _consume(hand, clone, most)

            tasks.append(asyncio.ensure_future(read()))
            del clone, read
        await _consume(hand, share, None)
        await asyncio.gather(*tasks)
        await leave(hand, channels)

    run.task(place, "host", book, host)
    run.note(f"{count} shares")
    run.play()
    run.settle(book, NONE, chan)


def _forked(run: Run) -> None:
    """Every item for every fork, in the same order."""
    book = run.book("forks")
    channels = _sources(run, book, 1)
    chan = channels[0]
    limit = run.dice.pick((1, 2, 16))
    count = run.dice.between(0, 3)

    async def host(hand: Hand) -> None:
        fork = chan.stream().fork(limit) if hand.dice.below(4) else chan.stream().fork_unbounded()
        seen: list[int] = []
        tasks = [asyncio.ensure_future(_follow(hand, fork.clone(), seen)) for _ in range(count)]
        try:
            async for value in fork:
                seen.append(value.id)
                hand.got([value])
                del value
        except Deliberate:
            pass
        others = await asyncio.gather(*tasks)
        await leave(hand, channels)
        for ids in others:
            if ids != seen[: len(ids)]:
                book.wrong.append(f"a fork has seen {ids}, and the first one {seen}")

    run.task(run.place(), "host", book, host)
    run.note(f"{count + 1} forks, {limit} ahead")
    run.play()
    run.settle(book, NONE, chan)


async def _follow(hand: Hand, fork: Any, seen: list[int]) -> list[int]:
    """Follows another fork: to the end, or up to some item."""
    most = hand.dice.below(80) if hand.dice.once_in(2) else None
    ids: list[int] = []
    try:
        async for value in fork:
            ids.append(value.id)
            del value
            if most is not None and len(ids) > most:
                break
        else:
            if len(ids) < len(seen):
                hand.book.wrong.append(f"a fork has ended after {len(ids)} of {len(seen)} items")
    except Deliberate:
        pass
    if hand.dice.once_in(2):
        await fork.aclose()
    return ids


def _zipped(run: Run) -> None:
    """Rows of several channels: what no row takes goes back into them."""
    book = run.book("zips")
    channels = _sources(run, book, run.dice.between(2, 3))
    is_longest = run.dice.once_in(2)

    async def consume(hand: Hand) -> None:
        rows: Any = ms.zip_longest(*channels) if is_longest else ms.zip_all(*channels)

        async def read() -> None:
            try:
                async for row in rows:
                    hand.got([value for value in row if value is not None])
                    del row
            except Deliberate:
                pass

        hand.post = "zips, and is cancelled at times"
        await cancelled_at_times(hand, read)
        hand.post = "closes its zip"
        await rows.aclose()
        # The longer ones still have senders.
        await leave(hand, channels)

    run.task(run.place(), "consumer", book, consume)
    run.note(f"zip, longest {is_longest}")
    run.play()
    run.settle(book, NONE, *channels)


def _failing(run: Run) -> None:
    """A function that raises: the error comes to the consumer once, and nothing is left of the stream."""
    book = run.book("failing streams")
    channels = _sources(run, book, run.dice.between(1, 2))
    fuse = run.dice.below(60)

    async def consume(hand: Hand) -> None:
        calls = 0

        async def burn(value: Value) -> Value:
            nonlocal calls
            calls += 1
            if calls > fuse:
                raise Deliberate("a function that raises")
            return value

        stream = _chain(hand, channels)
        way = hand.dice.below(3)
        if way == 0:
            stream = stream.map(burn)
        else:
            stream = stream.buffered(3, burn) if way == 1 else stream.buffer_unordered(3, burn)
        await _consume(hand, stream, None)
        await stream.aclose()
        await leave(hand, channels)

    run.task(run.place(), "consumer", book, consume)
    run.note(f"a function that raises after {fuse}")
    run.play()
    run.settle(book, ANY, *channels)
