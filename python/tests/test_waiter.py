"""What a waiting operation yields to its task: a future as far as tasks care, of whatever make they are."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from typing import Any

import pytest
from stream_support import everywhere, settle

import millstream as ms


def waiting(chan: ms.Chan[int]) -> tuple[ms.Operation[int], Any]:
    """A get that waits, and what it yields to its task."""
    operation = chan.get()
    waiter: Any = operation.__await__().send(None)  # type: ignore[attr-defined]
    return operation, waiter


@everywhere
async def test_it_answers_as_a_future_does() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation, waiter = waiting(chan)
    assert asyncio.isfuture(waiter)
    assert waiter._asyncio_future_blocking is True
    waiter._asyncio_future_blocking = False
    assert waiter._asyncio_future_blocking is False
    assert waiter.get_loop() is asyncio.get_running_loop()
    assert not waiter.done()
    with pytest.raises(RuntimeError):
        waiter.result()
    operation.close()  # type: ignore[attr-defined]
    assert chan.stats().waiting_gets == 0


@everywhere
async def test_its_callbacks_are_called_once_each_in_their_contexts() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation, waiter = waiting(chan)
    called: list[tuple[str, Any, str]] = []
    where = contextvars.ContextVar("where", default="outside")

    def callback(name: str) -> Any:
        return lambda future: called.append((name, future, where.get()))

    inside = contextvars.copy_context()
    inside.run(where.set, "inside")
    removed = callback("removed")
    waiter.add_done_callback(callback("first"), context=inside)
    waiter.add_done_callback(removed)
    waiter.add_done_callback(callback("second"))
    waiter.add_done_callback(callback("third"), context=None)
    assert waiter.remove_done_callback(removed) == 1
    await chan.put(1)
    await settle()
    assert called == [("first", waiter, "inside"), ("second", waiter, "outside"), ("third", waiter, "outside")]
    assert waiter.done() and waiter.result() is None
    waiter.add_done_callback(callback("late"), context=inside)
    assert len(called) == 3
    await settle()
    assert called[3:] == [("late", waiter, "inside")]
    with pytest.raises(StopIteration) as returned:
        operation.__await__().send(None)  # type: ignore[attr-defined]
    assert returned.value.value == 1


@everywhere
async def test_its_methods_refuse_other_arguments() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation, waiter = waiting(chan)
    for arguments, keywords in [((print, print), {}), ((), {"context": None}), ((print,), {"loop": None})]:
        with pytest.raises(TypeError):
            waiter.add_done_callback(*arguments, **keywords)
    with pytest.raises(TypeError):
        waiter._asyncio_future_blocking = "yes"
    with pytest.raises(AttributeError):
        waiter.other = 1
    with pytest.raises(AttributeError):
        waiter.other
    operation.close()  # type: ignore[attr-defined]


@everywhere
async def test_one_that_somebody_has_is_not_used_for_another_operation() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    kept: list[Any] = []
    weak: list[weakref.ref[Any]] = []

    async def get(keep: Any) -> int:
        operation, waiter = waiting(chan)
        keep(waiter)
        done = asyncio.Event()
        waiter.add_done_callback(lambda _: done.set())
        del waiter
        await done.wait()
        with pytest.raises(StopIteration) as returned:
            operation.__await__().send(None)  # type: ignore[attr-defined]
        value: int = returned.value.value
        return value

    for number in range(8):
        getting = asyncio.create_task(get(kept.append))
        await settle()
        await chan.put(number)
        assert await getting == number
    assert len({id(waiter) for waiter in kept}) == 8
    assert all(waiter.done() for waiter in kept)
    for number in range(8):
        getting = asyncio.create_task(get(lambda waiter: weak.append(weakref.ref(waiter))))
        await settle()
        await chan.put(number)
        assert await getting == number
    gc.collect()
    assert [reference() for reference in weak] == [None] * 8


@everywhere
async def test_tasks_that_are_written_in_python() -> None:
    kind: Any = asyncio.tasks._PyTask  # type: ignore[attr-defined]
    chan: ms.Chan[int] = ms.rendezvous()
    loop = asyncio.get_running_loop()

    async def total() -> int:
        return sum([number async for number in chan])

    getting = kind(total(), loop=loop)
    for number in range(100):
        await chan.put(number)
    chan.close()
    assert await getting == 4950

    other: ms.Chan[int] = ms.rendezvous()
    cancelled = kind(other.get(), loop=loop)
    await settle()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert other.stats().waiting_gets == 0
