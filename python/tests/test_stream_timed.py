"""Operators that go by time, on a clock that passes without waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import millstream as ms
import pytest
from stream_support import Source, alone, cancelled, settle, with_clock


def now() -> float:
    return asyncio.get_running_loop().time()


async def at(*items: tuple[float, Any]) -> Any:
    """Items at their times; an exception is raised."""
    for time, item in items:
        await asyncio.sleep(time - now())
        if isinstance(item, BaseException):
            raise item
        yield item


@with_clock
async def test_throttle_slows_down_and_drops_nothing() -> None:
    times = []
    async for item in ms.from_range(3).throttle(2):
        times.append((now(), item))
    assert times == [(0, 0), (2, 1), (4, 2)]
    assert now() == 6, "the end comes when an item could have"
    assert await ms.from_range(3).throttle(0).collect() == [0, 1, 2]


@with_clock
async def test_a_slow_stream_is_not_slowed_down() -> None:
    times = []
    async for item in ms.stream(at((0, 0), (5, 1), (6, 2))).throttle(2):
        times.append((now(), item))
    assert times == [(0, 0), (5, 1), (7, 2)]


@with_clock
async def test_a_throttle_that_is_cancelled_keeps_its_time() -> None:
    numbers = ms.from_range().throttle(10)
    assert await numbers.__anext__() == 0
    task = asyncio.ensure_future(numbers.__anext__())
    await asyncio.sleep(4)
    task.cancel()
    await asyncio.wait([task])
    assert await numbers.__anext__() == 1
    assert now() == 10


@with_clock
async def test_debounce_yields_the_last_of_each_burst() -> None:
    bursts = at((0, "a"), (1, "b"), (2, "c"), (9, "d"), (20, "e"), (21, "f"))
    times = []
    async for item in ms.stream(bursts).debounce(5):
        times.append((now(), item))
    assert times == [(7, "c"), (14, "d"), (21, "f")]
    await alone()


@with_clock
async def test_a_debounced_item_survives_a_cancelled_wait() -> None:
    items = ms.stream(at((0, "a"), (100, "b"))).debounce(5)
    task = asyncio.ensure_future(items.__anext__())
    await asyncio.sleep(2)
    task.cancel()
    await settle()
    assert await items.__anext__() == "a"
    assert now() == 5, "the time that it has waited counts"
    assert await items.collect() == ["b"]


@with_clock
async def test_a_debounced_item_comes_before_the_error() -> None:
    items = ms.stream(at((0, "a"), (1, ValueError("boom")))).debounce(5)
    assert await items.__anext__() == "a"
    assert now() == 1
    with pytest.raises(ValueError, match="boom"):
        await items.__anext__()


@with_clock
async def test_a_batch_is_closed_by_number_or_by_time() -> None:
    items = at((0, 0), (1, 1), (2, 2), (3, 3), (20, 4), (21, 5))
    times = []
    async for batch in ms.stream(items).batch(3, 10):
        times.append((now(), batch))
    assert times == [(2, [0, 1, 2]), (13, [3]), (21, [4, 5])]
    await alone()


@with_clock
async def test_a_batch_that_has_begun_survives_a_cancelled_wait() -> None:
    items = ms.stream(at((0, 0), (1, 1), (8, 2), (30, 3))).batch(9, 10)
    task = asyncio.ensure_future(items.__anext__())
    await asyncio.sleep(5)
    task.cancel()
    await settle()
    assert await items.__anext__() == [0, 1, 2]
    assert now() == 10
    assert await items.collect() == [[3]]


@with_clock
async def test_a_batch_that_has_begun_comes_before_the_error() -> None:
    items = ms.stream(at((0, 0), (1, 1), (2, ValueError("boom")))).batch(9, 10)
    assert await items.__anext__() == [0, 1]
    assert now() == 2
    with pytest.raises(ValueError, match="boom"):
        await items.__anext__()


@with_clock
async def test_a_batch_pulls_no_more_than_one_list_ahead() -> None:
    source = Source[int](range(100))
    batches = ms.stream(source).batch(3, 10)
    assert await batches.__anext__() == [0, 1, 2]
    await settle()
    assert source.pulled <= 6
    assert now() == 0, "a list that is full does not wait"
    await batches.aclose()
    assert source.closed == 1


@with_clock
async def test_cancelling_who_waits_in_a_timed_stream_loses_nothing() -> None:
    for make in (
        lambda items: items.throttle(1),
        lambda items: items.debounce(1),
        lambda items: items.batch(1, 1).flatten_iter(),
    ):
        push, items = ms.push_stream()
        stream = make(items)
        await cancelled(stream.__anext__())
        push.put_nowait(1)
        push.close()
        assert await stream.collect() == [1]
