"""Every way in which asyncio runs and ends what waits."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from typing import Any

import pytest
from core_support import LIMIT, in_thread
from stream_support import everywhere, run, settle

import millstream as ms


@everywhere
async def test_tasks_of_operations() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    getting = asyncio.create_task(chan.get(), name="getter")
    assert "getter" in repr(getting)
    putting = asyncio.ensure_future(chan.put(1))
    assert asyncio.iscoroutine(chan.get())
    assert await getting == 1
    assert await putting is None


@everywhere
async def test_gather() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    assert await asyncio.gather(chan.get(), chan.put(1), chan.get(), chan.put(2)) == [1, None, 2, None]
    gathered = asyncio.gather(chan.get(), chan.get())
    await settle()
    chan.put_nowait(1)
    gathered.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gathered
    # One of them was done when the others were cancelled; or it was not, and its value is there.
    assert chan.stats().waiting_gets == 0


@everywhere
async def test_wait_for() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(chan.get(), 0.001)
    assert chan.stats().waiting_gets == 0
    getting = asyncio.ensure_future(asyncio.wait_for(chan.get(), LIMIT))
    await settle()
    chan.put_nowait(1)
    assert await getting == 1
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(chan.put(2), 0.001)
    with pytest.raises(ms.Empty):
        chan.get_nowait()


@everywhere
async def test_shield() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    inner = asyncio.ensure_future(chan.get())

    async def wait() -> int:
        return await asyncio.shield(inner)

    outer = asyncio.ensure_future(wait())
    await settle()
    outer.cancel()
    await settle()
    assert outer.cancelled() and not inner.done()
    chan.put_nowait(1)
    assert await inner == 1


@everywhere
async def test_wait() -> None:
    a: ms.Chan[int] = ms.rendezvous()
    b: ms.Chan[int] = ms.rendezvous()
    getting = {asyncio.ensure_future(chan.get()) for chan in (a, b)}
    await settle()
    b.put_nowait(1)
    done, pending = await asyncio.wait(getting, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [1]
    for task in pending:
        task.cancel()
    await asyncio.wait(pending)
    assert a.stats().waiting_gets == 0


@everywhere
async def test_as_completed() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    waits = asyncio.as_completed([chan.get(), chan.get()], timeout=LIMIT)
    got = []
    first = next(iter(waits))
    await settle()
    chan.put_nowait(1)
    got.append(await first)
    chan.put_nowait(2)
    for wait in waits:
        got.append(await wait)
    assert got == [1, 2]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout came with 3.11")
def test_timeout() -> None:
    @everywhere
    async def on_each() -> None:
        chan: ms.Chan[int] = ms.rendezvous()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await chan.get()
        assert chan.stats().waiting_gets == 0
        async with asyncio.timeout(LIMIT) as limit:
            getting = asyncio.ensure_future(chan.get())
            await chan.put(1)
            assert await getting == 1
        assert not limit.expired()

    on_each()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.TaskGroup came with 3.11")
def test_task_groups() -> None:
    @everywhere
    async def on_each() -> None:
        chan: ms.Chan[int] = ms.rendezvous()
        async with asyncio.TaskGroup() as group:
            getting = group.create_task(chan.get())
            group.create_task(chan.put(1))
        assert getting.result() == 1
        with pytest.raises(BaseExceptionGroup) as raised:
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(chan.get())
                closed: ms.Chan[int] = ms.rendezvous()
                closed.close(ValueError("group"))
                group.create_task(closed.get())
        assert [str(error) for error in raised.value.exceptions] == ["group"]
        assert waiting.cancelled()
        assert chan.stats().waiting_gets == 0

    on_each()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")
def test_an_eager_task_is_done_at_once() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        chan: ms.Chan[int] = ms.bounded(1)
        chan.put_nowait(1)
        task = asyncio.create_task(chan.get())
        assert task.done() and task.result() == 1
        waiting = asyncio.create_task(chan.get())
        assert not waiting.done() and chan.stats().waiting_gets == 1
        await chan.put(2)
        assert await waiting == 2

    run(main())


@everywhere
async def test_each_task_keeps_its_context() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")
    chan: ms.Chan[int] = ms.rendezvous()
    seen: list[tuple[int, int]] = []

    async def wait(n: int) -> None:
        variable.set(n)
        for _ in range(3):
            await chan.get()
            seen.append((n, variable.get()))

    tasks = [asyncio.ensure_future(wait(n)) for n in range(5)]
    for n in range(15):
        await chan.put(n)
    await asyncio.gather(*tasks)
    assert len(seen) == 15 and all(own == found for own, found in seen)
    assert variable.get(None) is None


@everywhere
async def test_the_task_that_runs_is_the_current_one() -> None:
    chan: ms.Chan[int] = ms.rendezvous()

    async def wait() -> bool:
        before = asyncio.current_task()
        await chan.get()
        return asyncio.current_task() is before is not None

    tasks = [asyncio.ensure_future(wait()) for _ in range(3)]
    for n in range(3):
        await chan.put(n)
    assert await asyncio.gather(*tasks) == [True] * 3


@everywhere
async def test_many_tasks_are_woken_in_order() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    order: list[int] = []

    async def wait(n: int) -> None:
        await chan.get()
        order.append(n)

    # More than are resumed in one turn of the loop.
    tasks = [asyncio.ensure_future(wait(n)) for n in range(100)]
    await settle()
    for n in range(100):
        chan.put_nowait(n)
    await asyncio.gather(*tasks)
    assert order == list(range(100))


@everywhere
async def test_others_get_their_turn_between_wakeups() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    others = 0

    async def tick() -> None:
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    async def get() -> None:
        async for _ in chan:
            pass

    ticking = asyncio.ensure_future(tick())
    getting = asyncio.ensure_future(get())
    for n in range(2000):
        await chan.put(n)
    chan.close()
    await getting
    ticking.cancel()
    assert others >= 10


def test_an_exception_that_ends_the_loop_comes_through() -> None:
    for fatal in KeyboardInterrupt, SystemExit:
        chan: ms.Chan[int] = ms.rendezvous()

        async def fail() -> None:
            await chan.get()
            raise fatal

        async def main() -> Any:
            failing = asyncio.ensure_future(fail())
            others = [asyncio.ensure_future(chan.get()) for _ in range(3)]
            await settle()
            for n in range(4):
                chan.put_nowait(n)
            results = asyncio.gather(failing, *others, return_exceptions=True)
            return await results

        loop = asyncio.new_event_loop()
        task = loop.create_task(main())
        with pytest.raises(fatal):
            loop.run_until_complete(task)
        # The loop can go on, and the others have their values.
        raised, *got = loop.run_until_complete(task)
        assert isinstance(raised, fatal)
        assert got == [1, 2, 3]
        loop.close()


def test_two_loops_in_two_threads() -> None:
    there: ms.Chan[int] = ms.bounded(2)
    back: ms.Chan[int] = ms.rendezvous()

    async def far() -> None:
        async with back:
            async for value in there:
                await back.put(value * value)

    async def near() -> list[int]:
        async def ask() -> None:
            async with there:
                for n in range(500):
                    await there.put(n)

        asking = asyncio.ensure_future(ask())
        got = [value async for value in back]
        await asking
        return got

    thread = in_thread(run, far())
    assert run(near()) == [n * n for n in range(500)]
    thread.result(LIMIT)


def test_one_channel_for_loops_one_after_the_other() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    for n in range(5):
        run(chan_put(chan, n))
        assert run(chan_get(chan)) == n


def test_a_loop_that_goes_on_in_another_thread() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    loop = asyncio.new_event_loop()
    task = loop.create_task(chan_get(chan))
    loop.run_until_complete(settle())
    going_on = in_thread(loop.run_until_complete, task)
    chan.put_blocking(3)
    assert going_on.result(LIMIT) == 3
    loop.close()


async def chan_put(chan: ms.Chan[int], value: int) -> None:
    await chan.put(value)


async def chan_get(chan: ms.Chan[int]) -> int:
    return await chan.get()


@everywhere
async def test_a_generator_may_wait_too() -> None:
    chan: ms.Chan[int] = ms.rendezvous()

    async def doubled() -> Any:
        async for value in chan:
            yield 2 * value

    async def produce() -> None:
        async with chan:
            for n in range(5):
                await chan.put(n)

    producing = asyncio.ensure_future(produce())
    assert [value async for value in doubled()] == [0, 2, 4, 6, 8]
    await producing
