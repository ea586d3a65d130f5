"""Scopes: what ends them, in which order, and what comes out."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import weakref
from typing import Any

import pytest
from clock import ClockLoop
from stream_support import cancelled, everywhere, run, settle

import millstream as ms


async def forever(log: list[str] | None = None) -> None:
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        if log is not None:
            log.append("gone")


async def fail(error: BaseException) -> None:
    raise error


@everywhere
async def test_a_scope_ends_after_its_tasks() -> None:
    done = []

    async def work(n: int) -> int:
        await settle()
        done.append(n)
        return n

    async with ms.Scope() as scope:
        tasks = [scope.spawn(work(n)) for n in range(3)]
    assert sorted(done) == [0, 1, 2]
    assert [task.result() for task in tasks] == [0, 1, 2]
    assert scope.is_cancelled()


@everywhere
async def test_tasks_may_start_others_until_the_end() -> None:
    ch: ms.Chan[int] = ms.unbounded()

    async def grow(scope: ms.Scope, n: int) -> None:
        ch.put_nowait(n)
        if n < 3:
            await settle()
            scope.spawn(grow(scope, n + 1))

    async with ms.Scope() as scope:
        scope.spawn(grow(scope, 0))
    assert ch.drain() == [0, 1, 2, 3]


@everywhere
async def test_the_first_error_cancels_the_rest_and_comes_out_as_it_is() -> None:
    log: list[str] = []
    error = ValueError("first")
    with pytest.raises(ValueError) as raised:
        async with ms.Scope() as scope:
            scope.spawn(forever(log))
            await settle()
            scope.spawn(fail(error))
            await forever(log)
    assert raised.value is error
    assert error.__context__ is None, "the interruption of the body is no part of the story"
    assert log == ["gone", "gone"]


@everywhere
async def test_an_error_of_the_body_cancels_the_tasks_and_comes_out() -> None:
    log: list[str] = []
    with pytest.raises(KeyError):
        async with ms.Scope() as scope:
            scope.spawn(forever(log))
            await settle()
            raise KeyError("body")
    assert log == ["gone"]


@everywhere
async def test_an_error_comes_out_though_the_body_has_ended() -> None:
    gate: ms.Chan[None] = ms.rendezvous()

    async def later() -> None:
        await gate.get()
        raise ValueError("later")

    async def opener() -> None:
        await settle()
        await gate.put(None)

    with pytest.raises(ValueError, match="later"):
        async with ms.Scope() as scope:
            scope.spawn(later())
            scope.spawn(opener())


@everywhere
async def test_later_errors_are_told_with_the_first() -> None:
    async def fails_when_cancelled() -> None:
        try:
            await forever()
        finally:
            raise KeyError("second")

    with pytest.raises(ValueError) as raised:
        async with ms.Scope() as scope:
            scope.spawn(fails_when_cancelled())
            await settle()
            scope.spawn(fail(ValueError("first")))
    if sys.version_info >= (3, 11):
        assert raised.value.__notes__ == ["Another error in the same scope: KeyError: 'second'"]
    else:
        assert isinstance(raised.value.__context__, KeyError)


@everywhere
async def test_an_error_that_the_body_awaits_is_one_error() -> None:
    error = ValueError("once")
    with pytest.raises(ValueError) as raised:
        async with ms.Scope() as scope:
            await scope.spawn(fail(error))
    assert raised.value is error
    assert not getattr(error, "__notes__", None)


@everywhere
async def test_a_body_that_swallows_its_interruption_loses_no_later_await() -> None:
    with pytest.raises(ValueError):
        async with ms.Scope() as scope:
            scope.spawn(fail(ValueError()))
            try:
                await forever()
            except asyncio.CancelledError:
                pass
    # A cancellation that was left over would come here.
    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    if sys.version_info >= (3, 11):
        assert task.cancelling() == 0


@everywhere
async def test_a_task_that_fails_just_as_the_body_ends_leaves_no_cancellation_behind() -> None:
    async def flag() -> None:
        raise ValueError("now")

    with pytest.raises(ValueError):
        async with ms.Scope() as scope:
            task = scope.spawn(flag())
            # The task fails in this turn of the loop, and the body ends in it too.
            done = asyncio.get_running_loop().create_future()
            task.add_done_callback(lambda _: done.done() or done.set_result(None))
            try:
                await asyncio.shield(done)
            except asyncio.CancelledError:
                pass
    await asyncio.sleep(0)


@everywhere
async def test_cancelling_from_outside_cancels_all_and_waits() -> None:
    log: list[str] = []

    async def slow_to_go() -> None:
        try:
            await forever()
        finally:
            await settle()
            log.append("gone")

    async def scoped(in_body: bool) -> None:
        async with ms.Scope() as scope:
            scope.spawn(slow_to_go())
            scope.spawn(slow_to_go())
            if in_body:
                await forever()
        log.append("not reached")

    await cancelled(scoped(True))
    await cancelled(scoped(False))
    assert log == ["gone"] * 4


@everywhere
async def test_an_error_during_a_cancellation_from_outside_does_not_swallow_it() -> None:
    reported: list[Any] = []
    loop = asyncio.get_running_loop()
    handler = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))

    async def fails_when_cancelled() -> None:
        try:
            await forever()
        finally:
            raise KeyError("cleanup")

    async def scoped() -> None:
        async with ms.Scope() as scope:
            scope.spawn(fails_when_cancelled())

    await cancelled(scoped())
    loop.set_exception_handler(handler)
    assert [type(error) for error in reported] == [KeyError]


@everywhere
async def test_a_task_that_is_cancelled_is_no_error() -> None:
    async with ms.Scope() as scope:
        task = scope.spawn(forever())
        other = scope.spawn(settle())
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
    assert not other.cancelled()
    assert other.done()


@everywhere
async def test_cancel_leaves_the_body_alone() -> None:
    async with ms.Scope() as scope:
        task = scope.spawn(forever())
        assert not scope.is_cancelled()
        scope.cancel()
        scope.cancel()
        await settle()
        assert task.cancelled()
        assert scope.is_cancelled()
        unstarted = scope.spawn(forever())
    assert unstarted.cancelled()


@everywhere
async def test_a_task_may_cancel_its_scope() -> None:
    async def stop(scope: ms.Scope) -> None:
        scope.cancel()
        await forever()

    async with ms.Scope() as scope:
        scope.spawn(forever())
        scope.spawn(stop(scope))


@everywhere
async def test_cooperative_tasks_are_told_and_end_by_themselves() -> None:
    saved: ms.Chan[str] = ms.unbounded()

    async def cooperative(scope: ms.Scope) -> None:
        await scope.cancelled()
        await settle()
        saved.put_nowait("saved")

    async def selecting(scope: ms.Scope, work: ms.Chan[int]) -> None:
        chosen = await ms.select(scope.cancellation, work)
        assert chosen.index == 0 and chosen.closed
        saved.put_nowait("selected")

    with pytest.raises(ValueError):
        async with ms.Scope() as scope:
            scope.spawn_cooperative(cooperative(scope))
            scope.spawn_cooperative(selecting(scope, ms.rendezvous()))
            await settle()
            raise ValueError
    assert sorted(saved.drain()) == ["saved", "selected"]


def test_grace_limits_how_long_cooperative_tasks_go_on() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with ms.Scope(grace=5) as scope:
            task = scope.spawn_cooperative(forever())
            await settle()
            scope.cancel()
        assert task.cancelled()
        assert loop.time() == pytest.approx(5)

    run(main(), ClockLoop)


def test_a_second_cancellation_from_outside_ends_cooperative_tasks_too() -> None:
    async def main() -> None:
        scoped_task: list[asyncio.Task[Any]] = []

        async def scoped() -> None:
            async with ms.Scope() as scope:
                scoped_task.append(scope.spawn_cooperative(forever()))

        task = asyncio.ensure_future(scoped())
        await settle()
        task.cancel()
        await settle()
        assert not task.done()
        task.cancel()
        await settle()
        assert task.cancelled()
        assert scoped_task[0].cancelled()

    run(main())


def test_drain_waits_for_the_limit_and_cancels_what_is_left() -> None:
    async def main() -> None:
        async with ms.Scope() as scope:
            scope.spawn(asyncio.sleep(1))
            assert await scope.drain(60)
            assert await scope.drain()
            assert not scope.is_cancelled()
            scope.spawn(asyncio.sleep(1000))
            assert not await scope.drain(3)
            assert scope.is_cancelled()
        assert asyncio.get_running_loop().time() == pytest.approx(4)

    run(main(), ClockLoop)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout and TaskGroup came with 3.11")
def test_timeouts_and_task_groups_around_and_within() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                async with ms.Scope() as scope:
                    scope.spawn(forever())
        with pytest.raises(TimeoutError):
            async with ms.Scope() as scope:
                scope.spawn(forever())
                async with asyncio.timeout(1):
                    await forever()
        with pytest.raises(ValueError):
            async with asyncio.timeout(1):
                async with ms.Scope() as scope:
                    scope.spawn(fail(ValueError()))
                    await forever()
        async with asyncio.TaskGroup() as group:
            async with ms.Scope() as scope:
                group.create_task(settle())
                scope.spawn(settle())
        with pytest.raises(BaseExceptionGroup):  # noqa: F821
            async with asyncio.TaskGroup() as group:
                group.create_task(fail(KeyError()))
                async with ms.Scope() as scope:
                    scope.spawn(forever())
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0
        await asyncio.sleep(0)

    run(main(), ClockLoop)


@everywhere
async def test_scopes_nest() -> None:
    log: list[str] = []

    async def inner() -> None:
        async with ms.Scope() as scope:
            scope.spawn(forever(log))
            await forever(log)

    with pytest.raises(ValueError):
        async with ms.Scope() as outer:
            outer.spawn(inner())
            await settle()
            async with ms.Scope() as scope:
                scope.spawn(fail(ValueError("inner")))
    assert log == ["gone", "gone"]


@everywhere
async def test_context_variables_are_carried() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")
    variable.set(1)

    async def read() -> int:
        value = variable.get()
        variable.set(99)
        return value

    async with ms.Scope() as scope:
        task = scope.spawn(read())
    assert task.result() == 1
    assert variable.get() == 1


@everywhere
async def test_what_comes_too_late_is_refused_and_closed() -> None:
    scope = ms.Scope()
    with pytest.raises(RuntimeError, match="not entered"):
        scope.spawn(forever())
    async with scope:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        scope.spawn(forever())
    with pytest.raises(RuntimeError, match="once"):
        await scope.__aenter__()


@everywhere
async def test_channel_operations_are_tasks_of_a_scope() -> None:
    ch: ms.Chan[int] = ms.rendezvous()
    async with ms.Scope() as scope:
        scope.spawn(ch.put(1))
        got = scope.spawn(ch.get())
    assert got.result() == 1


@everywhere
async def test_tasks_are_held_and_let_go_of() -> None:
    class Thing:
        pass

    things = []

    async def work(thing: Thing, ch: ms.Chan[None]) -> None:
        await ch.get()

    async with ms.Scope() as scope:
        gates: list[ms.Chan[None]] = []
        for _ in range(10):
            gate: ms.Chan[None] = ms.rendezvous()
            thing = Thing()
            things.append(weakref.ref(thing))
            scope.spawn(work(thing, gate))
            gates.append(gate)
            del thing
        await settle()
        gc.collect()
        assert all(ref() is not None for ref in things)
        for gate in gates:
            await gate.put(None)
        await settle()
        gc.collect()
        assert all(ref() is None for ref in things), "a task that has ended is kept by nobody"


@everywhere
async def test_a_failed_scope_leaves_no_cycle() -> None:
    class Marked(Exception):
        pass

    async def scoped() -> Any:
        try:
            async with ms.Scope() as scope:
                scope.spawn(fail(Marked()))
                await forever()
        except Marked as error:
            return weakref.ref(error)

    gc.collect()
    ref = await scoped()
    await settle()
    gc.collect()
    assert ref() is None
