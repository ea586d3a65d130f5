"""Laws of the operators: each does to a stream what a function on lists does to a list, wherever the waits fall."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import millstream as ms
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_support import run, settle

Numbers = st.lists(st.integers(0, 5), max_size=20)

STEPS: dict[str, tuple[Callable[[ms.Stream[int]], ms.Stream[int]], Callable[[list[int]], list[int]]]] = {
    "map": (lambda s: s.map(lambda n: n + 1), lambda xs: [n + 1 for n in xs]),
    "filter": (lambda s: s.filter(lambda n: n % 2), lambda xs: [n for n in xs if n % 2]),
    "flat_map": (lambda s: s.flat_map(lambda n: [n] * (n % 3)), lambda xs: [n for n in xs for _ in range(n % 3)]),
    "take": (lambda s: s.take(4), lambda xs: xs[:4]),
    "skip": (lambda s: s.skip(2), lambda xs: xs[2:]),
    "take_while": (lambda s: s.take_while(lambda n: n < 4), lambda xs: list(itertools.takewhile(lambda n: n < 4, xs))),
    "skip_while": (lambda s: s.skip_while(lambda n: n < 4), lambda xs: list(itertools.dropwhile(lambda n: n < 4, xs))),
    "distinct": (lambda s: s.distinct(), lambda xs: [key for key, _ in itertools.groupby(xs)]),
    "group_by": (
        lambda s: s.group_by(lambda n: n // 2).map(lambda run: sum(run[1])),
        lambda xs: [sum(items) for _, items in itertools.groupby(xs, lambda n: n // 2)],
    ),
    "chunks": (
        lambda s: s.chunks(3).map(sum),
        lambda xs: [sum(xs[start : start + 3]) for start in range(0, len(xs), 3)],
    ),
    "scan": (lambda s: s.scan(0, lambda total, n: (total + n) % 7), lambda xs: scan(xs)),
    "step_by": (lambda s: s.step_by(3), lambda xs: xs[::3]),
    "chain": (lambda s: s.chain([9]), lambda xs: [*xs, 9]),
    "buffer_ahead": (lambda s: s.buffer_ahead(2), lambda xs: xs),
    "buffered": (lambda s: s.buffered(3, negate), lambda xs: [-n for n in xs]),
    "fork": (lambda s: s.fork(3), lambda xs: xs),
    "share": (lambda s: s.share(), lambda xs: xs),
    "merge": (lambda s: s.merge(), lambda xs: xs),
    "zip": (
        lambda s: s.zip(ms.from_range()).map(lambda row: row[0] + row[1]),
        lambda xs: [n + i for i, n in enumerate(xs)],
    ),
    "stoppable": (lambda s: s.stoppable()[0], lambda xs: xs),
    "peekable": (lambda s: s.peekable(), lambda xs: xs),
}


def scan(numbers: list[int]) -> list[int]:
    totals = list(itertools.accumulate(numbers, lambda total, n: (total + n) % 7, initial=0))
    return totals[1:]


async def negate(number: int) -> int:
    for _ in range(number % 3):
        await asyncio.sleep(0)
    return -number


async def nothing_left() -> None:
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Hesitant:
    """Items with waits before some of them, which survives cancellation."""

    def __init__(self, items: list[int], waits: list[int]) -> None:
        self._items = iter(items)
        self._waits = itertools.cycle(waits or [0])

    def __aiter__(self) -> Hesitant:
        return self

    async def __anext__(self) -> int:
        for _ in range(next(self._waits)):
            await asyncio.sleep(0)
        for item in self._items:
            return item
        raise StopAsyncIteration


Waits = st.lists(st.integers(0, 2), min_size=1, max_size=4)
Pipe = st.lists(st.sampled_from(sorted(STEPS)), max_size=5)


@settings(max_examples=120, deadline=None)
@given(Numbers, Waits, Pipe)
def test_a_pipe_does_what_the_functions_on_lists_do(numbers: list[int], waits: list[int], pipe: list[str]) -> None:
    async def main() -> None:
        stream: ms.Stream[int] = ms.stream(Hesitant(numbers, waits))
        expected = list(numbers)
        for name in pipe:
            step, on_lists = STEPS[name]
            stream = step(stream)
            expected = on_lists(expected)
        assert await stream.collect() == expected
        del stream
        await nothing_left()

    run(main())


@settings(max_examples=120, deadline=None)
@given(Numbers, Waits, Pipe, st.lists(st.integers(0, 6), max_size=12))
def test_cancelled_waits_change_nothing(
    numbers: list[int], waits: list[int], pipe: list[str], after: list[int]
) -> None:
    async def main() -> None:
        stream: ms.Stream[int] = ms.stream(Hesitant(numbers, waits))
        expected = list(numbers)
        for name in pipe:
            step, on_lists = STEPS[name]
            stream = step(stream)
            expected = on_lists(expected)
        seen: list[int] = []
        for turns in after:
            task = asyncio.ensure_future(stream.collect(seen))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await stream.collect(seen)
        assert seen == expected

    run(main())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(Numbers, Waits, st.booleans()), max_size=4), st.integers(0, 9))
def test_a_merge_interleaves(sources: list[tuple[list[int], list[int], bool]], ahead: int) -> None:
    async def main() -> None:
        inputs: list[Any] = []
        for number, (items, waits, is_channel) in enumerate(sources):
            tagged = ms.stream(Hesitant(items, waits)).map(lambda item, number=number: (number, item))
            if is_channel:
                chan = ms.bounded(len(items) + 1)
                await tagged.forward_into(chan)
                inputs.append(chan)
            else:
                inputs.append(tagged)
        merged = await ms.merge(*inputs, ahead=ahead).collect()
        for number, (items, _, _) in enumerate(sources):
            assert [item for source, item in merged if source == number] == items
        assert len(merged) == sum(len(items) for items, _, _ in sources)
        await nothing_left()

    run(main())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(Numbers, Waits), min_size=1, max_size=4), st.booleans())
def test_a_zip_takes_rows_and_keeps_the_rest(sources: list[tuple[list[int], list[int]]], is_longest: bool) -> None:
    async def main() -> None:
        lists = [items for items, _ in sources]
        inputs = [Hesitant(items, waits) for items, waits in sources]
        if is_longest:
            assert await ms.zip_longest(*inputs, fill=-1).collect() == list(itertools.zip_longest(*lists, fillvalue=-1))
        else:
            rows = ms.zip_all(*inputs)
            taken = await rows.collect()
            assert taken == list(zip(*lists))
            assert [await rest.collect() for rest in rows.rest()] == [items[len(taken) :] for items in lists]

    run(main())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(Numbers, Waits), min_size=1, max_size=3))
def test_combine_latest_shows_every_item_once_all_have_had_one(sources: list[tuple[list[int], list[int]]]) -> None:
    async def main() -> None:
        inputs = [ms.stream(Hesitant(items, waits)).enumerate() for items, waits in sources]
        rows = await ms.combine_latest(*inputs).collect()
        if not all(items for items, _ in sources):
            assert rows == []
            return
        assert rows[-1] == tuple((len(items) - 1, items[-1]) for items, _ in sources)
        for before, row in zip(rows, rows[1:]):
            moved = [new[0] - old[0] for old, new in zip(before, row)]
            assert sorted(moved) == [0] * (len(moved) - 1) + [1], "one item a row"

    run(main())


@settings(max_examples=60, deadline=None)
@given(Numbers, Waits, st.integers(1, 4), st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_every_fork_sees_every_item_and_sharers_split_them(
    numbers: list[int], waits: list[int], limit: int, delays: list[int]
) -> None:
    async def consume(items: ms.Stream[int], delay: int) -> list[int]:
        seen = []
        async for item in items:
            seen.append(item)
            for _ in range(delay):
                await asyncio.sleep(0)
        return seen

    async def main() -> None:
        fork = ms.stream(Hesitant(numbers, waits)).fork(limit)
        forks = [fork.clone() for _ in delays]
        del fork
        seen = await asyncio.gather(*(consume(fork, delay) for fork, delay in zip(forks, delays)))
        assert seen == [numbers] * len(delays)
        share = ms.stream(Hesitant(numbers, waits)).share()
        consumers = [share.clone() for _ in delays]
        parts = await asyncio.gather(*(consume(part, delay) for part, delay in zip(consumers, delays)))
        assert sorted(itertools.chain(*parts)) == sorted(numbers)
        await settle()

    run(main())
