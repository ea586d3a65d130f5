"""Iterators that are read ahead of their consumer, or held back: active_aiter, preload_aiter, gated_aiter."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from millstream.compat.aiter import active_aiter, gated_aiter, iter_to_aiter, preload_aiter, push_aiter
from seed_support import Counted, cancelled, collect, held, numbers, others, run, soon, take, turns, until


def gate_of(source: Any) -> gated_aiter[Any]:
    """A gate that is wide open."""
    gate: gated_aiter[Any] = gated_aiter(source)
    gate.push(1000)
    return gate


AHEAD: list[Callable[[Any], Any]] = [active_aiter, lambda source: preload_aiter(2, source), gate_of]

# Kept.


@pytest.mark.parametrize("wrap", AHEAD)
def test_all_items_come_in_order(wrap: Callable[[Any], Any]) -> None:
    async def main() -> None:
        assert await collect(wrap(numbers(10))) == list(range(10))
        assert await collect(wrap(numbers(0))) == []

    run(main())


def test_an_active_iterator_pulls_everything_from_the_first_item_on() -> None:
    async def main() -> None:
        source = Counted(300)
        items = active_aiter(source)
        await turns()
        assert source.pulled == 0
        assert await items.__anext__() == 0
        await until(lambda: source.pulled == 300)
        assert await collect(items) == list(range(1, 300))

    run(main())


def test_so_many_are_preloaded_and_no_more() -> None:
    async def main() -> None:
        source = Counted()
        items = preload_aiter(5, source)
        await turns()
        assert source.pulled == 0
        assert await items.__anext__() == 0
        await until(lambda: source.pulled == 6)
        assert await take(items, 10) == list(range(1, 11))
        await until(lambda: source.pulled == 16)
        await turns()
        assert source.pulled == 16

    run(main())


def test_permissions_add_up_and_what_is_not_positive_counts_for_nothing() -> None:
    async def main() -> None:
        gate = gated_aiter(iter_to_aiter(range(3_000_000_000)))
        gate.push(2)
        gate.push(-5)
        gate.push(0)
        gate.push(3)
        assert await take(gate, 5) == [0, 1, 2, 3, 4]
        more = asyncio.ensure_future(gate.__anext__())
        await turns()
        assert not more.done()
        gate.push(1)
        assert await more == 5

    run(main())


def test_a_gate_ends_after_the_permissions_when_it_is_stopped() -> None:
    async def main() -> None:
        gate = gated_aiter(iter_to_aiter(range(3_000_000_000)))
        gate.push(9)
        assert await take(gate, 7) == list(range(7))
        gate.push(11)
        gate.stop()
        assert await collect(gate) == list(range(7, 20))

    run(main())


def test_a_gate_ends_with_its_source_when_all_permissions_are_used() -> None:
    async def main() -> None:
        gate = gated_aiter(numbers(3))
        gate.push(3)
        assert await soon(collect(gate)) == [0, 1, 2]
        empty: gated_aiter[int] = gated_aiter(numbers(0))
        assert await soon(collect(empty)) == []

    run(main())


# Repaired.


@pytest.mark.parametrize("wrap", AHEAD)
def test_an_error_of_the_source_comes_after_the_items_before_it(wrap: Callable[[Any], Any]) -> None:
    async def main() -> None:
        items = wrap(numbers(2, ValueError("broken")))
        seen = []
        with pytest.raises(ValueError, match="broken"):
            async for item in items:
                seen.append(item)
        assert seen == [0, 1]

    run(main())


def test_a_gate_without_permissions_raises_the_error_of_its_source() -> None:
    async def main() -> None:
        gate: gated_aiter[int] = gated_aiter(numbers(0, ValueError("broken")))
        with pytest.raises(ValueError, match="broken"):
            await soon(gate.__anext__())

    run(main())


@pytest.mark.parametrize("wrap", AHEAD)
def test_cancelling_a_consumer_is_not_swallowed_and_loses_nothing(wrap: Callable[[Any], Any]) -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()
        items = wrap(held(may_go_on, 4))
        first = asyncio.ensure_future(collect(items))
        await turns()
        await cancelled(first)
        may_go_on.set()
        assert await soon(collect(items)) == [0, 1, 2, 3]

    run(main())


@pytest.mark.parametrize("wrap", AHEAD)
def test_several_consumers_get_different_items(wrap: Callable[[Any], Any]) -> None:
    async def main() -> None:
        items = wrap(numbers(30))
        lists = await soon(asyncio.gather(*(collect(items) for _ in range(3))))
        assert sorted(sum(lists, [])) == list(range(30))

    run(main())


@pytest.mark.parametrize("wrap", AHEAD[:2])
def test_closing_ends_the_task_that_pulls(wrap: Callable[[Any], Any]) -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        source.push(1)
        items = wrap(source)
        assert await items.__anext__() == 1
        assert others()
        await items.aclose()
        assert not others()
        source.push(2)
        await turns()
        assert list(source.available_iter()) == [2]
        assert await collect(items) == []

    run(main())


def test_a_preload_of_nothing_passes_items_through() -> None:
    async def main() -> None:
        source = Counted(3)
        items = preload_aiter(0, source)
        assert await soon(items.__anext__()) == 0
        await turns()
        assert source.pulled == 1
        assert await soon(collect(items)) == [1, 2]

    run(main())


def test_a_preload_over_something_that_never_comes_can_time_out() -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        items = preload_aiter(0, source)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(collect(items), 0.001)

    run(main())


def test_an_active_iterator_over_an_endless_source_leaves_turns_and_stays_near_its_consumer() -> None:
    async def main() -> None:
        source = Counted()
        items = active_aiter(source)
        rounds = 0

        async def sibling() -> None:
            nonlocal rounds
            while True:
                rounds += 1
                await asyncio.sleep(0)

        beside = asyncio.ensure_future(sibling())
        farthest = 0
        async for item in itertools_of(items, 5_000):
            farthest = max(farthest, source.pulled - item)
        assert rounds > 100
        assert farthest < 1000
        beside.cancel()
        await items.aclose()

    async def itertools_of(items: Any, count: int) -> Any:
        for _ in itertools.repeat(None, count):
            yield await items.__anext__()

    run(main())


def test_nothing_is_lost_when_a_gate_is_stopped() -> None:
    async def main() -> None:
        source = numbers(6)
        gate = gated_aiter(source)
        gate.push(2)
        gate.stop()
        assert await collect(gate) == [0, 1]
        assert await source.__anext__() == 2

    run(main())


def test_what_waited_for_its_permission_when_a_gate_is_stopped_can_be_had() -> None:
    async def main() -> None:
        gate = gated_aiter(numbers(5))
        gate.push(2)
        passing = asyncio.ensure_future(collect(gate))
        await turns()
        assert not passing.done()
        gate.stop()
        assert await passing == [0, 1]
        assert await collect(gate.rest()) == [2, 3, 4]

    run(main())


def test_a_permission_after_the_stop_counts_for_nothing() -> None:
    async def main() -> None:
        gate = gated_aiter(numbers(5))
        gate.push(1)
        gate.stop()
        gate.push(1)
        assert await collect(gate) == [0]
        gate.push(1)
        assert await collect(gate) == []

    run(main())


def test_nothing_is_pulled_before_somebody_asks() -> None:
    async def main() -> None:
        source = Counted()
        gate = gated_aiter(source)
        gate.push(3)
        await turns()
        assert source.pulled == 0
        assert await gate.__anext__() == 0

    run(main())


def test_consumers_that_wait_at_a_gate_all_see_the_end() -> None:
    async def main() -> None:
        gate = gated_aiter(numbers(2))
        waiting = [asyncio.ensure_future(collect(gate)) for _ in range(3)]
        await turns()
        gate.push(2)
        lists = await soon(asyncio.gather(*waiting))
        assert sorted(sum(lists, [])) == [0, 1]

    run(main())
