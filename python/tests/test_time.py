"""Channels of times: when they come, that they keep their rhythm, and that they stop."""

from __future__ import annotations

import asyncio
import functools
import gc
import math
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from clock import ClockLoop
from stream_support import run, settle

import millstream as ms


def with_clock(test: Callable[[ClockLoop], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Runs a test on a loop whose time passes without waiting."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ClockLoop)
        await test(loop)

    @functools.wraps(test)
    def run_with_clock() -> None:
        run(main(), ClockLoop)

    del run_with_clock.__wrapped__  # type: ignore[attr-defined]
    return run_with_clock


def timers(loop: Any) -> int:
    """How many timers of the loop have not been cancelled."""
    return sum(not handle.cancelled() for handle in loop._scheduled)


@with_clock
async def test_after_gives_one_time_and_closes(loop: ClockLoop) -> None:
    rx = ms.after(2.5)
    assert await rx.get() == pytest.approx(2.5)
    with pytest.raises(ms.Closed):
        await rx.get()
    assert loop.time() == pytest.approx(2.5)


@with_clock
async def test_the_delay_counts_from_the_call(loop: ClockLoop) -> None:
    rx = ms.after(2)
    loop.is_busy_for(5)
    await rx.get()
    assert loop.time() == 5
    await ms.after(-1).get()
    await ms.after(0).get()
    assert loop.time() == 5


@with_clock
async def test_timeout_only_closes(loop: ClockLoop) -> None:
    ch: ms.Chan[int] = ms.rendezvous()
    limit = ms.timeout(3)
    chosen = await ms.select(ch, limit)
    assert (chosen.index, chosen.closed) == (1, True)
    assert loop.time() == pytest.approx(3)
    assert [value async for value in ms.timeout(1)] == []


@with_clock
async def test_what_nobody_waits_for_is_stopped(loop: ClockLoop) -> None:
    for make in (lambda: ms.after(60), lambda: ms.timeout(60), lambda: ms.tick(60), lambda: ms.tick(60, late="skip")):
        assert timers(loop) == 0
        rx = make()
        assert timers(loop) == 1
        rx.close()
        await settle()
        assert timers(loop) == 0
        rx = make()
        other = rx.clone()
        del rx
        await settle()
        assert timers(loop) == 1
        del other
        await settle()
        assert timers(loop) == 0
    assert loop.time() == 0


@with_clock
async def test_a_stopped_timer_refers_to_nothing(loop: ClockLoop) -> None:
    rx = ms.tick(1)
    await rx.get()
    ref = weakref.ref(rx)
    del rx
    await settle()
    gc.collect()
    assert ref() is None


@with_clock
async def test_infinite_delays_never_end(loop: ClockLoop) -> None:
    kept = [ms.after(math.inf), ms.timeout(math.inf), ms.tick(1, start_at=math.inf), ms.tick(math.inf)]
    await asyncio.sleep(1e6)
    assert [rx.is_empty() and not rx.is_closed() for rx in kept] == [True] * 4


@with_clock
async def test_ticks_do_not_drift(loop: ClockLoop) -> None:
    rx = ms.tick(0.1)
    got = []
    async for tick in rx:
        # Each turn takes longer than nothing, which is not added to the rhythm.
        loop.is_busy_for(0.03)
        got.append(tick)
        if len(got) == 20:
            break
    assert [tick.number for tick in got] == list(range(20))
    assert [tick.due for tick in got] == [pytest.approx(0.1 * (n + 1)) for n in range(20)]
    assert loop.time() == pytest.approx(2.03)


@with_clock
async def test_ticks_that_nobody_took_coalesce(loop: ClockLoop) -> None:
    rx = ms.tick(1)
    await asyncio.sleep(5.5)
    assert len(rx) == 1
    number, due = await rx.get()
    assert (number, due) == (4, pytest.approx(5))
    assert (await rx.get()).number == 5
    assert loop.time() == pytest.approx(6)


@with_clock
async def test_a_loop_that_was_busy_makes_up_for_nothing(loop: ClockLoop) -> None:
    rx = ms.tick(1)
    assert (await rx.get()).number == 0
    loop.is_busy_for(10.5)
    assert (await rx.get()).number == 10
    assert (await rx.get()) == (11, pytest.approx(12))


@with_clock
async def test_late_ticks_can_be_skipped(loop: ClockLoop) -> None:
    rx = ms.tick(1, late="skip")
    await asyncio.sleep(3.5)
    assert rx.is_empty()
    assert (await rx.get()).number == 3
    assert loop.time() == pytest.approx(4)


@with_clock
async def test_the_start_can_be_told(loop: ClockLoop) -> None:
    assert await ms.tick(1, start_at=0.25).get() == (0, 0.25)
    assert loop.time() == pytest.approx(0.25)
    rx = ms.tick(1, start_at=-10)
    assert await rx.get() == (10, 0)
    assert await rx.get() == (11, 1)


def test_bad_arguments_are_refused() -> None:
    async def main() -> None:
        for period in (0, -1, math.nan):
            with pytest.raises(ValueError):
                ms.tick(period)
        for delay in (math.nan, -math.inf):
            for start in (ms.after, ms.timeout, lambda delay: ms.tick(1, start_at=delay)):
                with pytest.raises(ValueError):
                    start(delay)
        with pytest.raises(ValueError):
            ms.tick(1, late="never")  # type: ignore[arg-type]

    run(main())
    for start in (ms.after, ms.timeout, ms.tick):
        with pytest.raises(RuntimeError, match="no running event loop"):
            start(1)
