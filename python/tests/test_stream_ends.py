"""Beginnings and ends of streams."""

from __future__ import annotations

import asyncio
from typing import Any

import millstream as ms
import pytest
from stream_support import Never, Source, agen, alone, cancelled, everywhere, settle


@everywhere
async def test_ranges_are_those_of_range() -> None:
    assert await ms.from_range(3).collect() == [0, 1, 2]
    assert await ms.from_range(1, 3).collect() == [1, 2]
    assert await ms.from_range(5, 0, -2).collect() == [5, 3, 1]
    assert await ms.from_range().take(2).collect() == [0, 1]
    assert await ms.from_range(None).take(2).collect() == [0, 1]
    assert await ms.from_range(4, None, 2).take(2).collect() == [4, 6]


@everywhere
async def test_ends_give_one_result() -> None:
    def numbers() -> ms.Stream[int]:
        return ms.from_range(1, 6)

    assert await numbers().collect([0]) == [0, 1, 2, 3, 4, 5]
    assert await numbers().fold(0, lambda total, n: total + n) == 15
    assert await numbers().reduce(lambda total, n: total * n) == 120
    assert await numbers().reduce(lambda total, n: total + n, 10) == 25
    assert await numbers().count() == 5
    assert await numbers().last() == 5
    assert await ms.stream([]).last() is None
    assert await ms.stream([]).last(7) == 7
    assert await numbers().nth(2) == 3
    assert await numbers().nth(5) is None
    assert await numbers().nth(5, 0) == 0
    assert await numbers().find(lambda n: n > 2) == 3
    assert await numbers().find(lambda n: n > 9) is None
    assert await numbers().find_map(lambda n: str(n) if n > 2 else None) == "3"
    assert await numbers().find_map(lambda n: None) is None
    assert await numbers().position(lambda n: n > 2) == 2
    assert await numbers().position(lambda n: n > 9) is None
    assert await numbers().all(lambda n: n > 0)
    assert not await numbers().all(lambda n: n > 1)
    assert await numbers().any(lambda n: n > 4)
    assert not await numbers().any(lambda n: n > 5)
    assert (await ms.stream([0]).any(), await ms.stream([0]).all(), await ms.stream([]).all()) == (False, False, True)
    assert await numbers().partition(lambda n: n % 2) == ([1, 3, 5], [2, 4])
    assert await ms.stream([(1, "a"), (2, "b")]).unzip() == ([1, 2], ["a", "b"])
    seen: list[int] = []
    await numbers().for_each(seen.append)
    assert seen == [1, 2, 3, 4, 5]
    with pytest.raises(TypeError, match="empty"):
        await ms.stream([]).reduce(max)
    with pytest.raises(ValueError, match="index"):
        await numbers().nth(-1)


@everywhere
async def test_functions_of_ends_may_be_async() -> None:
    async def add(total: int, n: int) -> int:
        await asyncio.sleep(0)
        return total + n

    async def large(n: int) -> bool:
        await asyncio.sleep(0)
        return n > 2

    assert await ms.from_range(5).fold(0, add) == 10
    assert await ms.from_range(5).reduce(add) == 10
    assert await ms.from_range(5).find(large) == 3
    assert await ms.from_range(5).position(large) == 3
    assert await ms.from_range(5).any(large)
    assert not await ms.from_range(5).all(large)
    assert await ms.from_range(5).partition(large) == ([3, 4], [0, 1, 2])


@everywhere
async def test_ends_that_end_early_leave_the_rest() -> None:
    numbers = ms.from_range(10)
    assert await numbers.find(lambda n: n == 2) == 2
    assert await numbers.nth(0) == 3
    assert await numbers.collect_n(2) == [4, 5]
    assert await numbers.collect_n(0) == []
    assert not await numbers.all(lambda n: n != 6)
    into = [0]
    assert await numbers.collect_n(9, into) is into
    assert into == [0, 7, 8, 9]


@everywhere
async def test_an_error_of_the_stream_is_raised_by_every_end() -> None:
    def failing() -> ms.Stream[Any]:
        return ms.stream(Source([ValueError("boom")]))

    chan = ms.bounded(1)
    for end in (
        failing().collect(),
        failing().collect_n(2),
        failing().fold(0, max),
        failing().reduce(max),
        failing().for_each(print),
        failing().count(),
        failing().last(),
        failing().nth(0),
        failing().find(bool),
        failing().find_map(bool),
        failing().position(bool),
        failing().all(),
        failing().any(),
        failing().partition(bool),
        failing().unzip(),
        failing().forward_into(chan, close=False),
    ):
        with pytest.raises(ValueError, match="boom"):
            await end
    assert not chan.is_closed()


@everywhere
async def test_what_collects_into_a_list_loses_nothing_when_it_is_cancelled() -> None:
    push, items = ms.push_stream()
    push.put_nowait(1)
    into: list[int] = []
    await cancelled(items.collect(into))
    await cancelled(items.collect_n(5, into))
    push.put_nowait(2)
    push.close()
    assert await items.collect(into) == [1, 2]


@everywhere
async def test_forwarding_fills_a_channel_and_closes_it_or_not() -> None:
    chan = ms.bounded(9)
    assert await ms.from_range(3).forward_into(chan, close=False) == 3
    assert not chan.is_closed()
    assert await ms.from_range(3, 5).forward_into(chan) == 2
    assert chan.is_closed()
    assert await chan.stream().collect() == [0, 1, 2, 3, 4]
    await alone()


@everywhere
async def test_forwarding_waits_for_room_and_pulls_no_further() -> None:
    source = Source[int](range(100))
    chan = ms.bounded(2)
    forwarding = asyncio.ensure_future(ms.stream(source).forward_into(chan))
    await settle()
    assert source.pulled == 3
    assert await chan.stream().collect() == list(range(100))
    assert await forwarding == 100


@everywhere
async def test_an_error_reaches_who_gets_from_a_channel_that_was_forwarded_into() -> None:
    chan = ms.bounded(9)
    with pytest.raises(ValueError, match="boom"):
        await ms.stream(Source([1, ValueError("boom")])).forward_into(chan)
    assert await chan.get() == 1
    with pytest.raises(ValueError, match="boom"):
        await chan.get()


@everywhere
async def test_a_channel_that_is_closed_ends_the_forward_also_while_the_stream_has_nothing() -> None:
    for source in (Source[int]([Never()]), Source[int](range(9))):
        chan = ms.bounded(2)
        forwarding = asyncio.ensure_future(ms.stream(source).forward_into(chan))
        await settle()
        chan.close()
        chan.drain()
        with pytest.raises(ms.Closed):
            await forwarding
        await alone()
    closed = ms.bounded(1)
    closed.close()
    source = Source[int](range(9))
    with pytest.raises(ms.Closed):
        await ms.stream(source).forward_into(closed)
    assert source.pulled == 0, "nothing is pulled for a channel that is closed"


@everywhere
async def test_a_forward_that_is_cancelled_has_put_what_it_pulled() -> None:
    source = Source[int](range(9))
    chan = ms.bounded(2)
    numbers = ms.stream(source)
    await cancelled(numbers.forward_into(chan))
    assert source.pulled == 3
    assert [await chan.get() for _ in range(3)] == [0, 1, 2]
    assert await numbers.__anext__() == 3
    await alone()


@everywhere
async def test_a_forward_that_is_cancelled_when_its_put_was_taken_has_put_it_once() -> None:
    chan = ms.rendezvous()
    numbers = ms.from_range(9)
    forwarding = asyncio.ensure_future(numbers.forward_into(chan))
    await settle()
    assert chan.get_nowait() == 0
    forwarding.cancel()
    await settle()
    assert forwarding.cancelled()
    rest = asyncio.ensure_future(numbers.forward_into(chan))
    assert await chan.stream().collect() == list(range(1, 9))
    await rest


@everywhere
async def test_generate_emits_on_demand() -> None:
    done: list[int] = []

    async def count(emit: Any, to: int) -> None:
        for number in range(to):
            await emit(number)
            done.append(number)

    async def block(emit: Any) -> None:
        await count(emit, 2)
        await count(emit, 3)

    numbers = ms.generate(block)
    assert await numbers.__anext__() == 0
    await settle()
    assert done == [], "what follows an emit waits until it is needed"
    assert await numbers.__anext__() == 1
    assert done == [0]
    assert await numbers.collect() == [0, 1, 2]
    await alone()


@everywhere
async def test_an_exception_of_the_block_comes_after_what_it_emitted() -> None:
    async def block(emit: Any) -> None:
        await emit(1)
        raise ValueError("boom")

    numbers = ms.generate(block)
    assert await numbers.__anext__() == 1
    with pytest.raises(ValueError, match="boom"):
        await numbers.__anext__()


@everywhere
async def test_a_block_survives_cancelled_waits_and_is_cancelled_with_its_stream() -> None:
    later = asyncio.get_running_loop().create_future()
    ended = []

    async def block(emit: Any) -> None:
        try:
            await emit(await later)
            await emit(1)
            await Never()
        finally:
            ended.append(True)

    numbers = ms.generate(block)
    await cancelled(numbers.__anext__())
    await cancelled(numbers.__anext__())
    later.set_result(0)
    assert await numbers.collect_n(2) == [0, 1]
    await cancelled(numbers.__anext__())
    assert ended == []
    await numbers.aclose()
    assert ended == [True]
    assert await numbers.collect() == []
    await alone()


@everywhere
async def test_what_was_pushed_can_be_looked_at() -> None:
    push, items = ms.push_stream()
    assert items.is_len_at_least(0)
    assert not items.is_item_available()
    push.put_nowait(1)
    push.put_nowait(2)
    assert items.available() == [1, 2]
    assert items.is_item_available()
    assert items.is_len_at_least(2)
    assert not items.is_len_at_least(3)
    assert not items.is_stopped()
    push.close()
    assert items.is_stopped()
    with pytest.raises(ms.Closed):
        push.put_nowait(3)
    assert await items.collect() == [1, 2]


@everywhere
async def test_cancelling_a_consumer_of_a_push_stream_closes_it_for_nobody() -> None:
    push, items = ms.push_stream()
    await cancelled(items.__anext__())
    push.put_nowait(1)
    assert await items.__anext__() == 1


@everywhere
async def test_a_stopped_push_stream_with_an_error_raises_it() -> None:
    push, items = ms.push_stream()
    push.put_nowait(1)
    push.close(error=ValueError("boom"))
    seen: list[int] = []
    with pytest.raises(ValueError, match="boom"):
        await items.collect(seen)
    assert seen == [1]


@everywhere
async def test_a_closed_push_stream_drops_what_waits() -> None:
    push, items = ms.push_stream()
    push.put_nowait(1)
    await items.aclose()
    assert push.is_closed()
    assert await items.collect() == []


@everywhere
async def test_streams_are_async_iterators() -> None:
    stream = ms.stream(agen(range(3)))
    assert stream.__aiter__() is stream
    seen = []
    async for item in stream:
        seen.append(item)
        if item == 1:
            break
    assert seen == [0, 1]
    assert await stream.__anext__() == 2
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()
