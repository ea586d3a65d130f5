"""Buffers: on their own, subclassed, and in channels."""

from __future__ import annotations

import asyncio
import heapq
from typing import Any

import pytest
from aiochan_support import ac, buffers, run


def test_a_fixed_buffer() -> None:
    buffer = buffers.FixedLengthBuffer(2)
    assert (buffer.can_add, buffer.can_take) == (True, False)
    buffer.add(1)
    assert (buffer.can_add, buffer.can_take) == (True, True)
    buffer.add(2)
    assert (buffer.can_add, buffer.can_take) == (False, True)
    assert [buffer.take(), buffer.take()] == [1, 2]
    assert repr(buffer)


def test_a_dropping_and_a_sliding_buffer() -> None:
    dropping, sliding = buffers.DroppingBuffer(2), buffers.SlidingBuffer(2)
    for value in (1, 2, 3):
        assert dropping.can_add
        assert sliding.can_add
        dropping.add(value)
        sliding.add(value)
    assert [dropping.take(), dropping.take(), dropping.can_take] == [1, 2, False]
    assert [sliding.take(), sliding.take(), sliding.can_take] == [2, 3, False]


def test_a_promise_keeps_the_first_value_even_if_it_is_falsy() -> None:
    for first in (0, "", False, [], "value"):
        buffer = buffers.PromiseBuffer(None)
        assert not buffer.can_take
        buffer.add(first)
        buffer.add(7)
        assert buffer.can_take
        assert [buffer.take(), buffer.take()] == [first, first]


def test_an_iterable_as_a_buffer() -> None:
    buffer = buffers.IterBuffer([1, None, 2])
    assert not buffer.can_add
    got = []
    while buffer.can_take:
        got.append(buffer.take())
    assert got == [1, None, 2]


def test_the_kinds_of_buffers_in_channels() -> None:
    async def main() -> None:
        for make in (lambda kind: ac.Chan(kind, 2), lambda kind: ac.Chan(KINDS[kind](2))):
            fixed, dropping, sliding = make("f"), make("d"), make("s")
            assert [fixed.put_nowait(value) for value in (1, 2, 3)] == [True, True, None]
            assert [dropping.put_nowait(value) for value in (1, 2, 3)] == [True] * 3
            assert [sliding.put_nowait(value) for value in (1, 2, 3)] == [True] * 3
            assert await fixed.close().collect() == [1, 2]
            assert await dropping.close().collect() == [1, 2]
            assert await sliding.close().collect() == [2, 3]

    run(main())


KINDS = {"f": buffers.FixedLengthBuffer, "d": buffers.DroppingBuffer, "s": buffers.SlidingBuffer}


def test_a_promise_channel_gives_its_value_to_everyone() -> None:
    async def main() -> None:
        for chan in (ac.Chan("p"), ac.Chan(buffers.PromiseBuffer(None))):
            early = chan.get()
            assert not early.done()
            assert await chan.put(0) is True
            assert await chan.put(7) is True
            assert [await early, await chan.get(), await chan.get()] == [0, 0, 0]
            chan.close()
            assert await chan.get() == 0

    run(main())


def test_iterating_over_a_promise_ends() -> None:
    async def main() -> None:
        chan = ac.Chan("p")
        chan.add("value")
        joining = asyncio.ensure_future(chan.join())
        chan.close()
        assert await asyncio.wait_for(chan.collect(), 1) == ["value"]
        assert [value async for value in chan] == ["value"]
        await asyncio.wait_for(joining, 1)

    run(main())


class Largest:
    """Hands the largest value out first. It has a length, which is 0 in the beginning, and cannot be hashed."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, size: int) -> None:
        self.size = size
        self.values: list[int] = []

    def __len__(self) -> int:
        return len(self.values)

    def add(self, el: int) -> None:
        heapq.heappush(self.values, -el)

    def take(self) -> int:
        return -heapq.heappop(self.values)

    @property
    def can_add(self) -> bool:
        return len(self.values) < self.size

    @property
    def can_take(self) -> bool:
        return bool(self.values)


def test_any_object_with_the_four_names_is_a_buffer() -> None:
    async def main() -> None:
        chan = ac.Chan(Largest(3))
        assert [chan.put_nowait(value) for value in (1, 3, 2, 4)] == [True, True, True, None]
        waiting = chan.put(9)
        assert await chan.get() == 3
        assert await waiting is True
        assert await chan.close().collect() == [9, 2, 1]

    run(main())


def test_a_subclass_of_a_buffer_is_asked() -> None:
    class Doubling(buffers.FixedLengthBuffer):  # type: ignore[misc, name-defined]
        def add(self, el: int) -> None:
            super().add(el * 2)

    async def main() -> None:
        chan = ac.Chan(Doubling(2))
        chan.add(1, 2, 3)
        assert await chan.close().collect() == [2, 4, 6]

    run(main())


def test_the_abstract_buffer_has_to_be_completed() -> None:
    with pytest.raises(TypeError):
        buffers.AbstractBuffer()


def test_an_error_in_a_buffer_reaches_those_who_use_the_channel() -> None:
    class Broken(buffers.FixedLengthBuffer):  # type: ignore[misc, name-defined]
        def take(self) -> Any:
            raise ValueError("broken")

    async def main() -> None:
        chan = ac.Chan(Broken(2))
        chan.add(1)
        with pytest.raises(ValueError):
            await asyncio.wait_for(chan.get(), 1)
        with pytest.raises(ValueError):
            await asyncio.wait_for(chan.collect(), 1)

    run(main())


def test_what_cannot_be_a_buffer_is_refused_at_once() -> None:
    async def main() -> None:
        for buffer, size in (("x", 1), ("f", "many"), (object(), None), (1.5, None)):
            with pytest.raises((TypeError, ValueError)):
                ac.Chan(buffer, size)

    run(main())


def test_the_items_of_an_iterable() -> None:
    async def main() -> None:
        chan = ac.from_iter([1, 2, 3])
        assert chan.closed
        assert await chan.put(4) is False
        assert await chan.collect() == [1, 2, 3]
        assert [value async for value in ac.from_iter([1, None, 2])] == [1, None, 2]

    run(main())


def test_an_error_of_an_iterable_comes_in_its_place() -> None:
    def items() -> Any:
        yield 1
        yield 2
        raise ValueError("items")

    async def main() -> None:
        chan = ac.from_iter(items())
        assert [await chan.get(), await chan.get()] == [1, 2]
        with pytest.raises(ValueError):
            await asyncio.wait_for(chan.get(), 1)

    run(main())


def test_ranges() -> None:
    async def main() -> None:
        assert await ac.from_range(end=3).collect(5) == [0, 1, 2]
        assert await ac.from_range(3).collect() == [0, 1, 2]
        assert await ac.from_range(10, 20, 3).collect() == [10, 13, 16, 19]
        assert await ac.from_range(2, -2, -1).collect() == [2, 1, 0, -1]
        assert await ac.from_range().collect(3) == [0, 1, 2]
        assert await ac.from_range(5, step=5).collect(3) == [5, 10, 15]

    run(main())
