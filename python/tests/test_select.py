"""The first of several: exactly one arm happens."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from core_support import gets_wait, in_thread
from stream_support import ClockLoop, cancelled, everywhere, run, settle, with_clock

import millstream as ms


@everywhere
async def test_what_won() -> None:
    a: ms.Chan[int] = ms.bounded(1, name="a")
    b: ms.Chan[int] = ms.bounded(1)
    a.put_nowait(1)
    won = await ms.select(b, a)
    assert (won.index, won.chan, won.closed, won.value) == (1, a, False, 1)
    chan, value = await ms.select((b, 2))
    assert (chan, value) == (b, None)
    assert b.drain() == [2]
    assert repr(won) == '<Selected arm 1 of <Chan "a", 0 of 1 values>: 1>'


@everywhere
async def test_waiting_for_any() -> None:
    a: ms.Chan[int] = ms.rendezvous()
    b: ms.Chan[int] = ms.rendezvous()
    c: ms.Chan[int] = ms.rendezvous()
    selecting = asyncio.ensure_future(ms.select(a, b, (c, 7)))
    await settle()
    assert [chan.stats().waiting_gets for chan in (a, b)] == [1, 1]
    assert c.stats().waiting_puts == 1
    b.put_nowait(5)
    won = await selecting
    assert (won.index, won.value) == (1, 5)
    # The others are withdrawn: nobody waits at them any more.
    for chan in a, b, c:
        assert (chan.stats().waiting_puts, chan.stats().waiting_gets) == (0, 0)
    selecting = asyncio.ensure_future(ms.select(a, b, (c, 7)))
    await settle()
    assert c.get_nowait() == 7
    assert (await selecting).index == 2


@everywhere
async def test_two_selects_meet() -> None:
    a: ms.Chan[int] = ms.rendezvous()
    b: ms.Chan[int] = ms.rendezvous()
    one = asyncio.ensure_future(ms.select((a, 1), b))
    await settle()
    two = await ms.select(a, (b, 2))
    won = await one
    assert {(won.index, two.index), (won.value, two.value)} in (
        {(0, 0), (None, 1)},
        {(1, 1), (2, None)},
    )


@everywhere
async def test_handles_are_arms() -> None:
    sender, receiver = ms.pair(1)
    assert (await ms.select((sender, 1))).chan is sender
    assert (await ms.select(receiver)).chan is receiver
    with pytest.raises(TypeError, match="Sender"):
        ms.select(sender)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Receiver"):
        ms.select((receiver, 1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="arm"):
        ms.select(1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="for ever"):
        ms.select()


@everywhere
async def test_a_default_never_waits() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    won = await ms.select(chan, default=None)
    assert (won.index, won.chan, won.closed, won.value, bool(won)) == (-1, None, False, None, False)
    assert (await ms.select(chan, (chan, 1), default="d")).value == "d"
    assert (await ms.select(default=3)).value == 3
    full: ms.Chan[int] = ms.bounded(1)
    full.put_nowait(1)
    won = await ms.select(full, default=3)
    assert won and won.value == 1


@with_clock
async def test_a_timeout_is_on_the_loops_clock() -> None:
    loop = asyncio.get_running_loop()
    chan: ms.Chan[int] = ms.rendezvous()
    won = await ms.select(chan, timeout=3600)
    assert (won.index, won.chan, won.value, loop.time()) == (-1, None, None, 3600)
    await ms.select(timeout=400)
    assert loop.time() == 4000
    assert chan.stats().waiting_gets == 0
    chan.close()
    assert (await ms.select(chan, timeout=0)).closed
    for never in 0, -1:
        assert (await ms.select(ms.rendezvous(), timeout=never)).index == -1
    assert loop.time() == 4000


def test_no_timer_is_left_over() -> None:
    async def main() -> None:
        chan: ms.Chan[int] = ms.rendezvous()
        for end in "value", "cancel":
            selecting = asyncio.ensure_future(ms.select(chan, timeout=3600))
            await settle()
            if end == "value":
                chan.put_nowait(1)
                await selecting
            else:
                selecting.cancel()
                await asyncio.wait([selecting])
        assert not [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


@everywhere
async def test_a_value_beats_a_timeout_that_comes_with_it() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    for _ in range(20):
        selecting = asyncio.ensure_future(ms.select(chan, timeout=0.001))
        await settle()
        # The time is up before the loop looks again, and there is a value as well.
        time.sleep(0.002)
        try:
            chan.put_nowait(1)
        except ms.Full:
            assert (await selecting).index == -1
        else:
            assert (await selecting).value == 1


@everywhere
async def test_a_closed_channel_is_ready() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    error = ValueError("why")
    selecting = asyncio.ensure_future(ms.select(chan))
    putting = asyncio.ensure_future(ms.select((chan, 1), biased=True))
    assert (await selecting).value == 1
    await putting
    selecting = asyncio.ensure_future(ms.select(chan))
    await settle()
    chan.close(error)
    for won in await selecting, await ms.select(chan):
        assert (won.index, won.chan, won.closed) == (0, chan, True)
        with pytest.raises(ValueError, match="why"):
            won.value
    won = await ms.select((chan, 7))
    assert won.closed
    with pytest.raises(ms.Closed) as closed:
        tuple(won)
    assert (closed.value.value, closed.value.__cause__) == (7, error)


@everywhere
async def test_biased_takes_the_first_and_others_any() -> None:
    chans: list[ms.Chan[int]] = [ms.unbounded() for _ in range(3)]
    for chan in chans:
        for n in range(300):
            chan.put_nowait(n)
    assert {(await ms.select(*chans, biased=True)).index for _ in range(50)} == {0}
    counts = Counter([(await ms.select(*chans)).index for _ in range(200)])
    # Each has a third of the chances: that one is not taken in 200 has a probability of less than 1e-34.
    assert set(counts) == {0, 1, 2}


@everywhere
async def test_the_same_channel_in_two_arms() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    # An operation does not meet itself.
    assert (await ms.select(chan, (chan, 1), default="nobody")).value == "nobody"
    selecting = asyncio.ensure_future(ms.select(chan, (chan, 1)))
    await settle()
    chan.put_nowait(2)
    assert (await selecting).value == 2
    assert chan.stats().waiting_puts == 0


@everywhere
async def test_cancelling_withdraws_every_arm() -> None:
    a: ms.Chan[int] = ms.rendezvous()
    b: ms.Chan[int] = ms.rendezvous()
    await cancelled(ms.select(a, (b, 1), timeout=100))
    with pytest.raises(ms.Empty):
        b.get_nowait()
    with pytest.raises(ms.Full):
        a.put_nowait(1)


def test_from_a_thread() -> None:
    a: ms.Chan[int] = ms.rendezvous()
    b: ms.Chan[int] = ms.rendezvous()
    selecting = in_thread(lambda: ms.select_blocking(a, b))
    gets_wait(b)
    b.put_nowait(1)
    won = selecting.result(20)
    assert (won.index, won.value) == (1, 1)
    assert a.stats().waiting_gets == 0
    won = ms.select_blocking(a, timeout=0.01)
    assert (won.index, won.chan, won.value) == (-1, None, None)
    assert ms.select_blocking(a, default=5).value == 5
    assert ms.select_blocking(timeout=0).index == -1


def test_a_timeout_needs_a_loop_to_be_started() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation = ms.select(chan, timeout=1)
    with pytest.raises(RuntimeError, match="event loop"):
        operation.start()
    done: list[Any] = []

    async def main() -> None:
        assert operation.start(done.append) is False
        await settle()
        await asyncio.sleep(2)
        assert done == [operation]
        assert operation.result().index == -1

    run(main(), ClockLoop)
