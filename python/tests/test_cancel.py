"""Cancelling whoever waits: nothing is lost, nothing happens twice, and the peer does not notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from stream_support import cancelled, everywhere, settle

import millstream as ms


@everywhere
async def test_a_cancelled_get_takes_nothing() -> None:
    for chan in ms.rendezvous(), ms.bounded(1), ms.unbounded():
        await cancelled(chan.get())
        await cancelled(chan.get_many(3))
        await cancelled(chan.__aiter__().__anext__())
        await cancelled(ms.select(chan))
        assert chan.stats().waiting_gets == 0
        getting = asyncio.ensure_future(chan.get())
        await settle()
        await chan.put(1)
        assert await getting == 1


@everywhere
async def test_a_cancelled_put_puts_nothing() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    chan.put_nowait(0)
    await cancelled(chan.put(1))
    await cancelled(ms.select((chan, 1)))
    items = iter([1, 2])
    await cancelled(chan.put_many(items))
    assert chan.stats().waiting_puts == 0
    assert list(items) == [1, 2]
    assert chan.drain() == [0]


@everywhere
async def test_cancelled_waits_for_the_end() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    await cancelled(chan.join())
    await cancelled(chan.closed())
    chan.close()
    await chan.closed()


WAYS_TO_GET: list[Callable[[ms.Chan[Any]], Any]] = [
    lambda chan: chan.get(),
    lambda chan: chan.get_many(1),
    lambda chan: chan.__aiter__().__anext__(),
    lambda chan: ms.select(chan),
    lambda chan: ms.select(chan, ms.rendezvous(), timeout=1000),
    lambda chan: chan.stream().__anext__(),
]


@pytest.mark.parametrize("get", WAYS_TO_GET)
def test_a_value_that_was_on_its_way_goes_to_the_next(get: Callable[[ms.Chan[Any]], Any]) -> None:
    @everywhere
    async def on_each() -> None:
        for chan in ms.rendezvous(), ms.bounded(1):
            first = asyncio.ensure_future(get(chan))
            await settle()
            # The value goes to the first, which is cancelled before it comes to run.
            chan.put_nowait(1)
            first.cancel()
            second = asyncio.ensure_future(chan.get())
            assert await second == 1
            with pytest.raises(asyncio.CancelledError):
                await first
            assert chan.is_empty() and chan.stats().waiting_gets == 0

    on_each()


@pytest.mark.parametrize("get", WAYS_TO_GET)
def test_a_value_that_was_on_its_way_goes_to_one_that_waits(get: Callable[[ms.Chan[Any]], Any]) -> None:
    @everywhere
    async def on_each() -> None:
        chan: ms.Chan[int] = ms.rendezvous()
        first = asyncio.ensure_future(get(chan))
        await settle()
        second = asyncio.ensure_future(chan.get())
        await settle()
        chan.put_nowait(1)
        first.cancel()
        assert await second == 1
        with pytest.raises(asyncio.CancelledError):
            await first

    on_each()


@everywhere
async def test_the_order_stays_when_one_is_cancelled() -> None:
    chan: ms.Chan[int] = ms.bounded(3)
    first = asyncio.ensure_future(chan.get())
    await settle()
    for n in range(3):
        chan.put_nowait(n)
    first.cancel()
    await settle()
    assert first.cancelled()
    assert chan.drain() == [0, 1, 2]


@everywhere
async def test_a_cancelled_get_does_not_take_back_the_put() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    put = asyncio.ensure_future(chan.put(1))
    await settle()
    getting = asyncio.ensure_future(chan.get())
    await settle()
    assert getting.result() == 1
    await put
    # One that has been accepted is not refused afterwards, and its value is not lost.
    getting = asyncio.ensure_future(chan.get())
    await settle()
    put = asyncio.ensure_future(chan.put(2))
    getting.cancel()
    again = asyncio.ensure_future(chan.get())
    assert await again == 2
    await put


@everywhere
async def test_a_put_that_was_accepted_cannot_be_taken_back() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    put = asyncio.ensure_future(chan.put(1))
    await settle()
    assert chan.get_nowait() == 1
    put.cancel()
    with pytest.raises(asyncio.CancelledError):
        await put
    assert chan.is_empty() and chan.stats().waiting_puts == 0


@everywhere
async def test_a_message_comes_with_the_cancellation() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    said: list[object] = []

    async def wait() -> None:
        try:
            await chan.get()
        except asyncio.CancelledError as error:
            said.extend(error.args)
            raise

    task = asyncio.ensure_future(wait())
    await settle()
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert said == ["enough"]


@everywhere
async def test_a_task_may_go_on_after_a_cancellation() -> None:
    chan: ms.Chan[int] = ms.rendezvous()

    async def stubborn() -> int:
        for _ in range(5):
            try:
                return await chan.get()
            except asyncio.CancelledError:
                continue
        raise AssertionError

    task = asyncio.ensure_future(stubborn())
    for _ in range(4):
        await settle()
        assert task.cancel()
    await settle()
    assert chan.stats().waiting_gets == 1
    await chan.put(1)
    assert await task == 1


@everywhere
async def test_an_operation_can_be_thrown_into_and_closed() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    for begun in False, True:
        for end in "throw", "close":
            operation = chan.put(1)
            if begun:
                operation.send(None)
                assert chan.stats().waiting_puts == 1
            if end == "close":
                operation.close()
            else:
                with pytest.raises(KeyError, match="k"):
                    operation.throw(KeyError("k"))
            assert chan.stats().waiting_puts == 0
            with pytest.raises(RuntimeError, match="only once"):
                await operation


@everywhere
async def test_cancelled_before_it_began() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    chan.put_nowait(1)
    task = asyncio.get_running_loop().create_task(chan.get())
    if not task.done():  # An eager task has begun already.
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert chan.drain() == [1]


@everywhere
async def test_an_operation_that_is_dropped_while_it_waits() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation = chan.put(1)
    operation.send(None)
    assert chan.stats().waiting_puts == 1
    del operation
    assert chan.stats().waiting_puts == 0
    with pytest.raises(ms.Empty):
        chan.get_nowait()


@everywhere
async def test_many_cancelled_at_once() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    tasks = [asyncio.ensure_future(chan.get()) for _ in range(200)]
    await settle()
    for n in range(100):
        chan.put_nowait(n)
    # Half of them have a value on its way, every third is cancelled.
    for task in tasks[::3]:
        task.cancel()
    await settle()
    got = sorted(task.result() for task in tasks if task.done() and not task.cancelled())
    assert got == list(range(100))
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert chan.stats().waiting_gets == 0
