"""Channels between threads, and between threads and event loops."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from core_support import LIMIT, gets_wait, in_thread, puts_wait
from stream_support import everywhere, run, settle

import millstream as ms


def test_blocking_get_and_put_meet() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    got = in_thread(chan.get_blocking)
    gets_wait(chan)
    chan.put_blocking(1)
    assert got.result(LIMIT) == 1
    put = in_thread(chan.put_blocking, 2)
    puts_wait(chan)
    assert chan.get_blocking() == 2
    assert put.result(LIMIT) is None


def test_what_is_ready_does_not_block() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    chan.put_blocking(1, timeout=0)
    assert chan.get_blocking(timeout=0) == 1


def test_a_timeout_loses_nothing() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match="the get took longer than 0.02 s"):
        chan.get_blocking(timeout=0.02)
    assert time.monotonic() - begin >= 0.02
    assert chan.stats().waiting_gets == 0
    chan.put_nowait(1)
    with pytest.raises(TimeoutError, match="the put took longer than 0.02 s"):
        chan.put_blocking(2, timeout=0.02)
    with pytest.raises(TimeoutError):
        chan.put_blocking(3, timeout=-1)
    assert chan.stats().waiting_puts == 0
    assert chan.drain() == [1]


def test_closing_wakes_whoever_blocks() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    getting = [in_thread(chan.get_blocking) for _ in range(3)]
    gets_wait(chan, 3)
    chan.close()
    for future in getting:
        with pytest.raises(ms.Closed):
            future.result(LIMIT)
    with pytest.raises(ms.Closed) as closed:
        chan.put_blocking(7)
    assert closed.value.value == 7


def test_a_for_loop_over_a_channel() -> None:
    chan: ms.Chan[int] = ms.bounded(2)
    got = in_thread(lambda: list(chan))
    for n in range(50):
        chan.put_blocking(n)
    chan.close()
    assert got.result(LIMIT) == list(range(50))


def test_a_for_loop_ends_with_the_error() -> None:
    chan: ms.Chan[int] = ms.bounded(2)
    chan.put_nowait(1)
    chan.close(ValueError("end"))
    got = []
    with pytest.raises(ValueError, match="end"):
        for value in chan:
            got.append(value)
    assert got == [1]


@everywhere
async def test_from_a_thread_to_a_task() -> None:
    chan: ms.Chan[int] = ms.bounded(4)

    def produce() -> None:
        with chan:
            for n in range(500):
                chan.put_blocking(n)

    producer = in_thread(produce)
    assert [value async for value in chan] == list(range(500))
    producer.result(LIMIT)


@everywhere
async def test_from_a_task_to_a_thread() -> None:
    chan: ms.Chan[int] = ms.bounded(4)
    consumer = in_thread(lambda: sum(chan))
    async with chan:
        for n in range(500):
            await chan.put(n)
    assert await asyncio.wrap_future(consumer) == sum(range(500))


@everywhere
async def test_without_waiting_from_a_thread() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    getting = asyncio.ensure_future(chan.get())
    await settle()
    # The loop sleeps when the value comes, and has to be woken by it.
    in_thread(lambda: (gets_wait(chan), chan.put_nowait(1)))
    assert await getting == 1


def test_many_threads_share_a_channel() -> None:
    chan: ms.Chan[tuple[int, int]] = ms.bounded(3)

    def produce(who: int) -> None:
        for n in range(200):
            chan.put_blocking((who, n))

    def consume() -> list[tuple[int, int]]:
        return list(chan)

    producers = [in_thread(produce, who) for who in range(4)]
    consumers = [in_thread(consume) for _ in range(4)]
    for future in producers:
        future.result(LIMIT)
    chan.close()
    got = [future.result(LIMIT) for future in consumers]
    assert sorted(sum(got, [])) == [(who, n) for who in range(4) for n in range(200)]
    for part in got:
        for who in range(4):
            mine = [n for by, n in part if by == who]
            assert mine == sorted(mine)


def test_other_threads_run_while_one_waits() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    turns = 0
    stop = threading.Event()

    def count() -> int:
        nonlocal turns
        while not stop.is_set():
            turns += 1
        return turns

    counting = in_thread(count)
    with pytest.raises(TimeoutError):
        chan.get_blocking(timeout=0.1)
    stop.set()
    # A wait that kept the interpreter's lock would leave it no more than a turn of five milliseconds.
    assert counting.result(LIMIT) > 0
    began = turns
    assert began > 100


def test_handles_go_in_other_threads() -> None:
    for _ in range(50):
        sender, receiver = ms.pair(1)

        def use(sender: ms.Sender[int]) -> None:
            sender.put_blocking(1)

        putting = in_thread(use, sender)
        del sender
        got: list[Any] = list(receiver)
        putting.result(LIMIT)
        assert got == [1]


def test_a_thread_blocks_inside_a_loop_of_another() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    back: ms.Chan[int] = ms.rendezvous()

    def echo() -> None:
        for value in chan:
            back.put_blocking(value)
        back.close()

    async def main() -> list[int]:
        echoing = in_thread(echo)
        got = []
        for n in range(100):
            await chan.put(n)
            got.append(await back.get())
        chan.close()
        await back.closed()
        echoing.result(LIMIT)
        return got

    assert run(main()) == list(range(100))
