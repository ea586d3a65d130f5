"""Operators that run beside their consumer, hold, and let go."""

from __future__ import annotations

import asyncio
import contextvars

import millstream as ms
import pytest
from stream_support import Never, Source, agen, alone, cancelled, everywhere, settle


class Workers:
    """An async function that waits to be told, and knows how many calls run."""

    def __init__(self) -> None:
        self.running: dict[int, asyncio.Future[int]] = {}
        self.most = 0

    async def __call__(self, item: int) -> int:
        self.running[item] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.running))
        try:
            return await self.running[item]
        finally:
            del self.running[item]

    def finish(self, item: int) -> None:
        self.running[item].set_result(item * item)


@everywhere
async def test_buffered_keeps_the_order_and_the_bound() -> None:
    work = Workers()
    source = Source[int](range(5))
    results = ms.stream(source).buffered(2, work)
    first = asyncio.ensure_future(results.__anext__())
    await settle()
    assert (sorted(work.running), source.pulled) == ([0, 1], 2)
    work.finish(1)
    await settle()
    assert not first.done(), "the order is that of the stream"
    assert source.pulled == 2, "a result that waits for its turn counts"
    work.finish(0)
    assert await first == 0
    assert await results.__anext__() == 1
    await settle()
    assert sorted(work.running) == [2, 3]
    for item in (3, 2):
        work.finish(item)
    rest = asyncio.ensure_future(results.collect())
    await settle()
    work.finish(4)
    assert await rest == [4, 9, 16]
    assert work.most == 2
    await alone()


@everywhere
async def test_buffer_unordered_yields_what_is_done() -> None:
    work = Workers()
    results = ms.from_range(4).buffer_unordered(3, work)
    first = asyncio.ensure_future(results.__anext__())
    await settle()
    assert sorted(work.running) == [0, 1, 2]
    work.finish(2)
    assert await first == 4
    await settle()
    assert sorted(work.running) == [0, 1, 3]
    for item in (3, 0, 1):
        work.finish(item)
        await settle()
    assert await results.collect() == [9, 0, 1]
    await alone()


@everywhere
async def test_items_that_can_be_awaited_are() -> None:
    async def square(number: int) -> int:
        await asyncio.sleep(0)
        return number * number

    items = (square(number) for number in range(4))
    assert await ms.stream(items).buffered(2).collect() == [0, 1, 4, 9]
    items = (square(number) for number in range(4))
    assert sorted(await ms.stream(items).buffer_unordered(2).collect()) == [0, 1, 4, 9]


@everywhere
async def test_an_exception_in_a_worker_comes_after_what_was_before_it_and_cancels_the_rest() -> None:
    running = 0

    async def work(item: int) -> int:
        nonlocal running
        if item == 2:
            await settle()
            raise ValueError("boom")
        if item > 2:
            running += 1
            try:
                await Never()
            finally:
                running -= 1
        return item

    for results in (ms.from_range(9).buffered(4, work), ms.from_range(9).buffer_unordered(4, work)):
        seen = []
        with pytest.raises(ValueError, match="boom"):
            async for result in results:
                seen.append(result)
        assert seen == [0, 1]
        assert running
        assert await results.collect() == []
        await alone()
        assert not running


@everywhere
async def test_an_exception_of_the_source_comes_after_the_results_before_it() -> None:
    async def slow(item: int) -> int:
        await settle()
        return item

    for at_once in (1, 2, 5):
        for is_ordered in (True, False):
            failing = ms.stream(Source([0, 1, 2, ValueError("boom")]))
            results = failing.buffered(at_once, slow) if is_ordered else failing.buffer_unordered(at_once, slow)
            seen: list[int] = []
            with pytest.raises(ValueError, match="boom"):
                await results.collect(seen)
            assert seen == [0, 1, 2]


@everywhere
async def test_cancelling_who_waits_for_a_result_loses_nothing() -> None:
    for is_ordered in (True, False):
        work = Workers()
        results = ms.from_range(3).buffered(2, work) if is_ordered else ms.from_range(3).buffer_unordered(2, work)
        await cancelled(results.__anext__())
        await cancelled(results.__anext__())
        work.finish(0)
        await settle()
        rest = asyncio.ensure_future(results.collect())
        await settle()
        work.finish(1)
        work.finish(2)
        assert await rest == [0, 1, 4]


@everywhere
async def test_closing_cancels_the_workers_and_closes_the_source() -> None:
    never = Never()

    async def wait(item: int) -> None:
        await never

    source = Source[int](range(9))
    results = ms.stream(source).buffered(3, wait)
    await cancelled(results.__anext__())
    await results.aclose()
    assert (never.cancelled, source.closed) == (3, 1)
    await alone()


@everywhere
async def test_buffer_ahead_pulls_as_far_as_it_says() -> None:
    for ahead in (1, 2, 5):
        source = Source[int](range(100))
        items = ms.stream(source).buffer_ahead(ahead)
        await settle()
        assert source.pulled == 0, "nothing before the first wish"
        assert await items.__anext__() == 0
        await settle()
        assert source.pulled == 1 + ahead
        assert await items.collect() == list(range(1, 100))
        await alone()


@everywhere
async def test_nothing_ahead_passes_through() -> None:
    source = Source[int](range(5))
    for items in (ms.stream(source).buffer_ahead(0), ms.stream(source).active(0)):
        assert await items.__anext__() in (0, 1)
    assert source.pulled == 2
    with pytest.raises(ValueError, match="ahead"):
        ms.stream(source).buffer_ahead(-1)
    with pytest.raises(ValueError, match="ahead"):
        ms.stream(source).active(-1)


@everywhere
async def test_an_active_stream_pulls_at_once_and_no_further_than_it_says() -> None:
    source = Source[int](range(100))
    items = ms.stream(source).active(3)
    await settle()
    assert source.pulled == 3
    assert await items.collect() == list(range(100))


@everywhere
async def test_an_active_stream_over_an_endless_iterator_is_bounded_and_lets_siblings_run() -> None:
    items = ms.from_range().active(3)
    await settle()
    assert await items.collect_n(5) == [0, 1, 2, 3, 4]
    await items.aclose()
    await alone()


@everywhere
async def test_an_error_comes_after_what_was_pulled_ahead() -> None:
    items = ms.stream(Source([0, 1, 2, ValueError("boom")])).active(9)
    await settle()
    seen: list[int] = []
    with pytest.raises(ValueError, match="boom"):
        await items.collect(seen)
    assert seen == [0, 1, 2]


@everywhere
async def test_a_generator_survives_a_cancelled_wait_behind_a_task() -> None:
    later = asyncio.get_running_loop().create_future()

    async def waiting() -> object:
        yield await later
        yield 2

    items = ms.stream(waiting()).buffer_ahead(1)
    await cancelled(items.__anext__())
    later.set_result(1)
    assert await items.collect() == [1, 2]


@everywhere
async def test_a_gate_lets_pass_what_was_admitted_and_loses_nothing() -> None:
    source = Source[int](range(9))
    numbers = ms.stream(source)
    gated, keeper = numbers.gate()
    await cancelled(gated.__anext__())
    assert source.pulled == 0, "nothing is pulled that may not pass"
    assert keeper.admit(1)
    assert keeper.admit()
    assert keeper.admit(0)
    assert keeper.stop()
    assert not keeper.stop()
    assert not keeper.admit(1)
    assert await gated.collect() == [0, 1]
    assert await numbers.collect() == list(range(2, 9))
    with pytest.raises(ValueError, match="negative"):
        keeper.admit(-1)


@everywhere
async def test_admitting_wakes_a_gate_that_waits() -> None:
    gated, keeper = ms.from_range().gate()
    for number in range(3):
        waiting = asyncio.ensure_future(gated.__anext__())
        await settle()
        assert not waiting.done()
        keeper.admit()
        assert await waiting == number


@everywhere
async def test_a_gate_without_a_keeper_ends_after_what_was_admitted() -> None:
    gated, keeper = ms.from_range().gate()
    keeper.admit(2)
    del keeper
    assert await gated.collect() == [0, 1]


@everywhere
async def test_a_failing_stream_behind_a_gate_fails() -> None:
    gated, keeper = ms.stream(Source([ValueError("boom"), 1])).gate()
    keeper.admit(2)
    with pytest.raises(ValueError, match="boom"):
        await gated.__anext__()


@everywhere
async def test_stopping_wakes_who_waits_and_keeps_the_rest() -> None:
    later = asyncio.get_running_loop().create_future()

    async def waiting() -> object:
        yield 0
        yield await later
        yield 2

    items, stopper = ms.stream(waiting()).stoppable()
    assert await items.__anext__() == 0
    rest = asyncio.ensure_future(items.collect())
    await settle()
    assert not stopper.is_stopped()
    assert stopper.stop()
    assert not stopper.stop()
    assert stopper.is_stopped()
    assert await rest == []
    later.set_result(1)
    assert await items.rest().collect() == [1, 2]
    await alone()


@everywhere
async def test_a_stopped_channel_keeps_its_values() -> None:
    chan = ms.bounded(9)
    chan.put_nowait(1)
    items, stopper = chan.stream().stoppable()
    stopper.stop()
    assert await items.collect() == []
    assert await items.rest().__anext__() == 1


@everywhere
async def test_a_stoppable_that_is_not_stopped_ends_with_its_source() -> None:
    items, stopper = ms.stream(agen(range(3))).stoppable()
    del stopper
    assert await items.collect() == [0, 1, 2]
    await alone()


@everywhere
async def test_a_task_runs_in_the_context_of_who_asks_first() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="nobody")

    async def seen() -> object:
        yield variable.get()

    async def look(item: object) -> str:
        return variable.get()

    for make in (
        lambda: ms.merge(seen()),
        lambda: ms.stream(seen()).buffer_ahead(1),
        lambda: ms.stream(seen()).fork(),
        lambda: ms.stream(seen()).share(),
        lambda: ms.from_range(1).buffered(1, look),
        lambda: ms.zip_all(seen()).map(lambda row: row[0]),
    ):
        pipe = make()
        variable.set("me")
        assert await pipe.collect() == ["me"]
        variable.set("nobody")
