"""An event loop that is closed under those who wait: what was on its way to them goes to others."""

from __future__ import annotations

import asyncio
import gc
import importlib
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from core_support import LIMIT, in_thread
from stream_support import settle

import millstream as ms

Loop = asyncio.AbstractEventLoop


def _kinds() -> list[Callable[[], Loop]]:
    kinds = [asyncio.new_event_loop]
    try:
        kinds.append(importlib.import_module("uvloop").new_event_loop)
    except ImportError:
        pass
    return kinds


every_loop = pytest.mark.parametrize("new_loop", _kinds())

# A task that waits in a loop which was closed is destroyed while it waits, and asyncio says so.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", "asyncio")


def abandon(new_loop: Callable[[], Loop], *waits: Callable[[], Any]) -> tuple[Loop, list[Any]]:
    """A loop in which these wait, and that runs no more."""
    loop = new_loop()

    async def main(wait: Callable[[], Any]) -> Any:
        return await wait()

    tasks = [loop.create_task(main(wait)) for wait in waits]
    loop.run_until_complete(settle())
    return loop, tasks


@every_loop
def test_a_value_that_comes_after_the_loop(new_loop: Callable[[], Loop]) -> None:
    for wait in "get", "select", "get_many":
        chan: ms.Chan[int] = ms.rendezvous()
        waits = {"get": chan.get, "select": lambda: ms.select(chan), "get_many": lambda: chan.get_many(2)}
        loop, tasks = abandon(new_loop, waits[wait], waits[wait])
        there = in_thread(chan.get_blocking)
        loop.close()
        # Those in the loop come first, and cannot be told: the value goes past them.
        chan.put_blocking(1, timeout=LIMIT)
        assert there.result(LIMIT) == 1
        assert not any(task.done() for task in tasks)
        assert chan.stats().waiting_gets == 0


@every_loop
def test_a_value_that_was_on_its_way(new_loop: Callable[[], Loop]) -> None:
    for count in 1, 3, 50:
        chan: ms.Chan[int] = ms.rendezvous()
        loop, tasks = abandon(new_loop, *[chan.get] * count)
        puts = [chan.put(n) for n in range(count)]
        # All are accepted, and the loop is asked to resume its tasks. But it never runs again.
        assert all(put.start() for put in puts)
        loop.close()
        assert chan.drain() == list(range(count))
        assert not any(task.done() for task in tasks)


@every_loop
def test_a_put_whose_loop_is_closed_is_still_good(new_loop: Callable[[], Loop]) -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    loop, tasks = abandon(new_loop, lambda: chan.put(1))
    loop.close()
    # Its value was offered before: it is got, only nobody can be told.
    assert chan.get_nowait() == 1
    assert not tasks[0].done()
    with pytest.raises(ms.Empty):
        chan.get_nowait()


@every_loop
def test_closing_the_channel_of_a_closed_loop(new_loop: Callable[[], Loop]) -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    loop, _tasks = abandon(new_loop, chan.get, chan.join, chan.closed, lambda: ms.select(chan, timeout=1000))
    loop.close()
    chan.close()
    assert chan.is_drained()


@every_loop
def test_another_loop_takes_over(new_loop: Callable[[], Loop]) -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    for n in range(20):
        first, _tasks = abandon(new_loop, chan.get)
        second = new_loop()

        async def main() -> int:
            getting = asyncio.ensure_future(chan.get())
            await settle()
            first.close()
            chan.put_nowait(n)
            return await asyncio.wait_for(getting, LIMIT)

        assert second.run_until_complete(main()) == n
        second.close()


@every_loop
def test_nothing_of_a_closed_loop_is_left(new_loop: Callable[[], Loop]) -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    loop, tasks = abandon(new_loop, chan.get, lambda: ms.select(chan, timeout=1000), lambda: ms.select(timeout=1000))
    loop.close()
    gone = [weakref.ref(loop), *map(weakref.ref, tasks)]
    del loop, tasks, chan
    # What ran in this thread last is remembered until the next does.
    abandon(new_loop)[0].close()
    gc.collect()
    assert [ref() for ref in gone] == [None] * 4


class ClosedInBetween(asyncio.SelectorEventLoop):
    """A loop that its own thread closes while another is inside `call_soon_threadsafe`, which then keeps the call."""

    is_armed = False

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        if not self.is_armed:
            return super().call_soon_threadsafe(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        self.close()
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle


def test_a_loop_that_is_closed_while_another_thread_wakes_it() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    loop = ClosedInBetween()

    async def main() -> None:
        await chan.get()

    task = loop.create_task(main())
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.run_until_complete(settle())
    loop.is_armed = True
    second = chan.get()
    assert second.start() is False
    in_thread(lambda: chan.put_blocking(1, LIMIT)).result(LIMIT)
    assert second.done() and second.result() == 1
