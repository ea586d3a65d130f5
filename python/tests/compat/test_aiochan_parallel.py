"""Functions that run as tasks, in threads and in processes between two channels."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import threading
import time
from typing import Any

import pytest
from aiochan_support import ac, run, tasks, until

# How processes are started is for the caller to say, and the default of multiprocessing is kept.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

PIPES = ("parallel_pipe", "parallel_pipe_unordered")


def double(value: int) -> int:
    return value * 2


def many(value: int) -> list[int]:
    return [value] * value


def none_at_all(_value: int) -> list[int]:
    return []


def thousands(value: int) -> list[int]:
    return list(range(value))


def fail_at_three(value: int) -> int:
    if value == 3:
        raise ValueError("three")
    return value


def die(value: int) -> int:
    if value == 3:
        os._exit(1)
    return value


_set_up = threading.local()


def set_up(number: int) -> None:
    _set_up.number = number
    globals()["_process_number"] = number


def add_number(value: int) -> int:
    return value + int(globals()["_process_number"])


async def double_soon(value: int) -> int:
    await asyncio.sleep(0)
    return value * 2


def test_tasks_work_beside_each_other_and_keep_the_order() -> None:
    async def main() -> None:
        running = most = 0

        async def work(value: int) -> int:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.02 if value % 4 == 0 else 0.001)
            running -= 1
            return value * 2

        assert await ac.from_range(20).async_pipe(5, work).collect() == list(range(0, 40, 2))
        assert 2 <= most <= 5
        most = 0
        unordered = await ac.from_range(20).async_pipe_unordered(5, work).collect()
        assert sorted(unordered) == list(range(0, 40, 2))
        assert unordered != sorted(unordered)
        assert 2 <= most <= 5

    run(main())


def test_more_values_than_workers_come_through() -> None:
    async def main() -> None:
        out = ac.Chan()
        assert ac.from_range(100).async_pipe(2, double_soon, out) is out
        assert await out.collect() == list(range(0, 200, 2))

    run(main())


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_pools_do_the_work(mode: str) -> None:
    async def main() -> None:
        assert await ac.from_range(30).parallel_pipe(3, double, mode=mode).collect() == list(range(0, 60, 2))
        unordered = await ac.from_range(30).parallel_pipe_unordered(3, double, mode=mode).collect()
        assert sorted(unordered) == list(range(0, 60, 2))
        flat = ac.from_range(4).parallel_pipe(2, many, mode=mode, flatten=True)
        assert await flat.collect() == [1, 2, 2, 3, 3, 3]

    run(main())


def test_processes_are_the_default() -> None:
    async def main() -> None:
        assert os.getpid() not in await ac.from_range(1).map(lambda v: v + 1).parallel_pipe(1, _pid).collect()

    run(main())


def _pid(_value: int) -> int:
    return os.getpid()


def test_threads_really_run_beside_each_other() -> None:
    meeting = threading.Barrier(4, timeout=10)

    def meet(value: int) -> int:
        meeting.wait()
        return value

    async def main() -> None:
        assert await ac.from_range(8).parallel_pipe(4, meet, mode="thread").collect() == list(range(8))

    run(main())


@pytest.mark.parametrize("pipe", PIPES)
def test_lists_without_items_and_with_thousands(pipe: str) -> None:
    async def main() -> None:
        nothing = getattr(ac.from_range(3), pipe)(2, none_at_all, mode="thread", flatten=True)
        assert await asyncio.wait_for(nothing.collect(), 5) == []
        all_of_it = getattr(ac.from_iter([4000]), pipe)(2, thousands, mode="thread", flatten=True)
        assert await asyncio.wait_for(all_of_it.collect(), 5) == list(range(4000))

    run(main())


@pytest.mark.parametrize("pipe", PIPES)
@pytest.mark.parametrize("mode", ["thread", "process"])
def test_an_error_ends_the_pipe_and_reaches_the_consumer(pipe: str, mode: str) -> None:
    async def main() -> None:
        out = getattr(ac.from_range(100), pipe)(2, fail_at_three, mode=mode)
        with pytest.raises(ValueError, match="three"):
            await asyncio.wait_for(out.collect(), 10)

    run(main())


@pytest.mark.parametrize("pipe", PIPES)
@pytest.mark.parametrize("mode", ["thread", "process"])
def test_with_a_callback_for_errors_the_pipe_goes_on(pipe: str, mode: str) -> None:
    async def main() -> None:
        loop_thread = threading.get_ident()
        errors: list[tuple[str, bool]] = []

        def note(error: BaseException) -> None:
            errors.append((str(error), threading.get_ident() == loop_thread))

        out = getattr(ac.from_range(6), pipe)(2, fail_at_three, mode=mode, error_cb=note)
        assert sorted(await asyncio.wait_for(out.collect(), 10)) == [0, 1, 2, 4, 5]
        assert errors == [("three", True)]

    run(main())


@pytest.mark.parametrize("pipe", PIPES)
def test_a_worker_that_dies_ends_the_pipe_with_an_error(pipe: str) -> None:
    async def main() -> None:
        for callback in (None, lambda error: None):
            out = getattr(ac.from_range(10), pipe)(2, die, error_cb=callback)
            with pytest.raises(RuntimeError):
                await asyncio.wait_for(out.collect(), 10)

    run(main())


@pytest.mark.parametrize("pipe", PIPES)
def test_a_function_that_cannot_be_sent_to_a_process_is_a_clear_error(pipe: str) -> None:
    async def main() -> None:
        out = getattr(ac.from_range(10), pipe)(2, lambda value: value)
        with pytest.raises(TypeError, match="another process"):
            await asyncio.wait_for(out.collect(), 10)

    run(main())


def test_a_value_that_cannot_be_sent_to_a_process_is_an_error() -> None:
    async def main() -> None:
        out = ac.from_iter([threading.Lock()]).parallel_pipe(2, double)
        with pytest.raises(TypeError):
            await asyncio.wait_for(out.collect(), 10)

    run(main())


@pytest.mark.parametrize(
    "how", [{"pool_args": (set_up, (10,))}, {"pool_kwargs": {"initializer": set_up, "initargs": (10,)}}]
)
def test_workers_can_be_set_up(how: dict[str, Any]) -> None:
    async def main() -> None:
        assert await ac.from_range(3).parallel_pipe(2, add_number, **how).collect() == [10, 11, 12]
        assert await ac.from_range(3).parallel_pipe(2, add_number, mode="thread", **how).collect() == [10, 11, 12]

    run(main())


def test_what_a_pool_does_not_take_is_refused() -> None:
    async def main() -> None:
        for how in (
            {"pool_kwargs": {"unknown": 1}},
            {"pool_args": (None, (), None, None)},
            {"pool_args": (set_up, (1,)), "pool_kwargs": {"initializer": set_up}},
            {"pool_kwargs": {"maxtasksperchild": 1}, "mode": "thread"},
        ):
            with pytest.raises(TypeError):
                ac.from_range(3).parallel_pipe(2, double, **how)
        with pytest.raises(ValueError):
            ac.from_range(3).parallel_pipe(0, double)
        with pytest.raises(ValueError):
            ac.from_range(3).async_pipe(0, double_soon)
        with pytest.raises(ValueError):
            ac.from_range(3).parallel_pipe(1, double, mode="fibre")

    run(main())


def test_no_more_is_taken_than_is_in_flight() -> None:
    async def main() -> None:
        source = ac.Chan(100).add(*range(50))
        out = source.parallel_pipe(2, double, mode="thread", pool_buffer=3)
        assert await out.get() == 0
        await asyncio.sleep(0.05)
        assert await source.close().collect() == list(range(6, 50))

    run(main())


def test_another_module_can_start_the_processes() -> None:
    async def main() -> None:
        context = multiprocessing.get_context("spawn")
        out = ac.from_range(3).parallel_pipe(1, double, mp_module=_Module(context))
        assert await out.collect() == [0, 2, 4]

    run(main())


class _Module:
    def __init__(self, context: Any) -> None:
        self._context = context
        self.Pool = context.Pool

    def get_context(self) -> Any:
        return self._context


def test_abandoned_pools_leave_neither_tasks_nor_processes() -> None:
    async def main() -> None:
        before = {process.pid for process in multiprocessing.active_children()}
        for pipe in PIPES:
            out = getattr(ac.from_range(), pipe)(2, double)
            assert await out.get() is not None
            del out
            getattr(ac.Chan(), pipe)(2, double, mode="thread")
            ac.Chan().async_pipe(2, double_soon)
            ac.from_range().async_pipe_unordered(2, double_soon)
        gc.collect()
        await until(lambda: tasks() == 0)
        deadline = time.monotonic() + 10
        while {process.pid for process in multiprocessing.active_children()} - before:
            assert time.monotonic() < deadline, "worker processes stay"
            await asyncio.sleep(0.01)

    run(main())
