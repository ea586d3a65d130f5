"""One channel's values to several channels."""

from __future__ import annotations

import asyncio
import gc

import pytest
from aiochan_support import ac, run, tasks, turns, until


def test_every_tap_gets_every_value() -> None:
    async def main() -> None:
        dup = ac.from_range(5).dup()
        taps = [dup.tap(ac.Chan(5)) for _ in range(3)]
        assert [await tap.collect() for tap in taps] == [[0, 1, 2, 3, 4]] * 3

    run(main())


def test_taps_go_in_step() -> None:
    async def main() -> None:
        source = ac.Chan()
        dup = source.dup()
        assert dup.inp is source
        fast, slow = dup.tap(), dup.tap()
        source.add(1, 2)
        assert await fast.get() == 1
        await turns()
        assert fast.get_nowait() is None
        assert await slow.get() == 1
        assert await fast.get() == 2

    run(main())


def test_a_tap_may_stay_open_at_the_end() -> None:
    async def main() -> None:
        dup = ac.from_range(2).dup()
        closing, staying = dup.tap(ac.Chan(2)), dup.tap(ac.Chan(2), close=False)
        assert await closing.collect() == [0, 1]
        assert await staying.collect(2) == [0, 1]
        await turns()
        assert not staying.closed

    run(main())


def test_untapping_a_channel_that_blocks_lets_the_others_go_on() -> None:
    async def main() -> None:
        source = ac.Chan()
        dup = source.dup()
        blocked, other = dup.tap(), dup.tap(ac.Chan(10))
        source.add(1, 2, 3)
        await turns()
        assert dup.untap(blocked) is blocked
        assert await asyncio.wait_for(other.collect(3), 1) == [1, 2, 3]
        assert blocked.get_nowait() is None

    run(main())


def test_a_tap_that_is_closed_or_given_up_lets_the_others_go_on() -> None:
    async def main() -> None:
        source = ac.Chan()
        dup = source.dup()
        closed, other = dup.tap(), dup.tap(ac.Chan(10))
        dup.tap()
        gc.collect()
        source.add(1, 2, 3)
        await turns()
        closed.close()
        assert await asyncio.wait_for(other.collect(3), 1) == [1, 2, 3]
        assert await closed.collect() == [1]

    run(main())


def test_values_without_taps_are_dropped() -> None:
    async def main() -> None:
        source = ac.Chan()
        dup = source.dup()
        for value in range(3):
            assert await source.put(value) is True
        tap = dup.tap()
        source.add(3)
        assert await tap.get() == 3
        assert dup.untap_all() is dup
        assert await source.put(4) is True

    run(main())


def test_closing_a_duplicator_closes_the_taps_and_leaves_the_rest() -> None:
    async def main() -> None:
        source = ac.Chan(10).add(*range(5))
        dup = source.dup()
        closing, staying = dup.tap(), dup.tap(close=False)
        assert await closing.get() == 0
        assert await staying.get() == 0
        await turns()
        assert dup.close() is dup
        assert closing.closed
        assert not staying.closed
        await until(lambda: tasks() == 0)
        assert await source.close().collect() == [2, 3, 4]

    run(main())


def test_the_error_of_the_source_reaches_the_taps() -> None:
    async def main() -> None:
        dup = ac.from_iter([1, 0]).map(lambda v: 1 // v).dup()
        taps = [dup.tap(ac.Chan(3)), dup.tap(ac.Chan(3), close=False)]
        for tap in taps:
            assert await tap.get() == 1
            with pytest.raises(ZeroDivisionError):
                await asyncio.wait_for(tap.get(), 1)

    run(main())


def test_abandoned_hubs_leave_nothing() -> None:
    async def main() -> None:
        for _ in range(50):
            ac.Chan().dup()
            ac.from_range().dup().tap()
            ac.Chan().pub()
            ac.from_range().pub(lambda v: v % 2).sub(0)
            ac.from_range().distribute(ac.Chan(), ac.Chan())
        gc.collect()
        await turns()
        await until(lambda: tasks() == 0)

    run(main())


def test_topics_go_to_their_subscribers() -> None:
    async def main() -> None:
        source = ac.Chan()
        pub = source.pub(lambda v: v % 3)
        ones, more_ones, twos = pub.sub(1, ac.Chan(10)), pub.sub(1, ac.Chan(10)), pub.sub(2, buffer=10)
        for value in range(9):
            await source.put(value)
        source.close()
        assert await asyncio.wait_for(ones.collect(), 1) == [1, 4, 7]
        assert await asyncio.wait_for(more_ones.collect(), 1) == [1, 4, 7]
        assert await asyncio.wait_for(twos.collect(), 1) == [2, 5, 8]
        await until(lambda: tasks() == 0)

    run(main())


def test_the_end_of_the_input_ends_an_iteration_over_a_subscription() -> None:
    async def main() -> None:
        source = ac.Chan()
        pub = source.pub(lambda v: "topic")
        got: list[int] = []

        async def consume() -> None:
            async for value in pub.sub("topic"):
                got.append(value)

        consumer = asyncio.ensure_future(consume())
        await turns(2)
        for value in range(3):
            await source.put(value)
        source.close()
        await asyncio.wait_for(consumer, 1)
        assert got == [0, 1, 2]

    run(main())


def test_a_subscription_may_stay_open() -> None:
    async def main() -> None:
        source = ac.Chan()
        sub = source.pub(lambda v: 1).sub(1, close=False)
        source.add(5)
        assert await sub.get() == 5
        source.close()
        await turns()
        assert not sub.closed

    run(main())


def test_the_topic_is_by_default_the_first_item() -> None:
    async def main() -> None:
        source = ac.Chan()
        for pub in (source.pub(), ac.Pub(source, topic_fn=None)):
            sub = pub.sub("a")
            source.add(("a", 1))
            assert await asyncio.wait_for(sub.get(), 1) == ("a", 1)
            pub.close()
            await turns()

    run(main())


def test_unsubscribing_all_delivers_what_was_accepted() -> None:
    async def main() -> None:
        source = ac.Chan()
        pub = source.pub(lambda v: "topic", 10)
        sub = pub.sub("topic")
        for value in range(4):
            await source.put(value)
        await turns()
        assert pub.unsub_all("topic") is pub
        assert await asyncio.wait_for(sub.collect(4), 1) == [0, 1, 2, 3]
        assert not sub.closed
        await source.put(4)
        await turns()
        pub.sub("topic", sub)
        await source.put(5)
        assert await asyncio.wait_for(sub.get(), 1) == 5

    run(main())


def test_unsubscribing_what_is_not_there_changes_nothing() -> None:
    async def main() -> None:
        source = ac.Chan()
        pub = source.pub(lambda v: v)
        sub = pub.sub(1)
        assert pub.unsub_all("unknown") is pub
        pub.unsub("unknown", sub)
        pub.unsub(1, sub)
        pub.sub(1, sub)
        assert pub.unsub_all() is pub
        pub.sub(2, sub)
        assert pub.unsub_all(None) is pub
        assert await source.put(1) is True
        assert await source.put(2) is True
        await turns()
        assert sub.get_nowait() is None

    run(main())


def test_a_topic_that_loses_its_subscriber_holds_nobody_up() -> None:
    async def main() -> None:
        source = ac.Chan()
        pub = source.pub(lambda v: v % 2)
        slow, fast = pub.sub(0), pub.sub(1)
        source.add(0, 2, 4, 1)
        await turns()
        pub.unsub(0, slow)
        assert await asyncio.wait_for(fast.get(), 1) == 1

    run(main())


def test_closing_a_publisher_closes_the_subscriptions() -> None:
    async def main() -> None:
        source = ac.Chan(10)
        pub = source.pub(lambda v: 1)
        closing, staying = pub.sub(1), pub.sub(1, close=False)
        assert pub.close() is pub
        assert await asyncio.wait_for(closing.collect(), 1) == []
        assert not staying.closed
        await until(lambda: tasks() == 0)
        source.add(1)
        await turns()
        assert source.get_nowait() == 1

    run(main())


def test_the_error_of_the_topic_function_reaches_the_subscribers() -> None:
    async def main() -> None:
        source = ac.Chan()
        pub = source.pub(lambda v: 1 // v)
        sub = pub.sub(1, ac.Chan(3))
        source.add(1, 0)
        assert await sub.get() == 1
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(sub.get(), 1)

    run(main())


def test_distribution_gives_each_value_to_one() -> None:
    async def main() -> None:
        outs = [ac.Chan() for _ in range(3)]
        source = ac.from_range(30)
        assert source.distribute(*outs) is source
        parts = await asyncio.gather(*(out.collect() for out in outs))
        assert sorted(sum(parts, [])) == list(range(30))

    run(main())


@pytest.mark.parametrize("round_", range(30))
def test_distribution_goes_round_an_out_that_is_closed(round_: int) -> None:
    async def main() -> None:
        outs = [ac.Chan() for _ in range(3)]
        outs[round_ % 3].close()
        ac.from_range(20).distribute(*outs)
        parts = await asyncio.gather(*(out.collect() for out in outs))
        assert sorted(sum(parts, [])) == list(range(20))
        assert parts[round_ % 3] == []

    run(main())


def test_a_value_that_nobody_can_be_given_goes_back() -> None:
    async def main() -> None:
        source = ac.Chan(10).add(1, 2, 3)
        outs = [ac.Chan(), ac.Chan()]
        source.distribute(*outs)
        assert await outs[0].get() == 1
        await turns()
        for out in outs:
            out.close()
        await until(lambda: tasks() == 0)
        # The value that waited for either stays in one of them or is back: it is somewhere, once.
        left = [await out.collect() for out in outs]
        assert sorted([*sum(left, []), *await source.close().collect()]) == [2, 3]

    run(main())


def test_distribution_may_leave_the_outs_open() -> None:
    async def main() -> None:
        outs = [ac.Chan(10), ac.Chan(10)]
        ac.from_range(4).distribute(*outs, close=False)
        await until(lambda: tasks() == 0)
        assert not any(out.closed for out in outs)
        assert sorted(sum([await out.close().collect() for out in outs], [])) == [0, 1, 2, 3]

    run(main())


def test_merging() -> None:
    async def main() -> None:
        first, second = ac.Chan().add(*range(10)).close(), ac.from_range(10, 20)
        assert sorted(await ac.merge(first, second, first).collect()) == list(range(20))
        assert await asyncio.wait_for(ac.merge().collect(), 1) == []
        failing = ac.merge(ac.Chan(), ac.from_iter([0]).map(lambda v: 1 // v))
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(failing.collect(), 1)

    run(main())


def test_zipping_pads_what_is_shorter() -> None:
    async def main() -> None:
        out = ac.zip_chans(ac.from_range(3), ac.from_iter("a"))
        assert await out.collect() == [[0, "a"], [1, None], [2, None]]
        with pytest.raises(AssertionError):
            ac.zip_chans()
        with pytest.raises(AssertionError):
            ac.combine_latest()

    run(main())


def test_the_latest_of_each() -> None:
    async def main() -> None:
        first, second = ac.Chan(), ac.Chan()
        out = ac.combine_latest(first, second, out=ac.Chan(3))
        for chan, value, expected in ((first, 1, [1, None]), (second, 2, [1, 2]), (first, 3, [3, 2])):
            await chan.put(value)
            assert await out.get() == expected
        first.close()
        await second.put(4)
        assert await out.get() == [3, 4]
        second.close()
        assert await asyncio.wait_for(out.collect(), 1) == []

    run(main())


def test_the_outs_of_combinations_may_stay_open() -> None:
    async def main() -> None:
        for combine in (ac.zip_chans, ac.combine_latest, ac.merge):
            out = combine(ac.from_range(1), out=ac.Chan(5), close=False)
            await out.get()
            await turns()
            assert not out.closed

    run(main())


def test_a_list_that_nobody_accepts_goes_back_in_parts() -> None:
    async def main() -> None:
        first, second = ac.Chan(3).add(1, 2), ac.Chan(3).add("a")
        out = ac.zip_chans(first, second)
        assert await out.get() == [1, "a"]
        await turns()
        out.close()
        await until(lambda: tasks() == 0)
        assert first.get_nowait() == 2

    run(main())
