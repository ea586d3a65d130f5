"""Channels that time closes or fills."""

from __future__ import annotations

import asyncio
import itertools

import pytest
import stream_support
from aiochan_support import ac, run, tasks, turns, until


def test_a_timeout_closes_after_its_time() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        chan = ac.timeout(0.02)
        assert not chan.closed
        assert await chan.get() is None
        assert loop.time() - began >= 0.019
        assert await ac.timeout(0.001).get() is None

    run(main())


def test_a_timeout_goes_by_the_time_of_its_loop_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever the clock on the wall says meanwhile: a second passes between any two looks at it.
    monkeypatch.setattr("time.monotonic", itertools.count().__next__)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await ac.timeout(0.5).get() is None
        assert loop.time() - began == 0.5

    stream_support.run(main(), stream_support.ClockLoop)


def test_a_timeout_in_a_select() -> None:
    async def main() -> None:
        chan, limit = ac.Chan(), ac.timeout(0.01)
        assert await ac.select(chan, limit) == (None, limit)

    run(main())


def test_ticks_are_counted_and_do_not_drift() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        ticks = await ac.tick_tock(0.01).collect(5)
        assert [number for number, _ in ticks] == [1, 2, 3, 4, 5]
        for number, time in ticks:
            assert began + 0.01 * number <= time + 0.001
        assert loop.time() - began < 1

    run(main())


def test_the_first_tick_comes_when_it_was_told() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time() + 0.03
        number, time = await ac.tick_tock(10, start_at=start).get()
        assert number == 1
        assert abs(time - start) < 1

    run(main())


def test_ticks_that_nobody_took_coalesce() -> None:
    async def main() -> None:
        chan = ac.tick_tock(0.0005)
        await asyncio.sleep(0.05)
        number, _ = await chan.get()
        assert number > 2
        assert chan.stats().state == "FLUENT"

    run(main())


def test_ticking_ends_when_the_channel_is_closed_or_given_up() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        chan = ac.tick_tock(0.001)
        await chan.get()
        chan.close()
        ac.tick_tock(0.001)
        scheduled = loop._scheduled  # type: ignore[attr-defined]
        for _ in range(200):
            await asyncio.sleep(0.001)
            if not any("tick" in repr(handle) for handle in scheduled):
                break
        else:
            raise AssertionError("somebody still ticks")
        await until(lambda: tasks() == 0)

    run(main())


def test_time_may_be_asked_for_before_there_is_a_loop() -> None:
    limit, ticks = ac.timeout(0.001), ac.tick_tock(0.001)

    async def main() -> None:
        assert await limit.get() is None
        assert (await ticks.get())[0] >= 1
        await turns()

    run(main())
