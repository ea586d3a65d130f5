"""Stages on tasks, threads and processes: order, bounds, errors, and that an abandoned stage leaves nothing."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from process_functions import (
    die_at_three,
    fail_to_make_state,
    give_a_lambda,
    make_state,
    negative,
    raise_unloadable,
    until_three,
    with_state,
)
from stream_support import Source, agen, alone, everywhere, run, settle

import millstream as ms


async def collect(rx: ms.Receiver[Any]) -> list[Any]:
    return [value async for value in rx]


async def until_error(rx: ms.Receiver[Any]) -> tuple[list[Any], Exception]:
    values = []
    try:
        async for value in rx:
            values.append(value)
    except Exception as error:
        return values, error
    raise AssertionError(f"no error after {values}")


def filled(*values: Any, closed: bool = False) -> ms.Chan[Any]:
    ch: ms.Chan[Any] = ms.bounded(len(values) or 1)
    for value in values:
        ch.put_nowait(value)
    if closed:
        ch.close()
    return ch


def no_thread_left() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("millstream"):
            thread.join(timeout=20)
            assert not thread.is_alive(), thread.name


def no_process_left() -> None:
    for process in multiprocessing.active_children():
        process.join(timeout=20)
        assert not process.is_alive()


class Gates:
    """Async calls that end when the test says so."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.cancelled: list[int] = []
        self._gates: dict[int, asyncio.Future[None]] = {}

    async def __call__(self, n: int) -> int:
        self.begun.append(n)
        gate = self._gates[n] = asyncio.get_running_loop().create_future()
        try:
            await gate
        except asyncio.CancelledError:
            self.cancelled.append(n)
            raise
        self.ended.append(n)
        return n

    async def open(self, n: int, error: Exception | None = None) -> None:
        self._gates[n].set_result(None) if error is None else self._gates[n].set_exception(error)
        await settle()


# -- tasks


@everywhere
async def test_results_come_as_they_are_done_or_in_order() -> None:
    for ordered, first in ((False, [2, 0, 1, 3]), (True, [0, 1, 2, 3])):
        gates = Gates()
        results = ms.tasks(3, gates, range(4), ordered=ordered)
        await settle()
        assert gates.begun == [0, 1, 2]
        for n in (2, 0, 1):
            await gates.open(n)
        await gates.open(3)
        assert await collect(results) == first
        await alone()


@everywhere
async def test_every_kind_of_source_and_function() -> None:
    async def double(n: int) -> int:
        await asyncio.sleep(0)
        return 2 * n

    def plain(n: int) -> int:
        return 2 * n

    for function in (double, plain):
        for source in (range(20), agen(range(20)), filled(*range(20), closed=True), Source(range(20))):
            results: ms.Receiver[int] = ms.tasks(4, function, source, ordered=True)
            assert await collect(results) == [2 * n for n in range(20)]
    await alone()


@everywhere
async def test_none_is_a_value_and_results() -> None:
    async def same(value: object) -> object:
        return value

    assert await collect(ms.tasks(2, same, [None, 0, "", None], ordered=True)) == [None, 0, "", None]


@everywhere
async def test_what_is_in_flight_is_bounded() -> None:
    for ordered in (False, True):
        source = Source[int](range(100))

        async def same(n: int) -> int:
            return n

        results = ms.tasks(3, same, source, ordered=ordered, capacity=2)
        await settle()
        assert source.pulled == 5
        await results.get()
        await settle()
        assert source.pulled == 6
        assert len(await collect(results)) == 99


@everywhere
async def test_an_error_comes_after_what_was_done_before_it() -> None:
    for ordered in (False, True):
        gates = Gates()
        results = ms.tasks(4, gates, range(10), ordered=ordered)
        await settle()
        await gates.open(1)
        await gates.open(2, ValueError("two"))
        if ordered:
            assert gates.cancelled == [], "what comes before it in order is still waited for"
            await gates.open(0)
            assert gates.cancelled == [3]
        values, error = await until_error(results)
        assert values == ([0, 1] if ordered else [1])
        assert repr(error) == "ValueError('two')"
        with pytest.raises(ValueError, match="two"):
            await results.get()
        await alone()


@everywhere
async def test_results_that_wait_for_room_come_before_an_error() -> None:
    async def until_three(n: int) -> int:
        if n == 3:
            raise ValueError(n)
        return n

    results = ms.tasks(4, until_three, range(10), capacity=0)
    await settle()
    values, _ = await until_error(results)
    assert sorted(values) == [0, 1, 2]
    await alone()


@everywhere
async def test_errors_of_the_source_come_in_their_place() -> None:
    for ordered in (False, True):
        gates = Gates()
        results = ms.tasks(3, gates, Source([0, 1, KeyError("source")]), ordered=ordered)
        await settle()
        if ordered:
            await gates.open(1)
            await gates.open(0)
            values, error = await until_error(results)
            assert values == [0, 1]
        else:
            values, error = await until_error(results)
            assert values == []
            assert sorted(gates.cancelled) == [0, 1]
        assert isinstance(error, KeyError)
    ch = filled(1)
    ch.close(error=KeyError("channel"))
    values, error = await until_error(ms.tasks(2, lambda n: n, ch))
    assert values == [1]
    assert isinstance(error, KeyError)


@everywhere
async def test_exceptions_that_mean_something_else_to_the_consumer() -> None:
    async def stops(n: int) -> int:
        raise StopAsyncIteration

    async def is_cancelled(n: int) -> int:
        raise asyncio.CancelledError

    _, error = await until_error(ms.tasks(1, stops, [1]))
    assert isinstance(error, RuntimeError)
    _, error = await until_error(ms.tasks(1, is_cancelled, [1]))
    assert isinstance(error, ms.Error)
    assert "cancelled" in str(error)


@everywhere
async def test_a_consumer_that_leaves_stops_the_work_and_loses_nothing() -> None:
    for leave in ("close", "drop"):
        ch = filled(*range(10))
        before = ch.receiver_count()
        gates = Gates()
        results = ms.tasks(2, gates, ch)
        await settle()
        await gates.open(0)
        if leave == "close":
            results.close()
        else:
            del results
        await alone()
        assert sorted(gates.cancelled) == [1, 2]
        assert ch.peek() == [3, 4, 5, 6, 7, 8, 9]
        assert ch.receiver_count() == before


@everywhere
async def test_stages_upstream_end_too() -> None:
    source = Source[int](range(1000))
    first = ms.tasks(2, lambda n: n, source)
    second = ms.flat_tasks(2, lambda n: [n, n], first)
    third = ms.apply(copy, second)
    del first, second
    assert await third.get() == 0
    del third
    await alone()
    assert source.closed == 1
    assert source.pulled < 30


async def copy(values: ms.Receiver[Any], out: ms.Sender[Any]) -> None:
    async for value in values:
        await out.put(value)


@everywhere
async def test_a_source_that_waits_is_left() -> None:
    never = asyncio.get_running_loop().create_future()
    source = Source[int]([1, never])
    results = ms.tasks(3, lambda n: n, source)
    assert await results.get() == 1
    del results
    await alone()
    assert source.closed == 1


def test_the_loop_that_is_shut_down_is_no_clean_end() -> None:
    kept: list[ms.Receiver[int]] = []
    closed: list[str] = []

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.get_running_loop().create_future()
        finally:
            closed.append("closed")

    async def main() -> None:
        kept.append(ms.tasks(2, lambda n: n, source()))
        await settle()

    asyncio.run(main(), debug=True)
    assert kept[0].get_blocking(timeout=5) == 1
    with pytest.raises(ms.Error, match="cancelled"):
        kept[0].get_blocking(timeout=5)
    assert closed == ["closed"]


@everywhere
async def test_flat_tasks_take_every_kind_of_many() -> None:
    async def generator(n: int) -> AsyncIterator[int]:
        for _ in range(n):
            await asyncio.sleep(0)
            yield n

    async def returns(n: int) -> list[int]:
        return [n] * n

    def plain(n: int) -> Iterator[int]:
        yield from [n] * n

    expected = [n for n in range(6) for _ in range(n)]
    for function in (generator, returns, plain):
        results: ms.Receiver[int] = ms.flat_tasks(3, function, range(6), ordered=True)
        assert await collect(results) == expected
        results = ms.flat_tasks(3, function, range(6))
        assert sorted(await collect(results)) == expected
    await alone()


@everywhere
async def test_flat_tasks_fail_after_what_was_drawn_and_close_what_they_leave() -> None:
    closed = []

    async def failing(n: int) -> AsyncIterator[int]:
        try:
            yield n
            if n == 1:
                raise ValueError
            yield n
        finally:
            closed.append(n)

    values, error = await until_error(ms.flat_tasks(2, failing, range(5), ordered=True))
    assert values == [0, 0, 1]
    assert isinstance(error, ValueError)
    await alone()
    assert {0, 1} <= set(closed)
    closed.clear()
    results = ms.flat_tasks(1, failing, range(5), capacity=0)
    assert await results.get() == 0
    del results
    await alone()
    assert closed == [0]


@everywhere
async def test_apply_runs_one_function_between_two_channels() -> None:
    async def sums(numbers: AsyncIterator[int], out: ms.Sender[int]) -> None:
        total = 0
        async for number in numbers:
            total += number
            await out.put(total)

    assert await collect(ms.apply(sums, agen(range(5)))) == [0, 1, 3, 6, 10]

    async def fails(numbers: object, out: ms.Sender[int]) -> None:
        await out.put(1)
        raise ValueError("apply")

    values, error = await until_error(ms.apply(fails, None))
    assert values == [1]
    assert isinstance(error, ValueError)
    left = []

    async def waits(numbers: object, out: ms.Sender[int]) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            left.append("left")

    results = ms.apply(waits, None)
    await settle()
    del results
    await alone()
    assert left == ["left"]


def test_bad_arguments_are_refused_at_once() -> None:
    async def main() -> None:
        for start in (ms.tasks, ms.flat_tasks, ms.threads, ms.flat_threads, ms.processes, ms.flat_processes):
            with pytest.raises(ValueError, match="at least 1"):
                start(0, abs, [1])
            with pytest.raises(ValueError, match="negative"):
                start(1, abs, [1], capacity=-1)
            with pytest.raises(TypeError, match="iterable"):
                start(1, abs, 5)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="batch"):
            ms.threads(1, abs, [1], batch=0)
        with pytest.raises(ValueError, match="max_tasks_per_child"):
            ms.processes(1, abs, [1], max_tasks_per_child=0)
        await alone()

    run(main())
    with pytest.raises(RuntimeError, match="no running event loop"):
        ms.tasks(1, abs, [1])


# -- threads


def test_threads_need_no_loop() -> None:
    assert list(ms.threads(3, lambda n: 2 * n, range(50), ordered=True)) == [2 * n for n in range(50)]
    assert sorted(ms.threads(3, lambda n: 2 * n, filled(*range(50), closed=True))) == [2 * n for n in range(50)]
    assert list(ms.flat_threads(3, range, range(5), ordered=True)) == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]
    no_thread_left()


@everywhere
async def test_threads_take_from_an_async_iterator_and_batches_keep_the_order() -> None:
    assert await collect(ms.threads(3, lambda n: -n, agen(range(40)), ordered=True)) == [-n for n in range(40)]
    for batch in (1, 4, 100):
        ch = filled(*range(40), closed=True)
        assert await collect(ms.threads(3, lambda n: -n, ch, ordered=True, batch=batch)) == [-n for n in range(40)]
    await alone()
    no_thread_left()


def test_threads_work_side_by_side_and_results_come_as_they_are_done() -> None:
    gates = [threading.Event() for _ in range(3)]
    begun: ms.Chan[int] = ms.unbounded()

    def wait(n: int) -> int:
        begun.put_nowait(n)
        assert gates[n].wait(timeout=20)
        return n

    for ordered in (False, True):
        for gate in gates:
            gate.clear()
        results = ms.threads(3, wait, range(3), ordered=ordered)
        assert sorted(begun.get_blocking(timeout=20) for _ in range(3)) == [0, 1, 2]
        if ordered:
            for gate in reversed(gates):
                gate.set()
            assert list(results) == [0, 1, 2]
        else:
            for n in (2, 0, 1):
                gates[n].set()
                assert results.get_blocking(timeout=20) == n
    no_thread_left()


@everywhere
async def test_what_is_in_flight_on_threads_is_bounded() -> None:
    for ordered in (False, True):
        source = Source[int](range(100))
        results = ms.threads(2, lambda n: n, source, ordered=ordered, capacity=3)
        while results.stats().waiting_puts < (1 if ordered else 2) or source.pulled < 5:
            await asyncio.sleep(0.001)
        await settle()
        assert source.pulled == 5
        values = await collect(results)
        assert sorted(values) == list(range(100))
        no_thread_left()


def test_each_thread_has_a_state_of_its_own() -> None:
    made = []

    def init() -> list[int]:
        made.append(threading.get_ident())
        return []

    def count(state: list[int], n: int) -> tuple[int, bool]:
        state.append(n)
        return len(state), threading.get_ident() in made

    results = list(ms.threads(2, count, range(20), init=init))
    assert len(made) == 2
    assert all(known for _, known in results)
    assert max(length for length, _ in results) <= 20

    def fails() -> int:
        raise ValueError("init")

    results_of_none = ms.threads(2, lambda state, n: n, range(3), init=fails)
    with pytest.raises(ValueError, match="init"):
        results_of_none.get_blocking(timeout=20)
    no_thread_left()


def test_context_variables_are_carried_to_threads() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")
    variable.set(7)
    assert list(ms.threads(2, lambda n: variable.get() + n, [1], ordered=True)) == [8]


def test_an_error_on_a_thread_comes_after_what_comes_before_it() -> None:
    for batch in (1, 3):
        ch = filled(*range(100))

        def until_seven(n: int) -> int:
            if n == 7:
                raise ValueError(n)
            return n

        results = ms.threads(3, until_seven, ch, ordered=True, batch=batch)
        assert [results.get_blocking(timeout=20) for _ in range(7)] == list(range(7))
        for _ in range(2):
            with pytest.raises(ValueError, match="7"):
                results.get_blocking(timeout=20)
        no_thread_left()
    results = ms.threads(3, until_seven, range(100))
    values = []
    with pytest.raises(ValueError, match="7"):
        for value in results:
            values.append(value)
    assert 7 not in values
    no_thread_left()


def test_an_error_of_the_source_reaches_the_consumer_of_threads() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("source")

    ch = filled(1)
    ch.close(error=KeyError("source"))
    for source in (failing(), ch):
        for ordered in (False, True):
            results = ms.threads(2, lambda n: n, source, ordered=ordered)
            got = []
            with pytest.raises(KeyError):
                got.extend(iter(results.get_blocking, None))
            no_thread_left()
            source = filled()
            source.close(error=KeyError("source"))


def test_a_consumer_that_leaves_stops_the_threads_and_loses_nothing() -> None:
    for ordered in (False, True):
        for leave in ("close", "drop"):
            ch = filled(*range(50))
            before = ch.receiver_count()
            done = []

            def note(n: int) -> int:
                done.append(n)
                return n

            results = ms.threads(2, note, ch, ordered=ordered, capacity=1)
            assert results.get_blocking(timeout=20) is not None
            if leave == "close":
                results.close()
            else:
                del results
            no_thread_left()
            assert sorted(done) == list(range(len(done)))
            assert ch.peek() == list(range(len(done), 50))
            assert ch.receiver_count() == before
    # Nothing in the input: they wait there, and are woken all the same.
    empty: ms.Chan[int] = ms.rendezvous()
    results = ms.threads(3, note, empty, ordered=True)
    del results
    no_thread_left()


@everywhere
async def test_threads_over_an_async_iterator_end_with_it_or_without_consumer() -> None:
    never = asyncio.get_running_loop().create_future()
    source = Source[int]([1, 2, never])
    results = ms.threads(2, lambda n: n, source, ordered=True)
    assert [await results.get(), await results.get()] == [1, 2]
    del results
    await alone()
    assert source.closed == 1
    no_thread_left()
    values, error = await until_error(ms.threads(2, lambda n: n, Source([1, ValueError()]), ordered=True))
    assert values == [1]
    assert isinstance(error, ValueError)
    await alone()
    no_thread_left()


def test_flat_threads_close_what_they_leave() -> None:
    closed = []

    def numbers(n: int) -> Iterator[int]:
        try:
            while True:
                yield n
        finally:
            closed.append(n)

    results = ms.flat_threads(2, numbers, [1, 2])
    results.get_blocking(timeout=20)
    del results
    no_thread_left()
    assert sorted(closed) == [1, 2]


# -- processes


@pytest.fixture
def processes() -> Iterator[None]:
    yield
    gc.collect()
    no_process_left()
    no_thread_left()


@pytest.mark.usefixtures("processes")
def test_processes_apply_a_function() -> None:
    async def main() -> None:
        assert await collect(ms.processes(2, negative, range(10), ordered=True)) == [-n for n in range(10)]
        assert sorted(await collect(ms.processes(2, negative, agen(range(10))))) == sorted(-n for n in range(10))
        assert await collect(ms.flat_processes(2, range, range(4), ordered=True)) == [0, 0, 1, 0, 1, 2]
        results = await collect(
            ms.processes(1, with_state, range(4), init=make_state, initargs=("x",), max_tasks_per_child=2, ordered=True)
        )
        pids = [result[2:] for result in results]
        assert [result[:2] for result in results] == ["x0", "x1", "x2", "x3"]
        assert pids[0] == pids[1] != pids[2] == pids[3]
        await alone()

    run(main())


@pytest.mark.usefixtures("processes")
def test_errors_in_processes_reach_the_consumer() -> None:
    async def main() -> None:
        values, error = await until_error(ms.processes(2, until_three, range(100), ordered=True))
        assert values == [0, 1, 2]
        assert isinstance(error, ValueError)
        assert "until_three" in str(error.__cause__), "the worker's traceback"
        _, error = await until_error(ms.processes(1, with_state, [1], init=fail_to_make_state))
        assert repr(error) == "ValueError('init in a process')"
        _, error = await until_error(ms.processes(1, raise_unloadable, [1]))
        assert isinstance(error, BrokenProcessPool)
        await alone()

    run(main())


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("max_tasks_per_child", [None, 5])
def test_a_worker_process_that_dies_is_a_clear_error(max_tasks_per_child: int | None) -> None:
    async def main() -> None:
        for ordered in (False, True):
            values, error = await until_error(
                ms.processes(2, die_at_three, range(50), ordered=ordered, max_tasks_per_child=max_tasks_per_child)
            )
            assert 3 not in values
            assert isinstance(error, BrokenProcessPool)
            assert "terminated abruptly" in str(error)
            await alone()

    run(main())


@pytest.mark.usefixtures("processes")
def test_what_cannot_be_pickled_is_a_clear_error() -> None:
    async def main() -> None:
        with pytest.raises(pickle.PicklingError, match="top level of a module"):
            ms.processes(2, lambda n: n, range(3))
        values, error = await until_error(ms.processes(1, negative, [1, lambda: 2, 3], ordered=True, capacity=1))
        assert values == [-1]
        assert "pickle" in str(error) or "local object" in str(error)
        _, error = await until_error(ms.processes(1, give_a_lambda, [1]))
        assert "pickle" in str(error) or "local object" in str(error)
        _, error = await until_error(ms.processes(1, with_state, [1], init=make_state, initargs=(lambda: 1,)))
        assert "pickle" in str(error) or "local object" in str(error)
        await alone()

    run(main())


@pytest.mark.usefixtures("processes")
def test_a_consumer_that_leaves_ends_the_processes() -> None:
    async def main() -> None:
        ch = filled(*range(100))
        results = ms.processes(2, negative, ch, capacity=2)
        assert await results.get() is not None
        del results
        await alone()
        assert len(ch) >= 100 - 1 - 4, "no more than was in work and had room"

    run(main())


@pytest.mark.usefixtures("processes")
def test_what_is_in_flight_on_processes_is_bounded() -> None:
    async def main() -> None:
        source = Source[int](range(50))
        results = ms.processes(2, negative, source, ordered=True, capacity=3)
        first = await results.get()
        await settle()
        assert first == 0
        assert source.pulled <= 1 + 2 + 3
        assert await collect(results) == [-n for n in range(1, 50)]

    run(main())


# -- nothing is left


@everywhere
async def test_a_hundred_abandoned_pipelines_leave_nothing() -> None:
    class Value:
        pass

    async def pass_on(value: Value) -> Value:
        await asyncio.sleep(0)
        return value

    values = []
    channels = []
    for n in range(100):
        ch: ms.Chan[Value] = ms.bounded(4)
        for _ in range(4):
            value = Value()
            values.append(weakref.ref(value))
            ch.put_nowait(value)
        del value
        channels.append(weakref.ref(ch))
        first = ms.tasks(2, pass_on, ch, ordered=n % 2 == 0)
        if n % 5 == 0:
            second: ms.Receiver[Value] = ms.threads(1, lambda value: value, first)
        else:
            second = ms.flat_tasks(2, lambda value: [value, value], first, capacity=1)
        if n % 3 == 0:
            await second.get()
        else:
            await asyncio.sleep(0)
        del ch, first, second
    await alone()
    no_thread_left()
    gc.collect()
    assert [ref for ref in values if ref() is not None] == []
    assert [ref for ref in channels if ref() is not None] == []


def test_a_program_that_leaves_everything_lying_about_exits_in_silence() -> None:
    program = """
import asyncio, threading, time
import millstream as ms

def block(n):
    threading.Event().wait()

def numbers():
    while True:
        yield 1

async def main():
    ch = ms.rendezvous()
    keep = [
        ms.tasks(2, asyncio.sleep, [3600] * 5),
        ms.tasks(2, lambda n: n, ch, ordered=True),
        ms.threads(2, lambda n: n, numbers()),
        ms.threads(2, lambda n: n, ch, ordered=True),
        ms.threads(1, block, [1]),
        ms.Tee(ch).tap(),
        ms.tick(0.5), ms.after(3600),
        ms.from_blocking_iter(numbers()),
        ms.run_in_thread(asyncio.sleep(3600)),
        ms.to_iter(ms.tasks(1, lambda n: n, ch)),
    ]
    await asyncio.sleep(0.05)
    return keep

keep = asyncio.run(main(), debug=True)
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        timeout=60,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
