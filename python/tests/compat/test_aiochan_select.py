"""Of several operations exactly one happens, and the others leave no trace."""

from __future__ import annotations

import asyncio

import pytest
from aiochan_support import ac, channel, handled_errors, run, turns


def test_it_gives_the_value_and_the_channel() -> None:
    async def main() -> None:
        chan = ac.Chan().add(42).close()
        assert await ac.select(chan) == (42, chan)
        value, where = await ac.select(chan)
        assert value is None
        assert where is chan

    run(main())


def test_a_put_says_whether_it_was_accepted() -> None:
    async def main() -> None:
        room, closed = ac.Chan(1), ac.Chan(1).close()
        assert await ac.select((room, 1)) == (True, room)
        assert await ac.select((closed, 1)) == (False, closed)
        assert await room.get() == 1

    run(main())


def test_it_is_fair_unless_it_is_told_otherwise() -> None:
    async def main() -> None:
        first, second = ac.from_range(), ac.from_range()
        chosen = [(await ac.select(first, second))[1] for _ in range(400)]
        assert 100 < sum(chan is first for chan in chosen) < 300
        chosen = [(await ac.select(first, second, priority=True))[1] for _ in range(50)]
        assert all(chan is first for chan in chosen)

    run(main())


def test_the_default_is_taken_when_nothing_is_ready() -> None:
    async def main() -> None:
        chan = ac.Chan()
        for default in (False, 0, "later"):
            assert await ac.select(chan, (chan, 1), default=default) == (default, None)
        chan.add(1)
        assert await ac.select(chan, default=2) == (1, chan)

    run(main())


def test_a_callback_gets_the_result_and_the_channel() -> None:
    chan = ac.Chan(1, loop="no_loop")
    told: list[object] = []
    assert ac.select((chan, 1), cb=lambda *result: told.append(result)) is None
    assert ac.select(chan, cb=lambda *result: told.append(result)) is None
    assert ac.select(chan, cb=lambda *result: told.append(result)) is None
    chan.put_nowait(2)
    assert told == [(True, chan), (1, chan), (2, chan)]
    ac.select(chan, default="none", cb=lambda *result: told.append(result))
    assert told[-1] == ("none", None)


def test_a_closed_channel_among_the_puts_disturbs_nobody() -> None:
    async def main() -> None:
        for _ in range(100):
            idle, closed = ac.Chan(), ac.Chan().close()
            assert await ac.select(idle, (closed, 1)) == (False, closed)
            put = idle.put(1)
            assert not put.done()
            assert await idle.get() == 1
            assert await put is True

    run(main())


def test_stopping_a_worker_that_prefers_its_stop_channel_closes_that() -> None:
    async def main() -> None:
        stop, out = ac.Chan(), ac.Chan()

        async def work() -> int:
            done = 0
            while True:
                value, chan = await ac.select(stop, (out, done), priority=True)
                if chan is stop or value is False:
                    return done
                done += 1

        worker = asyncio.ensure_future(work())
        assert await out.collect(5) == [0, 1, 2, 3, 4]
        out.close()
        assert await out.get() == 5
        assert await asyncio.wait_for(worker, 1) == 6
        stop.close()
        assert stop.closed

    run(main())


def test_both_sides_of_one_channel_may_be_chosen_from() -> None:
    async def main() -> None:
        chan = ac.Chan()
        choice = ac.select(chan, (chan, 1))
        assert not choice.done()
        assert await chan.put(5) is True
        assert await choice == (5, chan)
        choice = ac.select(chan, (chan, 6))
        assert await chan.get() == 6
        assert await choice == (True, chan)

    run(main())


def test_a_mistake_leaves_nothing_behind() -> None:
    async def main() -> None:
        chan, other = ac.Chan(), ac.Chan()
        with pytest.raises(TypeError):
            await ac.select(chan, (other, None), priority=True)
        assert chan.stats().state == "FLUENT"
        assert chan.put_nowait(1) is None

    run(main())


def test_nothing_to_choose_from_is_an_error() -> None:
    async def main() -> None:
        with pytest.raises(ValueError):
            await asyncio.wait_for(ac.select(), 1)

    run(main())


def test_those_that_lost_do_not_count_as_waiting() -> None:
    async def main() -> None:
        winner, loser = ac.Chan(), ac.Chan()
        choice = ac.select(winner, loser)
        await winner.put(1)
        assert await choice == (1, winner)
        assert loser.stats().state == "FLUENT"

    run(main())


def test_many_that_lost_take_no_room_from_those_that_wait() -> None:
    async def main() -> None:
        quiet = ac.Chan()
        for number in range(3000):
            busy = ac.Chan()
            choice = ac.select(quiet, busy)
            busy.add(number)
            assert (await choice)[0] == number
        assert quiet.stats().state == "FLUENT"

    run(main())


def test_an_error_in_a_callback_goes_to_the_loop_and_not_to_the_peer() -> None:
    async def main() -> None:
        chan = ac.Chan()

        def fail(_value: object, _chan: object) -> None:
            raise ValueError("callback")

        with handled_errors() as told:
            ac.select(chan, cb=fail)
            assert await chan.put(1) is True
            await turns()
        assert [type(about["exception"]) for about in told] == [ValueError]

    run(main())


def test_three_closed_channels_give_their_values_and_then_none() -> None:
    async def main() -> None:
        chans = [ac.from_iter([number]) for number in range(3)]
        values = [(await ac.select(*chans, priority=True))[0] for _ in range(1)]
        assert values == [0]
        got = {(await ac.select(chan))[0] for chan in chans[1:]}
        assert got == {1, 2}
        assert [await chan.get() for chan in chans] == [None] * 3

    run(main())


def test_waiting_selects_count_as_operations() -> None:
    async def main() -> None:
        chan = ac.Chan()
        for _ in range(channel.MAX_OP_QUEUE_SIZE):
            ac.select(chan, cb=lambda *_: None)
        with pytest.raises(AssertionError):
            ac.select(chan, cb=lambda *_: None)

    run(main())
