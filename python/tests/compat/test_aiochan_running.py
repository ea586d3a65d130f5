"""Where coroutines run, and how values get out to threads."""

from __future__ import annotations

import asyncio
import gc
import os
import queue
import threading
from typing import Any

import pytest
from aiochan_support import ac, program, run, tasks, turns, until


def test_run_returns_the_result_and_raises_the_error() -> None:
    async def succeed() -> int:
        await asyncio.sleep(0)
        return 1

    assert ac.run(succeed()) == 1
    ended = program(
        "async def fail():\n"
        "    raise ValueError('out')\n"
        "try:\n"
        "    ac.run(fail())\n"
        "except ValueError as error:\n"
        "    print('raised', error)\n"
    )
    assert ended.stdout.strip() == "raised out"


def test_run_leaves_nothing_behind() -> None:
    ended: list[str] = []

    async def leave() -> str:
        async def linger() -> None:
            try:
                await ac.Chan().get()
            finally:
                ended.append("cancelled")

        ac.go(linger())
        await turns(2)
        return "result"

    gc.collect()
    gc.disable()
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            assert ac.run(leave()) == "result"
        assert len(os.listdir("/proc/self/fd")) <= before
    finally:
        gc.enable()
    assert ended == ["cancelled"] * 10


def test_run_works_beside_a_running_loop() -> None:
    async def main() -> None:
        async def inner() -> int:
            return 7

        assert ac.run(inner()) == 7

    run(main())


def test_run_on_a_loop_that_was_given_leaves_it_open() -> None:
    async def value() -> int:
        return 3

    loop = asyncio.new_event_loop()
    assert ac.run(value(), loop) == 3
    assert ac.run(value(), loop) == 3
    loop.close()


def test_go_gives_a_task_that_is_not_collected() -> None:
    async def main() -> None:
        chan, result = ac.Chan(), ac.Chan(1)

        async def work() -> int:
            value = await chan.get()
            result.add(value)
            return int(value)

        task = ac.go(work())
        del task
        gc.collect()
        await ac.nop()
        chan.add(5)
        assert await result.get() == 5
        assert await ac.go(asyncio.sleep(0, "slept")) == "slept"

    run(main())


def test_a_coroutine_in_a_thread_and_its_channel() -> None:
    chan = ac.Chan(2)

    async def produce() -> None:
        for value in range(10):
            await chan.put(value)
        chan.close()

    loop, thread = ac.run_in_thread(produce())
    assert list(chan.to_iterable()) == list(range(10))
    thread.join(5)
    assert not thread.is_alive()
    assert loop.is_closed()


def test_a_thread_with_an_error_ends_and_tells() -> None:
    told: list[object] = []
    before = threading.excepthook
    threading.excepthook = lambda about: told.append(about.exc_type)
    try:

        async def fail() -> None:
            raise ValueError

        _, thread = ac.run_in_thread(fail())
        thread.join(5)
    finally:
        threading.excepthook = before
    assert told == [ValueError]


def test_values_for_a_queue() -> None:
    loop = asyncio.new_event_loop()
    chan = ac.Chan(loop=loop)
    values: queue.Queue[int | None] = queue.Queue()
    assert chan.to_queue(values) is values

    async def produce() -> None:
        for value in range(5):
            await chan.put(value)
        chan.close()
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run_until_complete(produce()))
    thread.start()
    assert [values.get(timeout=5) for _ in range(6)] == [0, 1, 2, 3, 4, None]
    thread.join()
    loop.close()


def test_the_queue_need_not_be_given() -> None:
    values = ac.from_range(2).to_queue()
    assert [values.get(timeout=5) for _ in range(3)] == [0, 1, None]


def test_a_slow_thread_does_not_stall_the_loop() -> None:
    async def main() -> None:
        chan = ac.Chan()
        values = chan.to_iterable()
        may_go_on = threading.Event()
        got: list[int] = []

        def consume() -> None:
            for value in values:
                got.append(value)
                # Only the loop can say so, and only if it goes on meanwhile.
                assert may_go_on.wait(5)

        consumer = asyncio.get_running_loop().run_in_executor(None, consume)
        producer = asyncio.ensure_future(_put_all(chan, range(5)))
        while not got:
            await asyncio.sleep(0.001)
        for _ in range(50):
            await asyncio.sleep(0.001)
        may_go_on.set()
        await asyncio.gather(consumer, producer)
        assert got == [0, 1, 2, 3, 4]

    run(main())


async def _put_all(chan: Any, values: range) -> None:
    for value in values:
        await chan.put(value)
    chan.close()


def test_a_full_queue_does_not_stall_the_loop() -> None:
    async def main() -> None:
        values: queue.Queue[int | None] = queue.Queue(1)
        ac.from_range(5).to_queue(values)
        for _ in range(50):
            await asyncio.sleep(0.001)
        got = [await asyncio.get_running_loop().run_in_executor(None, values.get) for _ in range(6)]
        assert got == [0, 1, 2, 3, 4, None]

    ended = program(
        "import asyncio, queue\n"
        "async def main():\n"
        "    values = queue.Queue(1)\n"
        "    ac.from_range(5).to_queue(values)\n"
        "    for _ in range(50):\n"
        "        await asyncio.sleep(0.001)\n"
        "    print('went on')\n"
        "ac.run(main())\n"
    )
    assert ended.stdout.strip() == "went on"
    run(main())


def test_an_iterator_that_is_given_up_returns_what_it_took_ahead() -> None:
    async def main() -> None:
        chan = ac.Chan(10).add(*range(6)).close()
        values = chan.to_iterable(3)
        assert next(values) == 0
        values.close()
        assert await chan.collect() == [1, 2, 3, 4, 5]
        await until(lambda: tasks() == 0)

    run(main())


def test_an_abandoned_iterator_does_not_keep_the_interpreter() -> None:
    ended = program(
        "import asyncio, threading, time\n"
        "loop = asyncio.new_event_loop()\n"
        "chan = ac.Chan(loop=loop)\n"
        "values = chan.to_iterable()\n"
        "async def produce():\n"
        "    for value in range(5):\n"
        "        chan.add(value)\n"
        "    chan.close()\n"
        "    await asyncio.sleep(0.1)\n"
        "loop, thread = ac.run_in_thread(produce(), loop)\n"
        "print(next(values))\n"
        "del values\n"
        "thread.join(3)\n"
        "print('ended')\n"
    )
    assert ended.stdout.split() == ["0", "ended"]


def test_an_iterator_raises_the_error_of_the_pipe() -> None:
    async def main() -> None:
        values = ac.from_iter([1, 0]).map(lambda v: 1 // v).to_iterable()
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, next, values) == 1
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, next, values)

    run(main())
