"""Channels within one loop: what each kind does, and every method of theirs."""

from __future__ import annotations

import asyncio
import queue
from typing import Any

import pytest
from stream_support import everywhere, run, settle

import millstream as ms


@everywhere
async def test_values_come_out_in_order() -> None:
    chan: ms.Chan[int] = ms.bounded(3)

    async def produce() -> None:
        for n in range(10):
            await chan.put(n)
        chan.close()

    task = asyncio.ensure_future(produce())
    assert [value async for value in chan] == list(range(10))
    await task


@everywhere
async def test_any_object_is_a_value() -> None:
    # Tuples and exceptions would be taken apart on their way out of an awaitable if it were done carelessly.
    values: list[Any] = [None, (), (1,), (1, 2), ValueError("x"), StopIteration(3), StopAsyncIteration(), ms, [], False]
    values += [StopIteration((1, 2)), asyncio.CancelledError(), ValueError, type, NotImplemented, ...]
    chan: ms.Chan[Any] = ms.rendezvous()
    buffered: ms.Chan[Any] = ms.unbounded()
    for value in values:
        getting = asyncio.ensure_future(chan.get())
        await settle()
        await chan.put(value)
        assert await getting is value
        buffered.put_nowait(value)
        assert await buffered.get() is value
        buffered.put_nowait(value)
        assert (await ms.select(buffered)).value is value
        buffered.put_nowait(value)
        assert (await buffered.get_many(5))[0] is value
        buffered.put_nowait(value)
        operation = buffered.get()
        assert operation.start() and operation.result() is value
        buffered.put_nowait(value)
        assert await asyncio.create_task(buffered.get()) is value
        buffered.put_nowait(value)
        with pytest.raises(StopIteration) as returned:
            buffered.get().send(None)
        assert returned.value.value is value
        buffered.put_nowait(value)
        with pytest.raises(StopIteration) as returned:
            next(buffered.get())
        assert returned.value.value is value


@everywhere
async def test_a_rendezvous_hands_over() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    with pytest.raises(ms.Full):
        chan.put_nowait(1)
    put = asyncio.ensure_future(chan.put(1))
    await settle()
    assert not put.done()
    assert chan.stats().waiting_puts == 1
    assert chan.get_nowait() == 1
    await put
    assert chan.capacity == 0


@everywhere
async def test_waiting_puts_and_gets_are_served_in_order() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    order: list[Any] = []

    async def put(n: int) -> None:
        await chan.put(n)
        order.append(n)

    tasks = [asyncio.ensure_future(put(n)) for n in range(5)]
    await settle()
    assert order == [0]
    assert [await chan.get() for _ in range(5)] == list(range(5))
    await asyncio.gather(*tasks)
    assert order == list(range(5))

    got: list[tuple[str, int]] = []

    async def get(name: str) -> None:
        got.append((name, await chan.get()))

    tasks = [asyncio.ensure_future(get(name)) for name in "abc"]
    await settle()
    for n in range(3):
        await chan.put(n)
    await asyncio.gather(*tasks)
    assert got == [("a", 0), ("b", 1), ("c", 2)]


def test_without_waiting() -> None:
    chan: ms.Chan[int] = ms.bounded(2, name="orders")
    with pytest.raises(ms.Empty, match="channel 'orders' is empty") as empty:
        chan.get_nowait()
    assert empty.value.chan is chan
    chan.put_nowait(1)
    chan.put_nowait(2)
    with pytest.raises(ms.Full, match="channel 'orders' is full") as full:
        chan.put_nowait(3)
    assert (full.value.chan, full.value.value) == (chan, 3)
    assert (len(chan), chan.is_full(), chan.is_empty()) == (2, True, False)
    assert [chan.is_len_at_least(n) for n in range(4)] == [True, True, True, False]
    assert chan.peek() == [1, 2]
    assert chan.drain() == [1, 2]
    assert (len(chan), chan.is_full(), chan.is_empty(), bool(chan)) == (0, False, True, True)
    chan.close()
    with pytest.raises(ms.Closed, match="channel 'orders' is closed") as closed:
        chan.put_nowait(4)
    assert (closed.value.chan, closed.value.value) == (chan, 4)


def test_the_errors_are_those_of_the_standard_queues_too() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    for error in asyncio.QueueEmpty, queue.Empty, ms.Error:
        with pytest.raises(error):
            chan.get_nowait()
    chan.put_nowait(1)
    for error in asyncio.QueueFull, queue.Full, ms.Error:
        with pytest.raises(error):
            chan.put_nowait(1)


def test_dropping_keeps_the_first_and_sliding_the_last() -> None:
    first: ms.Chan[int] = ms.dropping(2)
    last: ms.Chan[int] = ms.sliding(2)
    for n in range(5):
        first.put_nowait(n)
        last.put_nowait(n)
    assert (first.drain(), last.drain()) == ([0, 1], [3, 4])
    assert (first.stats().dropped, last.stats().dropped) == (3, 3)


@everywhere
async def test_a_promise_gives_everyone_its_first_value() -> None:
    chan: ms.Chan[str] = ms.promise()
    waiting = [asyncio.ensure_future(chan.get()) for _ in range(3)]
    await settle()
    await chan.put("first")
    await chan.put("second")
    assert await asyncio.gather(*waiting) == ["first"] * 3
    assert [value async for value in chan] == ["first"]
    assert [value for value in chan] == ["first"]
    assert await chan.get() == "first"


@everywhere
async def test_putting_many_pulls_only_what_has_a_place() -> None:
    chan: ms.Chan[int] = ms.bounded(2)
    pulled: list[int] = []

    def items() -> Any:
        for n in range(6):
            pulled.append(n)
            yield n

    task = asyncio.ensure_future(chan.put_many(items()))
    await settle()
    assert pulled == [0, 1]
    assert await chan.get() == 0
    await settle()
    assert pulled == [0, 1, 2]
    got = await chan.get_many(2)
    while len(got) < 5:
        got += await chan.get_many(10)
    assert got == [1, 2, 3, 4, 5]
    assert await task == 6
    assert await chan.put_many([]) == 0
    # What is known to be the end needs no place.
    for items in [1, 2], (1, 2), range(2):
        assert await chan.put_many(items) == 2
        assert chan.drain() == list(items)


@everywhere
async def test_an_iterable_that_raises_ends_its_put_and_not_the_channel() -> None:
    chan: ms.Chan[int] = ms.bounded(5)

    def items() -> Any:
        yield 1
        raise KeyError("items")

    with pytest.raises(KeyError, match="items"):
        await chan.put_many(items())
    assert (chan.error, chan.is_closed()) == (None, False)
    chan.close()
    assert await chan.get() == 1
    with pytest.raises(ms.Closed):
        await chan.get()


@everywhere
async def test_a_refused_put_of_many_has_its_item() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    items = iter(range(5))
    task = asyncio.ensure_future(chan.put_many(items))
    await settle()
    chan.close()
    # It stood in line when the channel was closed: that one place is good still, and no other.
    assert [value async for value in chan] == [0, 1]
    with pytest.raises(ms.Closed) as refused:
        await task
    assert refused.value.value == 2
    assert list(items) == [3, 4]


@everywhere
async def test_getting_many_takes_what_is_there() -> None:
    chan: ms.Chan[int] = ms.unbounded()
    assert await chan.get_many(0) == []
    waiting = asyncio.ensure_future(chan.get_many(3))
    await settle()
    assert not waiting.done()
    chan.put_nowait(1)
    assert await waiting == [1]
    for n in range(5):
        chan.put_nowait(n)
    assert await chan.get_many(3) == [0, 1, 2]
    assert await chan.get_many(3) == [3, 4]
    chan.close()
    assert await chan.get_many(3) == []


@everywhere
async def test_what_was_got_can_be_put_back() -> None:
    chan: ms.Chan[int] = ms.bounded(2)
    chan.put_nowait(1)
    chan.put_nowait(2)
    chan.unget(0)
    assert (chan.peek(), len(chan)) == ([0, 1, 2], 3)
    chan.close()
    chan.unget(-1)
    assert [value async for value in chan] == [-1, 0, 1, 2]
    waiting: ms.Chan[int] = ms.rendezvous()
    task = asyncio.ensure_future(waiting.get())
    await settle()
    waiting.unget(5)
    assert await task == 5


@everywhere
async def test_after_closing() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    chan.put_nowait(1)
    put = asyncio.ensure_future(chan.put(2))
    closed = asyncio.ensure_future(chan.closed())
    joined = asyncio.ensure_future(chan.join())
    await settle()
    assert chan.close() is True
    assert chan.close() is False
    await closed
    assert (chan.is_closed(), chan.is_drained(), joined.done()) == (True, False, False)
    assert [await chan.get(), await chan.get()] == [1, 2]
    await put
    assert chan.is_drained()
    assert await joined is None
    assert await chan.join() is None
    for operation in chan.get(), chan.put(3):
        with pytest.raises(ms.Closed) as error:
            await operation
        assert error.value.chan is chan
    assert [value async for value in chan] == []


@everywhere
async def test_blocks_close_their_channel() -> None:
    async with ms.bounded(1) as chan:
        assert not chan.is_closed()
        chan.put_nowait(1)
    assert chan.is_closed() and chan.error is None
    with ms.bounded(1) as chan:
        pass
    assert chan.is_closed()
    error = ValueError("left")
    for chan in ms.bounded(1), ms.bounded(1):
        with pytest.raises(ValueError, match="left"):
            async with chan:
                raise error
        assert chan.error is error
        with pytest.raises(ValueError, match="left"):
            await chan.get()


@everywhere
async def test_a_cancelled_block_does_not_cancel_the_peers() -> None:
    chan: ms.Chan[int] = ms.rendezvous()

    async def hold() -> None:
        async with chan:
            await asyncio.get_running_loop().create_future()

    holder = asyncio.ensure_future(hold())
    peer = asyncio.ensure_future(chan.get())
    await settle()
    holder.cancel()
    with pytest.raises(ms.Closed) as closed:
        await peer
    assert isinstance(closed.value.__cause__, asyncio.CancelledError)
    with pytest.raises(asyncio.CancelledError):
        await holder
    with pytest.raises(KeyboardInterrupt), ms.rendezvous() as chan:
        raise KeyboardInterrupt
    assert isinstance(chan.error, ms.Closed)


@everywhere
async def test_a_ready_channel_lets_siblings_run() -> None:
    chan: ms.Chan[int] = ms.sliding(1)
    stop = False

    async def busy() -> int:
        count = 0
        while not stop:
            await chan.put(count)
            count += 1
        return count

    task = asyncio.ensure_future(busy())
    for _ in range(20):
        await asyncio.sleep(0)
    stop = True
    assert await task > 20


def test_an_operation_is_awaited_once_and_by_one() -> None:
    async def main() -> None:
        chan: ms.Chan[int] = ms.bounded(1)
        chan.put_nowait(1)
        operation = chan.get()
        assert await operation == 1
        with pytest.raises(RuntimeError, match="only once"):
            await operation
        waiting = chan.get()
        first = asyncio.ensure_future(waiting)
        await settle()
        with pytest.raises(RuntimeError, match="one task"):
            await waiting
        chan.put_nowait(2)
        assert await first == 2

    run(main())
