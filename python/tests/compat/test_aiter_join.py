"""Several iterators made one: azip, join_aiters, parallel_map_aiter."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from millstream.compat.aiter import azip, iter_to_aiter, join_aiters, map_aiter, parallel_map_aiter, push_aiter
from seed_support import Counted, cancelled, collect, held, numbers, others, run, soon, take, turns, until

# azip.


def test_azip_stops_at_the_shortest() -> None:
    async def main() -> None:
        letters = "abcdefgh"
        rows = azip(iter_to_aiter(letters), numbers(20), iter_to_aiter(map(str, range(20))))
        assert await collect(rows) == list(zip(letters, range(20), map(str, range(20))))

    run(main())


def test_azip_of_nothing_is_empty() -> None:
    async def main() -> None:
        assert await soon(take(azip(), 3)) == []

    run(main())


def test_azip_waits_for_all_inputs_at_the_same_time() -> None:
    async def main() -> None:
        gates = [asyncio.Event(), asyncio.Event()]
        started = []

        async def source(number: int) -> AsyncIterator[int]:
            started.append(number)
            await gates[number].wait()
            yield number

        row = asyncio.ensure_future(azip(source(0), source(1)).__anext__())
        await until(lambda: len(started) == 2)
        gates[1].set()
        await turns()
        gates[0].set()
        assert await row == (0, 1)

    run(main())


def test_what_azip_pulled_for_a_tuple_that_never_was_can_be_had() -> None:
    async def main() -> None:
        rows = azip(numbers(5), numbers(2))
        assert await collect(rows) == [(0, 0), (1, 1)]
        longer, shorter = rows.rest()
        assert await collect(longer) == [2, 3, 4]
        assert await collect(shorter) == []

    run(main())


def test_azip_puts_what_it_does_not_use_back_into_a_push_aiter() -> None:
    async def main() -> None:
        longer: push_aiter[int] = push_aiter()
        longer.push(0, 1, 2, 3)
        assert await collect(azip(longer, numbers(2))) == [(0, 0), (1, 1)]
        assert list(longer.available_iter()) == [2, 3]

    run(main())


def test_a_cancelled_azip_goes_on_where_it_was() -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()
        rows = azip(numbers(3), held(may_go_on, 3))
        first = asyncio.ensure_future(rows.__anext__())
        await turns()
        await cancelled(first)
        may_go_on.set()
        assert await soon(collect(rows)) == [(0, 0), (1, 1), (2, 2)]

    run(main())


def test_azip_raises_the_error_of_an_input() -> None:
    async def main() -> None:
        rows = azip(numbers(3), numbers(1, ValueError("broken")))
        assert await rows.__anext__() == (0, 0)
        with pytest.raises(ValueError, match="broken"):
            await rows.__anext__()

    run(main())


# join_aiters.


def test_a_join_has_all_items_and_keeps_the_order_of_each_input() -> None:
    async def main() -> None:
        inputs: list[Any] = [iter_to_aiter([1, 2, 3, 4]), iter_to_aiter("abcdefg")]
        joined: list[Any] = await collect(join_aiters(iter_to_aiter(inputs)))
        assert [item for item in joined if isinstance(item, int)] == [1, 2, 3, 4]
        assert [item for item in joined if isinstance(item, str)] == list("abcdefg")
        assert await collect(join_aiters(iter_to_aiter([]))) == []

    run(main())


def test_inputs_may_come_while_others_are_read_and_outlive_the_iterator_of_inputs() -> None:
    async def main() -> None:
        inputs: push_aiter[Any] = push_aiter()
        joined = join_aiters(inputs)
        first: push_aiter[int] = push_aiter()
        second: push_aiter[int] = push_aiter()
        waiting = asyncio.ensure_future(joined.__anext__())
        await turns()
        inputs.push(first)
        await turns()
        first.push(1)
        assert await waiting == 1
        inputs.push(second)
        second.push(2)
        assert await joined.__anext__() == 2
        inputs.stop()
        first.push(3)
        first.stop()
        second.stop()
        assert await collect(joined) == [3]

    run(main())


def test_no_input_starves_beside_one_that_is_always_ready() -> None:
    async def main() -> None:
        quiet: push_aiter[int] = push_aiter()
        inputs: list[AsyncIterator[int]] = [Counted(), quiet, Counted()]
        joined = join_aiters(iter_to_aiter(inputs))
        await take(joined, 10)
        quiet.push(-1)
        assert -1 in await take(joined, 10)
        await joined.aclose()

    run(main())


def test_a_join_pulls_no_farther_than_it_is_asked() -> None:
    async def main() -> None:
        source = Counted()
        joined = join_aiters(iter_to_aiter([source]))
        assert await joined.__anext__() == 0
        await turns(100)
        assert source.pulled == 1
        await joined.aclose()

    run(main())


def test_after_closing_a_join_the_inputs_have_what_was_not_yielded() -> None:
    async def main() -> None:
        source = numbers(5)
        joined = join_aiters(iter_to_aiter([source]))
        assert await joined.__anext__() == 0
        await joined.aclose()
        assert await collect(source) == [1, 2, 3, 4]

        sources = [numbers(1) for _ in range(5)]
        joined = join_aiters(iter_to_aiter(sources))
        assert await joined.__anext__() == 0
        await joined.aclose()
        assert [await collect(source) for source in sources] == [[], [0], [0], [0], [0]]
        assert not others()

    run(main())


def test_a_failing_input_costs_no_item_that_was_pulled() -> None:
    async def main() -> None:
        sources = [Counted(1000), Counted(5, ValueError("broken")), Counted(1000)]
        seen = 0
        with pytest.raises(ValueError, match="broken"):
            async for _ in join_aiters(iter_to_aiter(sources)):
                seen += 1
        assert seen == sum(source.pulled for source in sources)
        assert seen >= 5
        await until(lambda: not others())

    run(main())


def test_a_failing_input_can_be_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        sources = [numbers(3), numbers(1, ValueError("broken"))]
        joined = await collect(join_aiters(iter_to_aiter(sources), on_error="log"))
        assert sorted(joined) == [0, 0, 1, 2]

    with caplog.at_level(logging.ERROR):
        run(main())
    assert "broken" in caplog.text


def test_a_cancelled_join_goes_on_where_it_was() -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()
        joined = join_aiters(iter_to_aiter([held(may_go_on, 3)]))
        first = asyncio.ensure_future(joined.__anext__())
        await turns()
        await cancelled(first)
        may_go_on.set()
        assert await soon(collect(joined)) == [0, 1, 2]

    run(main())


def test_several_consumers_of_a_join_are_all_served() -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        quiet: push_aiter[int] = push_aiter()
        joined = join_aiters(iter_to_aiter([source, quiet]))
        waiting = [asyncio.ensure_future(collect(joined)) for _ in range(3)]
        await turns()
        source.push(*range(10))
        await until(lambda: not source.is_item_available())
        source.stop()
        quiet.stop()
        lists = await soon(asyncio.gather(*waiting))
        assert sorted(sum(lists, [])) == list(range(10))

    run(main())


# parallel_map_aiter.


def test_so_many_workers_are_at_work_at_a_time() -> None:
    async def main() -> None:
        running = most = 0
        may_go_on = asyncio.Event()

        async def work(item: int) -> int:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await may_go_on.wait()
            running -= 1
            return item * item

        results = asyncio.ensure_future(collect(parallel_map_aiter(work, numbers(20), 4)))
        await until(lambda: running == 4)
        await turns()
        assert most == 4
        may_go_on.set()
        assert sorted(await results) == [item * item for item in range(20)]
        assert most == 4

    run(main())


def test_workers_that_the_consumer_does_not_ask_run_no_farther() -> None:
    async def main() -> None:
        source = Counted()
        started = 0

        async def work(item: int) -> int:
            nonlocal started
            started += 1
            return item

        results = map_aiter(work, source, worker_count=4)
        for _ in range(5):
            await results.__anext__()
        await turns(100)
        assert started <= 5 + 4
        await results.aclose()

    run(main())


def test_while_the_consumer_is_busy_the_workers_are_too() -> None:
    async def main() -> None:
        started = []
        may_go_on = asyncio.Event()

        async def work(item: int) -> int:
            started.append(item)
            if item:
                await may_go_on.wait()
            return item

        results = map_aiter(work, numbers(10), worker_count=3)
        assert await results.__anext__() == 0
        await turns()
        assert len(started) >= 3
        may_go_on.set()
        assert sorted(await collect(results)) == list(range(1, 10))

    run(main())


def test_an_error_in_a_worker_comes_out_after_the_results_that_are_there() -> None:
    async def main() -> None:
        async def work(item: int) -> int:
            if item == 3:
                raise ValueError("broken")
            return item

        results = map_aiter(work, numbers(10), worker_count=2)
        seen = []
        with pytest.raises(ValueError, match="broken"):
            async for item in results:
                seen.append(item)
        assert seen[:3] == [0, 1, 2]
        await until(lambda: not others())

    run(main())
