"""What put, get and select return: a future in every respect that a program can see."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import contextvars
import gc
import importlib
import inspect
import os
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable, Generator
from typing import Any

import pytest
from aiochan_support import PATIENCE, ac, run, turns, until

Loop = asyncio.AbstractEventLoop


def _loops() -> list[Callable[[], Loop]]:
    kinds: list[Callable[[], Loop]] = [asyncio.new_event_loop]
    with contextlib.suppress(ImportError):
        kinds.append(importlib.import_module("uvloop").new_event_loop)
    return kinds


every_loop = pytest.mark.parametrize("new_loop", _loops())

# Values that an iterator has to wrap in order to return them.
AWKWARD = [(), (1, 2), StopIteration(3), ValueError("a value"), False, 0, ""]


def kinds(chan: Any) -> list[Any]:
    """One future of each kind: ready, waiting, of a select."""
    return [chan.put(1), chan.get(), chan.get(), ac.select(chan, ac.Chan())]


def test_they_are_futures_and_no_coroutines() -> None:
    async def main() -> None:
        for future in kinds(ac.Chan(1)):
            assert isinstance(future, asyncio.Future)
            assert asyncio.isfuture(future)
            assert inspect.isawaitable(future)
            assert not asyncio.iscoroutine(future)
            assert not isinstance(future, collections.abc.Coroutine)
            assert asyncio.ensure_future(future) is future
            assert future.get_loop() is asyncio.get_running_loop()
            future.cancel()

    run(main())


def test_what_is_not_done_says_so() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()
        assert not get.done() and not get.cancelled()
        for ask in get.result, get.exception:
            with pytest.raises(asyncio.InvalidStateError):
                ask()
        assert "pending" in repr(get)
        assert await chan.put(5)
        assert (get.done(), get.cancelled(), get.result(), get.exception()) == (True, False, 5, None)
        assert "finished" in repr(get)
        assert [await get, await get, get.result()] == [5, 5, 5]

    run(main())


@pytest.mark.parametrize("is_traced", [False, True])
@pytest.mark.parametrize("waits", [False, True])
def test_any_value_comes_through(waits: bool, is_traced: bool) -> None:
    async def main() -> None:
        for value in AWKWARD:
            chan = ac.Chan(None if waits else 1)
            get = chan.get() if waits else None
            put = chan.put(value)
            assert await (get or chan.get()) is value
            assert await put is True

            async def consume(chan: Any = chan) -> Any:
                return await chan.get()

            task = asyncio.ensure_future(consume())
            await turns()
            assert await chan.put(value)
            assert await task is value
            select = ac.select(chan)
            assert await chan.put(value)
            assert (await select).val is value

    before = sys.gettrace()
    if is_traced:
        sys.settrace(lambda frame, event, argument: None)
    try:
        run(main())
    finally:
        sys.settrace(before)


def test_a_generator_may_wait_for_it() -> None:
    @types.coroutine
    def old_fashioned(future: Any) -> Generator[Any, None, Any]:
        return (yield from future)

    @types.coroutine
    def explicit(future: Any) -> Generator[Any, None, Any]:
        return (yield from future.__await__())

    async def main() -> None:
        for wait in old_fashioned, explicit:
            chan = ac.Chan()
            assert await wait(ac.Chan(1).put(1)) is True
            task = asyncio.ensure_future(asyncio.wait_for(wait(chan.get()), PATIENCE))
            await turns()
            await chan.put("x")
            assert await task == "x"

    run(main())


def test_the_usual_functions_take_them() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get, put = chan.get(), chan.put(1)
        assert await asyncio.gather(get, put, ac.Chan(1).put(2)) == [1, True, True]
        first, second = chan.get(), chan.get()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(first, 0.001)
        assert first.cancelled()
        assert await chan.put(2)
        done, pending = await asyncio.wait({second, chan.get()}, return_when=asyncio.FIRST_COMPLETED)
        assert done == {second} and second.result() == 2
        (left,) = pending
        later = asyncio.as_completed([left, ac.select(ac.Chan(), default=3)])
        assert (await next(iter(later))).val == 3
        assert await asyncio.shield(chan.put(4))
        assert await left == 4

    run(main())


@every_loop
@pytest.mark.parametrize("debug", [False, True])
def test_every_loop_runs_them(new_loop: Callable[[], Loop], debug: bool) -> None:
    async def main() -> int:
        chan, acks = ac.Chan(), ac.Chan(2)

        async def produce() -> None:
            for value in range(1000):
                assert await chan.put(value)
                if value % 10 == 0:
                    assert await acks.get() == value
            chan.close()

        task = asyncio.ensure_future(produce())
        total = 0
        while True:
            value = await chan.get()
            if value is None:
                break
            total += value
            if value % 10 == 0:
                await acks.put(value)
        await task
        return total

    loop = new_loop()
    loop.set_debug(debug)
    try:
        assert loop.run_until_complete(asyncio.wait_for(main(), PATIENCE)) == 499_500
    finally:
        loop.close()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks that begin at once came with 3.12")
def test_tasks_that_begin_at_once() -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
        chan = ac.Chan()

        async def get() -> Any:
            return await chan.get()

        async def put(value: int) -> Any:
            return await chan.put(value)

        gets = [asyncio.ensure_future(get()) for _ in range(100)]
        puts = [asyncio.ensure_future(put(value)) for value in range(100)]
        assert await asyncio.gather(*gets) == list(range(100))
        assert await asyncio.gather(*puts) == [True] * 100

    run(main())


def test_cancelling_it_reaches_all_who_wait_with_the_message() -> None:
    async def main() -> None:
        chan = ac.Chan()
        for future in (chan.get(), ac.select(chan)):

            async def wait(future: Any = future) -> Any:
                return await future

            tasks = [asyncio.ensure_future(wait()) for _ in range(3)]
            await turns()
            assert future.cancel("enough")
            assert not future.cancel()
            assert future.cancelled() and future.done()
            assert "cancelled" in repr(future)
            for task in tasks:
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert task.cancelled()
            for ask in future.result, future.exception:
                with pytest.raises(asyncio.CancelledError, match="enough"):
                    ask()
            with pytest.raises(asyncio.CancelledError, match="enough"):
                await future
        assert chan.stats().state == "FLUENT"

    run(main())


def test_a_task_that_is_cancelled_cancels_what_it_waits_for() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()

        async def wait() -> Any:
            return await get

        one, other = asyncio.ensure_future(wait()), asyncio.ensure_future(wait())
        await turns()
        assert one.cancel()
        assert get.cancelled(), "at once, as a future of asyncio's"
        for task in one, other:
            with pytest.raises(asyncio.CancelledError):
                await task
        assert chan.put_nowait(1) is None

    run(main())


def test_a_value_that_went_back_is_read_once() -> None:
    async def main() -> None:
        chan, never = ac.Chan(), ac.Chan()
        for begin in (lambda: chan.get(), lambda: ac.select(chan, never)):
            future = begin()

            async def wait(future: Any = future) -> Any:
                return await future

            task = asyncio.ensure_future(wait())
            await turns()
            assert await chan.put("precious")
            assert future.done() and not future.cancelled()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(asyncio.CancelledError):
                await future
            assert future.cancelled()
            assert chan.get_nowait() == "precious"
            assert chan.get_nowait() is None

    run(main())


def test_a_value_that_another_has_read_stays_read() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()

        async def wait() -> Any:
            return await get

        reader, leaver = asyncio.ensure_future(wait()), asyncio.ensure_future(wait())
        await turns()
        assert await chan.put(1)
        leaver.cancel()
        assert await reader == 1
        with pytest.raises(asyncio.CancelledError):
            await leaver
        assert get.result() == 1
        assert chan.get_nowait() is None

    run(main())


def test_a_value_that_a_callback_was_given_does_not_go_back() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()
        seen: list[Any] = []
        get.add_done_callback(lambda future: seen.append(future.result()))

        async def wait() -> Any:
            return await get

        task = asyncio.ensure_future(wait())
        await turns()
        assert await chan.put(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == [1]
        assert chan.get_nowait() is None

    run(main())


def test_a_task_that_is_cancelled_while_it_gives_way_loses_nothing() -> None:
    async def main() -> None:
        chan = ac.Chan(10_000)
        chan.add(*range(10_000))
        got: list[int] = []
        ways = 0

        async def consume() -> None:
            while len(got) < 10_000:
                got.append(await chan.get())

        while len(got) < 10_000:
            task = asyncio.ensure_future(consume())
            # It runs until it gives way, and is then cancelled right there; every other time it may go on once.
            await turns(1 + ways % 2)
            ways += not task.done()
            task.cancel()
            await asyncio.wait({task})
        assert got == list(range(10_000))
        assert ways > 20

    run(main())


def test_closing_a_coroutine_that_waits_withdraws_its_operation() -> None:
    async def main() -> None:
        for begin in (lambda chan: chan.get(), lambda chan: ac.select(chan)):
            chan = ac.Chan()

            async def wait(chan: Any = chan, begin: Any = begin) -> Any:
                return await begin(chan)

            coroutine = wait()
            coroutine.send(None)
            assert chan.stats().state == "PENDING_GETS"
            coroutine.close()
            assert chan.stats().state == "FLUENT"
        putting = ac.Chan()

        async def put() -> Any:
            return await putting.put(1)

        coroutine = put()
        coroutine.send(None)
        coroutine.close()
        assert putting.get_nowait() is None
        await turns()

    run(main())


def test_callbacks_are_called_later_in_order_and_in_their_contexts() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

    async def main() -> None:
        chan = ac.Chan()
        get, ready = chan.get(), ac.Chan(1).put(1)
        seen: list[Any] = []

        def note(future: Any) -> None:
            seen.append((future, variable.get()))

        def unwanted(_: Any) -> None:
            raise AssertionError("it was removed")

        variable.set("outer")
        other = contextvars.copy_context()
        other.run(variable.set, "other")
        for future in get, ready:
            future.add_done_callback(note)
            future.add_done_callback(note, context=other)
        get.add_done_callback(unwanted)
        get.add_done_callback(unwanted)
        assert get.remove_done_callback(unwanted) == 2
        assert get.remove_done_callback(unwanted) == 0
        variable.set("later")
        assert not seen
        put = chan.put(1)
        assert get.done() and not seen, "not inside the put"
        get.add_done_callback(note)
        await turns(2)
        expected = [(ready, "outer"), (ready, "other"), (get, "outer"), (get, "other"), (get, "later")]
        assert [(future is ready, name) for future, name in seen] == [
            (future is ready, name) for future, name in expected
        ]
        assert await put

    run(main())


def test_callbacks_of_one_that_was_cancelled_are_called() -> None:
    async def main() -> None:
        get = ac.Chan().get()
        seen: list[Any] = []
        get.add_done_callback(seen.append)
        get.cancel()
        await turns(2)
        assert seen == [get]

    run(main())


def test_a_callback_runs_on_its_loop_whoever_completes_the_operation() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()
        where: list[int] = []
        get.add_done_callback(lambda _: where.append(threading.get_ident()))
        thread = threading.Thread(target=lambda: chan.put_nowait(1))
        thread.start()
        await until(lambda: where)
        thread.join()
        assert where == [threading.get_ident()]

    run(main())


def test_without_a_loop_callbacks_are_called_at_once() -> None:
    chan = ac.Chan()
    get = chan.get()
    seen: list[Any] = []
    get.add_done_callback(lambda future: seen.append(future.result()))
    ready = ac.Chan(1).put(0)
    ready.add_done_callback(lambda future: seen.append(future.result()))
    assert seen == [True]
    chan.put_nowait(7)
    assert seen == [True, 7]


def test_tasks_of_several_loops_may_await_the_same_one() -> None:
    chan = ac.Chan()
    get = chan.get()
    results: list[Any] = []
    waiting = threading.Barrier(5)

    def consume() -> None:
        async def wait() -> None:
            task = asyncio.ensure_future(_value(get))
            await turns()
            await asyncio.to_thread(waiting.wait)
            results.append(await task)

        run(wait())

    threads = [threading.Thread(target=consume) for _ in range(4)]
    for thread in threads:
        thread.start()
    waiting.wait(PATIENCE)
    assert chan.put_nowait("for all") is True
    for thread in threads:
        thread.join(PATIENCE)
    assert results == ["for all"] * 4


async def _value(future: Any) -> Any:
    return await future


def test_awaiting_against_threads_that_complete() -> None:
    """A future that is completed just while a task begins to wait for it wakes that task."""
    chan = ac.Chan()
    rounds = 3000

    def produce() -> None:
        async def put() -> None:
            for value in range(rounds):
                assert await chan.put(value)

        run(put())

    async def main() -> list[Any]:
        return [await chan.get() for _ in range(rounds)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    thread = threading.Thread(target=produce)
    try:
        thread.start()
        assert run(main()) == list(range(rounds))
    finally:
        sys.setswitchinterval(interval)
        thread.join(PATIENCE)


@every_loop
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_came_for_a_loop_that_is_closed_goes_back(
    new_loop: Callable[[], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", "asyncio")
    for begin in (lambda chan: chan.get(), lambda chan: ac.select(chan, ac.Chan())):
        for is_closed_first in (True, False):
            chan = ac.Chan()
            loop = new_loop()

            async def wait(chan: Any = chan, begin: Any = begin) -> Any:
                return await begin(chan)

            task = loop.create_task(wait())
            loop.run_until_complete(turns())
            if is_closed_first:
                loop.close()
            assert chan.put_nowait("precious") is True
            loop.close()
            assert chan.get_nowait() == "precious"
            assert chan.get_nowait() is None
            del task
            gc.collect()
            assert chan.get_nowait() is None


@every_loop
def test_what_came_for_callbacks_of_a_loop_that_is_closed_goes_back(new_loop: Callable[[], Loop]) -> None:
    loop = new_loop()
    chan = ac.Chan()

    async def begin() -> Any:
        get = chan.get()
        get.add_done_callback(lambda _: None)
        return get

    get = loop.run_until_complete(_value(begin()))
    loop.close()
    assert not get.done()
    assert chan.put_nowait("precious") is True
    assert chan.get_nowait() == "precious"
    assert get.cancelled()


def test_an_error_comes_out_of_every_way_to_ask() -> None:
    async def main() -> None:
        def broken(value: int) -> int:
            raise ValueError(f"no {value}")

        chan = ac.Chan(1)
        out = chan.map(broken)
        waiting = out.get()
        assert await chan.put(1)
        for _ in range(2):
            with pytest.raises(ValueError, match="no 1"):
                await waiting
        assert isinstance(waiting.exception(), ValueError)
        ready = out.get()
        assert ready.done() and isinstance(ready.exception(), ValueError)
        with pytest.raises(ValueError, match="no 1"):
            await ready

    run(main())


def test_an_error_of_an_iterable_comes_once_and_in_its_place() -> None:
    async def main() -> None:
        def items() -> Generator[int, None, None]:
            yield 1
            raise ValueError("broken")

        chan = ac.from_iter(items())
        assert await chan.get() == 1
        broken = chan.get()
        with pytest.raises(ValueError, match="broken"):
            await broken
        with pytest.raises(ValueError, match="broken"):
            await broken

    run(main())


def test_operations_stop_counting_when_they_are_awaited_end_or_are_withdrawn() -> None:
    async def main() -> None:
        chan, other = ac.Chan(), ac.Chan()
        awaited, cancelled, completed, select = chan.get(), chan.get(), chan.get(), ac.select(chan, (other, 1))
        assert (chan._queued_gets, other._queued_puts) == (4, 1)
        task = asyncio.ensure_future(_value(awaited))
        await turns()
        assert chan._queued_gets == 3
        cancelled.cancel()
        assert chan._queued_gets == 2
        await chan.put(1)
        await chan.put(2)
        assert chan._queued_gets == 1
        assert (await task, await completed) == (1, 2)
        select.cancel()
        assert (chan._queued_gets, other._queued_puts) == (0, 0)

    run(main())


def test_what_nobody_else_holds_is_collected() -> None:
    class Marked:
        pass

    async def main() -> list[weakref.ref[Any]]:
        chan = ac.Chan()
        marked = Marked()

        async def wait(chan: Any, marked: Any) -> Any:
            return await chan.get()

        task = asyncio.ensure_future(wait(chan, marked))
        get, put = chan.get(), ac.Chan().put(marked)
        select = ac.select(chan, (ac.Chan(), marked))
        marked.cycle = (get, put, select)  # type: ignore[attr-defined]
        for future in marked.cycle:  # type: ignore[attr-defined]
            future.add_done_callback(lambda _, marked=marked: None)
            future.marked = marked
        await turns()
        return [weakref.ref(each) for each in (marked, chan, task, get, put, select)]

    handled: list[Any] = []

    async def outer() -> list[weakref.ref[Any]]:
        asyncio.get_running_loop().set_exception_handler(lambda _, about: handled.append(about["message"]))
        refs = await main()
        gc.collect()
        await turns()
        gc.collect()
        return refs

    refs = run(outer())
    assert [ref() for ref in refs] == [None] * len(refs)


def test_one_that_no_channel_has_made_is_no_use_and_does_no_harm() -> None:
    async def main() -> None:
        made = ac.Chan(1).put(1)
        kind = type(made)
        broken = ac.Chan().get()
        del broken._begun
        for future in (kind(), kind.__new__(kind), broken):
            with pytest.raises((RuntimeError, AttributeError)):
                await future

    run(main())


def test_a_channel_whose_constructor_was_not_called_says_so() -> None:
    class Careless(ac.Chan):  # type: ignore[misc]
        def __init__(self) -> None:
            pass

    with pytest.raises(RuntimeError, match="not been initialized"):
        Careless().put(1)
    with pytest.raises(RuntimeError, match="not been initialized"):
        Careless().get()


def test_a_channel_of_the_users_own_class_is_one() -> None:
    class Counting(ac.Chan):  # type: ignore[misc]
        def __init__(self, *args: Any, start: int, **keywords: Any) -> None:
            super().__init__(*args, **keywords)
            self.count = start

        def put(self, val: Any) -> Any:
            self.count += 1
            return super().put(val)

    async def main() -> None:
        chan = Counting(2, name="mine", start=5)
        assert await chan.put(1) and await chan.put(2)
        assert (chan.count, await chan.get(), await ac.select(chan)) == (7, 1, (2, chan))

    run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_that_awaits_its_parents_future_is_told() -> None:
    program = f"""
import asyncio, os, warnings
warnings.simplefilter("ignore")
import {ac.__name__} as ac
get = ac.Chan().get()
pid = os.fork()
if pid == 0:
    async def wait():
        try:
            await get
        except RuntimeError as error:
            os._exit(7 if "forked" in str(error) else 1)
    asyncio.run(wait())
    os._exit(2)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, env=environment
    )
    assert done.stdout.strip() == "7", done.stderr
