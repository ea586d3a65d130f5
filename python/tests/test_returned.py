"""How an awaitable hands its value over: through an exception that is used again, or to a task that it wakes."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from stream_support import everywhere, run, settle

import millstream as ms


class Thing:
    """Can be referred to weakly."""


def returned(value: object, step: Callable[[Any], object] = next) -> StopIteration:
    """What a get raises when it is driven by hand."""
    chan: ms.Chan[object] = ms.bounded(1)
    chan.put_nowait(value)
    operation = chan.get()
    with pytest.raises(StopIteration) as raised:
        while True:  # Now and then it gives way first.
            step(operation)
    return raised.value


@pytest.mark.parametrize("step", [next, lambda operation: operation.send(None)])
def test_driven_by_hand_it_raises_the_value_as_it_is(step: Callable[[Any], object]) -> None:
    thing = Thing()
    for value in 1, None, (), (1, 2), ValueError("no error here"), StopIteration(3), Thing, thing:
        assert returned(value, step).value is value


def test_exceptions_that_are_kept_keep_their_values() -> None:
    first, second = returned(1), returned((2, 3))
    assert first is not second
    third = returned("three")
    assert (first.value, second.value, third.value) == (1, (2, 3), "three")
    assert returned(4).args == ()


def test_nothing_is_left_of_the_last_use() -> None:
    for _ in range(3):
        kept = returned(Thing())
        kept.__cause__ = ValueError("said later")
        kept.of_mine = Thing()  # type: ignore[attr-defined]
        if sys.version_info >= (3, 11):
            kept.add_note("said later")
        value = weakref.ref(kept.value)
        mine = weakref.ref(kept.of_mine)  # type: ignore[attr-defined]
        del kept
        gc.collect()
        assert value() is None
        assert mine() is None
        fresh = returned(0)
        assert fresh.__cause__ is None
        assert not hasattr(fresh, "of_mine")
        assert not getattr(fresh, "__notes__", None)


@everywhere
async def test_a_value_goes_as_soon_as_its_receiver_has_let_go_of_it() -> None:
    chan: ms.Chan[Thing] = ms.bounded(1)
    for _ in range(5):
        chan.put_nowait(Thing())
        gone = weakref.ref(await chan.get())
        assert gone() is None


@everywhere
async def test_a_value_may_use_channels_when_it_goes() -> None:
    chan: ms.Chan[Any] = ms.bounded(1)
    seen = []

    class Last:
        def __del__(self) -> None:
            other: ms.Chan[int] = ms.bounded(1)
            other.put_nowait(7)
            with pytest.raises(StopIteration) as raised:
                next(other.get())
            seen.append(raised.value.value)

    for _ in range(3):
        chan.put_nowait(Last())
        await chan.get()
        with pytest.raises(StopIteration) as raised:
            chan.put_nowait(Last())
            next(chan.get())
        del raised
    gc.collect()
    assert seen == [7] * 6


def test_the_class_is_not_used_up() -> None:
    kind = type(returned(1))
    references = sys.getrefcount(kind)
    for number in range(1, 1000):
        returned(number)
    gc.collect()
    assert abs(sys.getrefcount(kind) - references) < 10


def test_tasks_written_in_python_are_woken_as_well() -> None:
    def task(loop: asyncio.AbstractEventLoop, work: Any, **named: Any) -> Any:
        return asyncio.tasks._PyTask(work, loop=loop, **named)  # type: ignore[attr-defined]

    def new_loop() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_task_factory(task)
        return loop

    async def main() -> None:
        chan: ms.Chan[int] = ms.rendezvous()
        getting = asyncio.ensure_future(chan.get())
        assert type(getting) is asyncio.tasks._PyTask  # type: ignore[attr-defined]
        await settle()
        await chan.put(1)
        assert await getting == 1
        getting = asyncio.ensure_future(chan.get())
        await settle()
        getting.cancel("enough")
        with pytest.raises(asyncio.CancelledError):
            await getting
        putting = asyncio.ensure_future(chan.put(2))
        assert await chan.get() == 2
        await putting

    run(main(), new_loop)


@everywhere
async def test_callbacks_of_others_are_told_what_they_wait_for() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    told: list[Any] = []
    getting = chan.get()
    waiter = getting.send(None)
    waiter.add_done_callback(told.append)
    waiter.add_done_callback(lambda done: told.append(done.result()))
    await chan.put(1)
    await settle()
    assert told == [waiter, None]
    assert waiter.done()
    with pytest.raises(StopIteration) as raised:
        getting.send(None)
    assert raised.value.value == 1
