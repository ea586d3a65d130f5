"""Hubs: who gets what, what happens to those who are slow or go, and that nothing is lost or left."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from stream_support import Source, agen, alone, everywhere, run, settle

import millstream as ms


async def collect(rx: ms.Receiver[Any]) -> list[Any]:
    return [value async for value in rx]


def filled(*values: Any, closed: bool = False) -> ms.Chan[Any]:
    ch: ms.Chan[Any] = ms.bounded(len(values) or 1)
    for value in values:
        ch.put_nowait(value)
    if closed:
        ch.close()
    return ch


# -- Tee


@everywhere
async def test_every_tap_gets_every_value() -> None:
    for source in (range(50), agen(range(50)), filled(*range(50), closed=True)):
        tee = ms.Tee(source)
        taps = [tee.tap(), tee.tap(3), tee.tap(ms.Bound.wait(100)), tee.tap(ms.Bound.drop_oldest(50))]
        assert await asyncio.gather(*map(collect, taps)) == [list(range(50))] * 4
        await alone()


@everywhere
async def test_nothing_is_taken_before_the_first_tap_and_while_there_is_none() -> None:
    ch = filled(0, 1, 2, 3, 4, 5)
    tee = ms.Tee(ch)
    await settle()
    assert ch.peek() == [0, 1, 2, 3, 4, 5]
    tap = tee.tap()
    assert [await tap.get(), await tap.get()] == [0, 1]
    await settle()
    del tap
    await settle()
    assert ch.peek() == [2, 3, 4, 5], "the value that was offered in vain is back"
    tap = tee.tap(1)
    assert await tap.get() == 2
    tee.close()
    assert await collect(tap) == [3, 4], "what it was sent, and what was on its way"
    assert ch.peek() == [5]
    await alone()


@everywhere
async def test_a_value_of_an_iterator_that_no_tap_took_is_kept_for_the_next() -> None:
    tee = ms.Tee(agen(range(5)))
    tap = tee.tap()
    assert await tap.get() == 0
    await settle()
    tap.close()
    await settle()
    assert await collect(tee.tap()) == [1, 2, 3, 4]


@everywhere
async def test_a_slow_tap_presses_back_and_holds_the_others_no_further_than_its_bound() -> None:
    source = Source[int](range(100))
    tee = ms.Tee(source)
    slow, quick = tee.tap(3), tee.tap(100)
    await settle()
    assert slow.peek() == [0, 1, 2, 3], "the last of them waits for room"
    assert source.pulled == 4
    assert quick.drain() == [0, 1, 2, 3]
    assert await slow.get() == 0
    await settle()
    assert source.pulled == 5
    del slow
    assert await collect(quick) == list(range(4, 100))


@everywhere
async def test_bounds_that_drop_hold_nobody_up() -> None:
    tee = ms.Tee(range(10))
    newest, oldest, all_ = tee.tap(ms.Bound.drop_newest(2)), tee.tap(ms.Bound.drop_oldest(2)), tee.tap(100)
    assert await collect(all_) == list(range(10))
    assert await collect(newest) == [0, 1]
    assert await collect(oldest) == [8, 9]


@everywhere
async def test_a_tap_that_comes_later_gets_what_comes_later() -> None:
    ch: ms.Chan[int] = ms.rendezvous()
    tee = ms.Tee(ch)
    first = tee.tap(10)
    await ch.put(1)
    await settle()
    second = tee.tap(10)
    await ch.put(2)
    ch.close()
    assert await collect(first) == [1, 2]
    assert await collect(second) == [2]
    assert await collect(tee.tap()) == [], "after the end a tap is closed from the start"


@everywhere
async def test_a_tap_that_closes_itself_is_not_waited_for() -> None:
    tee = ms.Tee(range(5))
    stuck, other = tee.tap(), tee.tap(1)
    assert await other.get() == 0
    await settle()
    assert stuck.close()
    assert await collect(other) == [1, 2, 3, 4]


@everywhere
async def test_errors_reach_every_tap_after_what_it_was_sent() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise ValueError("source")

    ch = filled(1, 2)
    ch.close(error=ValueError("source"))
    for source in (failing(), ch):
        tee = ms.Tee(source)
        taps = [tee.tap(5), tee.tap(5)]
        for tap in taps:
            assert [await tap.get(), await tap.get()] == [1, 2]
            with pytest.raises(ValueError, match="source"):
                await tap.get()
        with pytest.raises(ValueError, match="source"):
            await tee.tap().get()
        await alone()


@everywhere
async def test_when_the_tee_is_gone_the_taps_go_on_and_with_the_last_the_source_is_let_go_of() -> None:
    sender: ms.Sender[int]
    sender, receiver = ms.pair(0)
    tee = ms.Tee(receiver)
    del receiver
    tap = tee.tap()
    del tee
    await settle()
    put = asyncio.ensure_future(sender.put(1))
    assert await tap.get() == 1
    await put
    del tap
    await sender.closed()
    with pytest.raises(ms.Closed):
        await sender.put(2)
    await alone()


@everywhere
async def test_an_iterator_is_closed_when_nobody_wants_it() -> None:
    gate = asyncio.get_running_loop().create_future()
    source = Source[int]([1, gate])
    tee = ms.Tee(source)
    tap = tee.tap()
    assert await tap.get() == 1
    await settle()
    del tee, tap
    await alone()
    assert source.closed == 1


@everywhere
async def test_a_channel_of_the_authors_own_as_a_tap() -> None:
    mine: ms.Chan[int] = ms.bounded(10)
    shared: ms.Chan[int] = ms.bounded(10)
    async with ms.Tee(range(3)) as tee:
        tee.tap_into(mine)
        tee.tap_into(shared.sender(), close=False)
        assert await collect(mine.receiver()) == [0, 1, 2]
        await alone()
    assert shared.drain() == [0, 1, 2]
    assert not shared.is_closed()


@everywhere
async def test_taps_from_other_threads() -> None:
    ch: ms.Chan[int] = ms.rendezvous()
    tee = ms.Tee(ch)
    here = tee.tap(100)
    there: list[list[int]] = []
    tapped = threading.Event()

    def listen() -> None:
        tap = tee.tap(5)
        tapped.set()
        there.append(list(tap))

    thread = threading.Thread(target=listen)
    thread.start()
    await asyncio.get_running_loop().run_in_executor(None, tapped.wait)
    await settle()
    for n in range(200):
        await ch.put(n)
        here.drain()
    ch.close()
    await asyncio.get_running_loop().run_in_executor(None, thread.join)
    assert there == [list(range(200))]


def test_the_loop_that_is_shut_down_tells_the_taps_and_loses_nothing() -> None:
    ch = filled(0, 1, 2, 3)
    kept: list[ms.Receiver[int]] = []

    async def main() -> None:
        tee = ms.Tee(ch)
        kept.append(tee.tap())
        await settle()

    asyncio.run(main(), debug=True)
    assert kept[0].get_blocking(timeout=5) == 0, "it was given out, and waits"
    with pytest.raises(ms.Error, match="cancelled"):
        kept[0].get_blocking(timeout=5)
    assert ch.peek() == [1, 2, 3]


def test_a_hub_needs_a_loop_only_for_its_first_tap() -> None:
    tee = ms.Tee([1])
    with pytest.raises(RuntimeError, match="no running event loop"):
        tee.tap()
    with pytest.raises(TypeError):
        ms.Tee(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        ms.Bound.wait(-1)
    tee.close()

    async def main() -> None:
        assert await collect(tee.tap()) == []

    run(main())


# -- Topics


@everywhere
async def test_subscribers_get_their_topic() -> None:
    topics = ms.Topics(range(12), lambda n: n % 3)
    zero, one, also_one = topics.subscribe(0), topics.subscribe(1, 2), topics.subscribe(1)
    assert await asyncio.gather(collect(zero), collect(one), collect(also_one)) == [
        [0, 3, 6, 9],
        [1, 4, 7, 10],
        [1, 4, 7, 10],
    ]
    await alone()


@everywhere
async def test_a_slow_topic_loses_nothing() -> None:
    topics = ms.Topics(range(100), lambda n: n % 2)
    even, odd = topics.subscribe(0, 1), topics.subscribe(1, 1)
    got = await asyncio.gather(collect(odd), slowly(even))
    assert got == [list(range(1, 100, 2)), list(range(0, 100, 2))]


async def slowly(rx: ms.Receiver[int]) -> list[int]:
    values = []
    async for value in rx:
        await settle()
        values.append(value)
    return values


@everywhere
async def test_topics_end_with_the_last_subscriber() -> None:
    ch: ms.Chan[int] = ms.unbounded()
    receiver = ch.receiver()
    topics = ms.Topics(receiver, lambda n: n % 2)
    one, other = topics.subscribe(0), topics.subscribe(1)
    before = ch.receiver_count()
    del topics, one
    ch.put_nowait(1)
    assert await other.get() == 1
    del other
    await alone()
    assert ch.receiver_count() == before - 1


@everywhere
async def test_unsubscribing_and_closing() -> None:
    ch: ms.Chan[int] = ms.rendezvous()
    topics = ms.Topics(ch, lambda n: n % 2)
    even, odd = topics.subscribe(0, 5), topics.subscribe(1, 5)
    mine: ms.Chan[int] = ms.bounded(5)
    topics.subscribe_into(1, mine)
    for n in range(4):
        await ch.put(n)
    await settle()
    topics.unsubscribe_all(0)
    topics.unsubscribe_all("unknown")  # type: ignore[arg-type]
    assert await collect(even) == [0, 2]
    await ch.put(4)
    await ch.put(5)
    await settle()
    topics.close()
    assert await collect(odd) == [1, 3, 5]
    assert mine.drain() == [1, 3, 5]
    assert mine.is_closed()
    await alone()


@everywhere
async def test_an_error_of_the_topic_function_reaches_all_and_the_value_is_back() -> None:
    ch = filled(1, 0, 2)
    topics = ms.Topics(ch, lambda n: 10 // n)
    ten, five = topics.subscribe(10, 5), topics.subscribe(5, 5)
    assert await ten.get() == 1
    for rx in (ten, five):
        with pytest.raises(ZeroDivisionError):
            await rx.get()
    assert ch.peek() == [0, 2]
    with pytest.raises(TypeError):
        topics.subscribe([])  # type: ignore[type-var]


# -- distribute


@everywhere
async def test_each_value_goes_to_one_who_is_free() -> None:
    one: ms.Chan[int] = ms.bounded(50)
    two: ms.Chan[int] = ms.bounded(50)
    await ms.distribute(range(60), one, two)
    assert one.is_closed() and two.is_closed()
    values = one.drain() + two.drain()
    assert sorted(values) == list(range(60))


@everywhere
async def test_outputs_that_close_lose_nothing() -> None:
    # Closed from the start, closed on the way: the values are all there.
    ch = filled(*range(20), closed=True)
    gone: ms.Chan[int] = ms.rendezvous()
    gone.close()
    leaving: ms.Chan[int] = ms.rendezvous()
    staying: ms.Chan[int] = ms.rendezvous()
    got: list[int] = []

    async def leave() -> None:
        got.append(await leaving.get())
        leaving.close()

    async def stay() -> None:
        async for value in staying:
            got.append(value)

    async with ms.Scope() as scope:
        scope.spawn(leave())
        scope.spawn(ms.distribute(ch, gone, leaving, staying))
        await settle()
        scope.spawn(stay())
    assert sorted(got) == list(range(20))


@everywhere
async def test_with_all_outputs_gone_the_value_is_back_at_the_head() -> None:
    ch = filled(1, 2, 3)
    out: ms.Chan[int] = ms.rendezvous()
    task = asyncio.ensure_future(ms.distribute(ch, out))
    assert await out.get() == 1
    await settle()
    out.close()
    with pytest.raises(ms.Closed):
        await task
    assert ch.peek() == [2, 3]
    with pytest.raises(ms.Closed) as raised:
        await ms.distribute([7, 8], out)
    assert raised.value.value == 7


@everywhere
async def test_a_distribution_that_is_cancelled_puts_its_value_back() -> None:
    ch = filled(1, 2)
    out: ms.Chan[int] = ms.rendezvous()
    kept: ms.Chan[int] = ms.rendezvous()
    for close, output in ((True, out), (False, kept)):
        task = asyncio.ensure_future(ms.distribute(ch, output, close=close))
        await settle()
        assert ch.peek() == [2]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ch.peek() == [1, 2]
        assert output.is_closed() is close
    with pytest.raises(ms.Error, match="cancelled"):
        await out.get()


@everywhere
async def test_a_distribution_that_is_cancelled_when_its_value_was_taken_keeps_none() -> None:
    ch = filled(1, 2)
    out: ms.Chan[int] = ms.rendezvous()
    task = asyncio.ensure_future(ms.distribute(ch, out))
    await settle()
    assert out.get_nowait() == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ch.peek() == [2]


@everywhere
async def test_an_error_of_the_source_is_raised_here_and_there() -> None:
    out: ms.Chan[int] = ms.bounded(5)
    with pytest.raises(ValueError):
        await ms.distribute(Source([1, ValueError()]), out)
    assert await out.get() == 1
    with pytest.raises(ValueError):
        await out.get()


# -- lanes


@everywhere
async def test_lanes_keep_the_order_of_each_key() -> None:
    words = [f"{letter}{n}" for n in range(30) for letter in "abcde"]
    lanes = ms.lanes(words, 3, key=lambda word: word[0], capacity=2)
    got = await asyncio.gather(*map(collect, lanes))
    assert Counter(word for lane in got for word in lane) == Counter(words)
    for letter in "abcde":
        of_letter = [[word for word in lane if word[0] == letter] for lane in got]
        assert [lane for lane in of_letter if lane] == [[word for word in words if word[0] == letter]]
    await alone()


@everywhere
async def test_the_keys_of_a_lane_that_is_gone_move_on_and_nothing_is_lost() -> None:
    ch = filled(*range(12), closed=True)
    zero, one, two = ms.lanes(ch, 3, capacity=0)
    assert await zero.get() == 0
    assert await one.get() == 1
    one.close()
    got = await asyncio.gather(collect(zero), collect(two))
    assert sorted(got[0] + got[1]) == list(range(2, 12))
    assert got[0] == [3, 6, 9]
    assert [n for n in got[1] if n % 3 == 1] == [4, 7, 10]


@everywhere
async def test_a_value_that_is_taken_from_a_lane_after_its_end_moves_to_no_other() -> None:
    lanes = ms.lanes(filled(0, closed=True), 2, capacity=0)
    await settle()
    lanes[0].close()
    assert lanes[0].get_nowait() == 0
    assert await collect(lanes[1]) == []


@everywhere
async def test_with_all_lanes_gone_the_source_is_let_go_of_with_the_value_at_its_head() -> None:
    ch = filled(*range(5))
    before = ch.receiver_count()
    lanes = ms.lanes(ch, 2, capacity=1)
    await settle()
    assert ch.peek() == [3, 4]
    del lanes
    await alone()
    assert ch.peek() == [2, 3, 4], "what lay in the lanes went with them, what waited for room is back"
    assert ch.receiver_count() == before


@everywhere
async def test_errors_reach_all_lanes() -> None:
    for source, key in ((Source([0, 1, ValueError()]), None), ([0, 1, []], None), ([0, 1, 2], lambda n: 1 // (2 - n))):
        lanes = ms.lanes(source, 2, key=key, capacity=5)
        for lane in lanes:
            with pytest.raises((ValueError, TypeError, ZeroDivisionError)):
                while True:
                    await lane.get()
    with pytest.raises(ValueError):
        ms.lanes([], 0)
    with pytest.raises(ValueError):
        ms.lanes([], 1, capacity=-1)


# -- nothing is left


@everywhere
async def test_a_hundred_abandoned_hubs_leave_nothing() -> None:
    class Value:
        pass

    values = []
    channels = []
    for n in range(100):
        ch: ms.Chan[Value] = ms.bounded(4)
        for _ in range(4):
            value = Value()
            values.append(weakref.ref(value))
            ch.put_nowait(value)
        channels.append(weakref.ref(ch))
        del value
        if n % 3 == 0:
            tee = ms.Tee(ch)
            taps = [tee.tap(), tee.tap(1), tee.tap(ms.Bound.drop_oldest(1))]
            del tee
        elif n % 3 == 1:
            topics = ms.Topics(ch, id)
            taps = [topics.subscribe(id(ch.peek()[0])), topics.subscribe(0)]
            del topics
        else:
            taps = ms.lanes(ch, 2, key=id)
        await settle()
        del taps, ch
    await alone()
    gc.collect()
    assert [ref for ref in values if ref() is not None] == []
    assert [ref for ref in channels if ref() is not None] == []


@everywhere
async def test_an_input_that_is_always_ready_lets_siblings_run() -> None:
    ch: ms.Chan[int] = ms.dropping(1)
    turns = 0

    async def sibling() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.ensure_future(sibling())
    tee = ms.Tee(range(20000))
    tee.tap_into(ch)
    await ch.closed()
    assert turns > 20
    beside.cancel()
