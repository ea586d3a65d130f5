"""Cancelling loses no value, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib

from aiochan_support import ac, run, turns


async def cancel(task: asyncio.Future[object]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_the_value_after_a_cancelled_get_goes_to_the_next() -> None:
    async def main() -> None:
        chan = ac.Chan()
        waiting = asyncio.ensure_future(asyncio.wait_for(chan.get(), 100))
        await turns()
        await cancel(waiting)
        put = chan.put(1)
        assert not put.done()
        assert await chan.get() == 1
        assert await put is True

    run(main())


def test_a_get_that_is_polled_with_a_timeout_gets_every_value() -> None:
    async def main() -> None:
        chan = ac.Chan()
        got: list[int] = []

        async def produce() -> None:
            for value in range(20):
                await asyncio.sleep(0.003)
                await chan.put(value)
            chan.close()

        producer = asyncio.ensure_future(produce())
        while True:
            try:
                value = await asyncio.wait_for(chan.get(), 0.001)
            except asyncio.TimeoutError:
                continue
            if value is None:
                break
            got.append(value)
        await producer
        assert got == list(range(20))

    run(main())


def test_a_put_that_was_cancelled_is_no_ghost() -> None:
    async def main() -> None:
        chan = ac.Chan()
        waiting = asyncio.ensure_future(asyncio.wait_for(chan.put("ghost"), 100))
        await turns()
        await cancel(waiting)
        get = chan.get()
        assert not get.done()
        assert await chan.put("real") is True
        assert await get == "real"

    run(main())


def test_cancelling_the_future_withdraws_the_operation_at_once() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()
        assert get.cancel()
        assert chan.put_nowait(1) is None
        put = chan.put(2)
        assert put.cancel()
        assert chan.get_nowait() is None
        assert chan.stats().state == "FLUENT"

    run(main())


def test_a_future_that_is_done_cannot_be_cancelled() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        put = chan.put(1)
        assert not put.cancel()
        get = chan.get()
        assert not get.cancel()
        assert (put.result(), get.result()) == (True, 1)

    run(main())


def test_a_value_delivered_to_a_task_that_is_then_cancelled_goes_back() -> None:
    async def main() -> None:
        chan = ac.Chan()

        async def consume() -> object:
            return await chan.get()

        consumer = asyncio.ensure_future(consume())
        await turns()
        assert await chan.put("precious") is True
        # It was delivered, but the task has not run since.
        await cancel(consumer)
        assert consumer.cancelled()
        assert await asyncio.wait_for(chan.get(), 1) == "precious"

    run(main())


def test_it_goes_back_in_front_of_what_came_later() -> None:
    async def main() -> None:
        chan = ac.Chan(3)
        waiting = asyncio.ensure_future(chan.collect(2))
        await turns()
        chan.add(1)
        await turns()
        chan.add(2, 3)
        await cancel(waiting)
        assert await chan.collect(3) == [1, 2, 3]

    run(main())


def test_a_cancelled_select_leaves_no_trace_on_any_channel() -> None:
    async def main() -> None:
        first, second = ac.Chan(), ac.Chan()
        waiting = asyncio.ensure_future(asyncio.wait_for(ac.select(first, (second, 2)), 100))
        await turns()
        await cancel(waiting)
        assert first.put_nowait(1) is None
        assert second.get_nowait() is None
        assert first.stats().state == second.stats().state == "FLUENT"

    run(main())


def test_a_select_that_had_won_gives_its_value_back() -> None:
    async def main() -> None:
        chan, other = ac.Chan(), ac.Chan()

        async def choose() -> object:
            return await ac.select(chan, other)

        chooser = asyncio.ensure_future(choose())
        await turns()
        assert await chan.put(1) is True
        await cancel(chooser)
        assert await asyncio.wait_for(chan.get(), 1) == 1

    run(main())


def test_a_cancelled_iteration_loses_nothing() -> None:
    async def main() -> None:
        chan = ac.Chan()
        got: list[int] = []

        async def consume() -> None:
            async for value in chan:
                got.append(value)

        for value in range(10):
            consumer = asyncio.ensure_future(consume())
            await turns(3)
            await cancel(consumer)
            put = chan.put(value)
            consumer = asyncio.ensure_future(consume())
            assert await asyncio.wait_for(put, 1) is True
            await turns(3)
            await cancel(consumer)
        assert got == list(range(10))

    run(main())


def test_the_producer_is_not_disturbed_when_its_consumer_is_cancelled() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        consumers = [asyncio.ensure_future(chan.collect()) for _ in range(3)]
        await turns()
        for consumer in consumers:
            await cancel(consumer)
        results = [chan.put_nowait(value) for value in range(2)]
        assert results == [True, None]

    run(main())


def test_one_of_two_awaiters_of_the_same_future_may_leave() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()

        async def wait() -> object:
            return await get

        staying = asyncio.ensure_future(wait())
        leaving = asyncio.ensure_future(asyncio.wait_for(asyncio.shield(get), 100))
        await turns()
        await cancel(leaving)
        await chan.put(7)
        assert await staying == 7
        assert chan.get_nowait() is None

    run(main())
