"""A channel's own operations: what aiochan's do, and what went wrong there."""

from __future__ import annotations

import asyncio
import threading
import weakref

import pytest
from aiochan_support import ac, channel, handled_errors, program, run, turns


def test_operations_happen_when_they_are_called() -> None:
    async def main() -> None:
        chan = ac.Chan()
        get = chan.get()
        assert isinstance(get, asyncio.Future)
        assert not get.done()
        put = chan.put(1)
        assert put.done()
        assert get.done()
        assert (put.result(), get.result()) == (True, 1)
        assert (await put, await get, await get) == (True, 1, 1)

    run(main())


def test_values_and_those_who_wait_are_served_in_order() -> None:
    async def main() -> None:
        chan = ac.Chan(2)
        puts = [chan.put(value) for value in range(5)]
        assert [put.done() for put in puts] == [True, True, False, False, False]
        assert [await chan.get() for _ in range(5)] == [0, 1, 2, 3, 4]
        assert all(put.result() is True for put in puts)
        gets = [chan.get() for _ in range(3)]
        chan.add("a", "b", "c")
        assert [await get for get in gets] == ["a", "b", "c"]

    run(main())


def test_falsy_values_are_values_and_none_is_not() -> None:
    async def main() -> None:
        chan = ac.Chan(10)
        for value in (0, "", False, []):
            assert await chan.put(value) is True
        assert await chan.collect(4) == [0, "", False, []]
        for attempt in (chan.put, chan.put_nowait, chan.add):
            with pytest.raises(TypeError):
                attempt(None)
        chan.close()
        with pytest.raises(TypeError):
            chan.put(None)

    run(main())


def test_what_is_in_a_closed_channel_can_still_be_got() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        puts = [chan.put(1), chan.put(2)]
        assert chan.close() is chan
        assert chan.close() is chan
        assert chan.closed
        assert await chan.put(3) is False
        assert chan.put_nowait(3) is False
        assert [await chan.get() for _ in range(3)] == [1, 2, None]
        assert [await put for put in puts] == [True, True]

    run(main())


def test_gets_that_wait_end_when_the_channel_is_closed() -> None:
    async def main() -> None:
        chan = ac.Chan()
        gets = [chan.get() for _ in range(3)]
        chan.close()
        assert [get.result() for get in gets] == [None] * 3

    run(main())


def test_put_nowait_tells_room_closed_and_full_apart() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        told: list[object] = []
        assert chan.put_nowait(1) is True
        assert chan.put_nowait(2) is None
        assert chan.put_nowait(3, told.append, immediate_only=False) is None
        assert chan.get_nowait() == 1
        assert told == [True]
        assert chan.get_nowait() == 3
        assert chan.get_nowait() is None
        assert chan.get_nowait(told.append, immediate_only=False) is None
        chan.add(4)
        assert told == [True, 4]
        chan.close()
        assert chan.put_nowait(5, told.append, immediate_only=False) is False
        assert told == [True, 4, False]
        with pytest.raises(AssertionError):
            chan.put_nowait(1, told.append)
        with pytest.raises(AssertionError):
            chan.get_nowait(told.append)

    run(main())


def test_a_coroutine_function_may_be_the_callback() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        told: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        async def callback(result: object) -> None:
            told.set_result(result)

        chan.put_nowait(1, callback, immediate_only=False)
        assert await told is True

    run(main())


def test_a_chain_of_callbacks_is_not_a_recursion() -> None:
    async def main() -> None:
        chan, done = ac.Chan(), ac.Chan(1)
        left = 5000

        def again(_value: object) -> None:
            nonlocal left
            left -= 1
            if left:
                chan.get_nowait(again, immediate_only=False)
            else:
                done.add("done")

        chan.get_nowait(again, immediate_only=False)
        for number in range(5000):
            assert await chan.put(number) is True
        assert await done.get() == "done"

    run(main())


def test_a_chain_of_callbacks_over_what_is_there_already_is_not_one_either() -> None:
    async def main() -> None:
        chan = ac.from_range(5000)
        seen: list[int] = []

        def again(value: int | None) -> None:
            if value is not None:
                seen.append(value)
                chan.get_nowait(again, immediate_only=False)

        with handled_errors() as told:
            chan.get_nowait(again, immediate_only=False)
            await turns()
        assert not told
        assert seen == list(range(5000))

    run(main())


def test_an_error_in_a_callback_goes_to_the_loop_and_not_to_the_peer() -> None:
    async def main() -> None:
        chan = ac.Chan()

        def fail(_value: object) -> None:
            raise ValueError("callback")

        with handled_errors() as told:
            chan.get_nowait(fail, immediate_only=False)
            assert await chan.put(1) is True
            chan.put_nowait(2, fail, immediate_only=False)
            assert await chan.get() == 2
            await turns()
        assert [type(about["exception"]) for about in told] == [ValueError, ValueError]

    run(main())


def test_operations_that_nobody_awaits_are_bounded() -> None:
    async def main() -> None:
        chan = ac.Chan()
        with pytest.raises(AssertionError):
            chan.add(*range(2000))
        assert len([chan.get_nowait() for _ in range(1024)]) == 1024
        assert chan.get_nowait() is None
        for _ in range(1024):
            chan.get()
        with pytest.raises(AssertionError):
            chan.get()

    run(main())


def test_the_bound_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        monkeypatch.setattr(channel, "MAX_OP_QUEUE_SIZE", 3)
        chan = ac.Chan()
        chan.add(1, 2, 3)
        with pytest.raises(AssertionError):
            chan.put(4)
        assert await chan.get() == 1
        chan.add(4)
        assert await chan.close().collect() == [2, 3, 4]

    run(main())


def test_the_bound_holds_without_assertions() -> None:
    ended = program(
        "chan = ac.Chan(loop='no_loop')\n"
        "try:\n"
        "    chan.add(*range(2000))\n"
        "except AssertionError as error:\n"
        "    print('bounded')\n",
        "-O",
    )
    assert ended.stdout.strip() == "bounded"


def test_operations_that_are_awaited_are_not_bounded() -> None:
    async def main() -> None:
        chan = ac.Chan()

        async def put(value: int) -> bool:
            accepted: bool = await chan.put(value)
            return accepted

        puts = [asyncio.ensure_future(put(value)) for value in range(3000)]
        await turns(3)
        assert sorted(await chan.collect(3000)) == list(range(3000))
        assert all(await asyncio.gather(*puts))

    run(main())


def test_join_waits_until_all_has_been_got() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        chan.add(1, 2)
        joining = asyncio.ensure_future(chan.join())
        await turns()
        assert not joining.done()
        chan.close()
        assert await chan.get() == 1
        await turns()
        assert not joining.done()
        assert await chan.get() == 2
        await asyncio.wait_for(joining, 1)
        await asyncio.wait_for(chan.join(), 1)

    run(main())


def test_stats_tell_the_state_and_the_ways_of_delivery() -> None:
    async def main() -> None:
        chan = ac.Chan(1)
        assert chan.stats() == ("FLUENT", 0, 0, 0)
        chan.get_nowait(immediate_only=False)
        assert chan.stats().state == "PENDING_GETS"
        await chan.put(1)
        assert chan.stats() == ("FLUENT", 0, 1, 0)
        chan.add(2, 3)
        assert chan.stats().state == "PENDING_PUTS"
        await chan.get()
        await chan.get()
        assert chan.stats() == ("FLUENT", 2, 1, 0)
        direct = ac.Chan()
        direct.add(1)
        await direct.get()
        assert direct.stats() == ("FLUENT", 0, 0, 1)

    run(main())


def test_an_iterator_of_a_channel_can_itself_be_iterated() -> None:
    async def main() -> None:
        chan = ac.from_range(3)
        assert [value async for value in chan.__aiter__()] == [0, 1, 2]

    run(main())


def test_a_channel_without_a_loop_closes_like_any_other() -> None:
    chan = ac.Chan(1, loop="no_loop")
    assert chan.put_nowait(1) is True
    chan.close()
    assert chan.closed
    assert chan.get_nowait() == 1
    assert chan.get_nowait() is None


def test_a_channel_may_be_made_and_filled_before_there_is_a_loop() -> None:
    chan = ac.Chan(2)
    chan.add(1, 2)
    doubled = chan.map(lambda value: value * 2)
    put = chan.put(3)

    async def main() -> None:
        assert await doubled.collect(3) == [2, 4, 6]
        assert await put is True

    run(main())


def test_one_channel_serves_one_loop_after_the_other() -> None:
    chan = ac.Chan()

    async def main(value: int) -> None:
        get = chan.get()
        assert await chan.put(value) is True
        assert await get == value

    run(main(1))
    run(main(2))


def test_a_put_from_another_thread_wakes_the_loop_at_once() -> None:
    async def main() -> None:
        chan = ac.Chan()
        loop = asyncio.get_running_loop()

        async def consume() -> float:
            assert await chan.get() == 1
            return loop.time()

        consumer = asyncio.ensure_future(consume())
        await turns()
        # By then the loop has nothing to do before its next timer.
        thread = threading.Timer(0.1, lambda: chan.put_nowait(1, immediate_only=False))
        began = loop.time()
        loop.call_later(3, lambda: None)
        thread.start()
        assert await consumer - began < 2
        thread.join()

    run(main())


def test_values_between_threads_are_conserved() -> None:
    async def main() -> None:
        chan = ac.Chan(4)
        producers = [ac.run_in_thread(produce(chan, range(start, 4000, 4)))[1] for start in range(4)]
        got = [await chan.get() for _ in range(4000)]
        assert sorted(got) == list(range(4000))
        for thread in producers:
            thread.join(10)
            assert not thread.is_alive()

    async def produce(chan: object, values: range) -> None:
        for value in values:
            assert await chan.put(value) is True  # type: ignore[attr-defined]

    run(main())


def test_a_loop_over_what_is_ready_lets_others_run() -> None:
    async def main() -> None:
        for consume in (_iterate, _get, _put):
            others = 0
            over = False

            async def count() -> None:
                nonlocal others
                while not over:
                    others += 1
                    await asyncio.sleep(0)

            counting = asyncio.ensure_future(count())
            await consume()
            over = True
            await counting
            assert others > 20, consume

    run(main())


async def _iterate() -> None:
    async for _ in ac.from_range(20_000):
        pass


async def _get() -> None:
    chan = ac.from_range(20_000)
    while await chan.get() is not None:
        pass


async def _put() -> None:
    chan = ac.Chan("d", 1)
    for value in range(20_000):
        await chan.put(value)


def test_a_channel_that_nobody_holds_is_freed() -> None:
    async def main() -> weakref.ref[object]:
        chan = ac.Chan(1)
        chan.add(1, 2)
        for _ in range(5):
            await chan.get() if chan.stats().state != "FLUENT" else None
        return weakref.ref(chan)

    assert run(main())() is None
