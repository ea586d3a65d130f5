"""One iterator for several: forks, shared and stoppable iterators, and coroutines that run once."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest

from millstream.compat.aiter import aiter_forker, push_aiter, sharable_aiter, stoppable_aiter
from millstream.compat.aiter.deferred_coroutine import deferred_coroutine
from seed_support import Counted, cancelled, collect, held, numbers, run, soon, take, turns, until

# Forks.


def test_every_fork_yields_every_item_from_where_it_began() -> None:
    async def main() -> None:
        first = aiter_forker(numbers(6))
        assert await take(first, 2) == [0, 1]
        second = first.fork()
        assert await collect(first) == [2, 3, 4, 5]
        third = second.fork()
        assert await collect(second) == [2, 3, 4, 5]
        assert await collect(third) == [2, 3, 4, 5]

    run(main())


def test_the_source_is_asked_once_for_each_item_that_a_fork_wants() -> None:
    async def main() -> None:
        source = Counted()
        first = aiter_forker(source)
        second = first.fork()
        await turns()
        assert source.pulled == 0
        assert list(await asyncio.gather(first.__anext__(), second.__anext__())) == [0, 0]
        await turns()
        assert source.pulled == 1
        assert await first.__anext__() == 1
        assert await second.__anext__() == 1
        await turns()
        assert source.pulled == 2

    run(main())


def test_a_passive_fork_waits_until_an_active_one_asks() -> None:
    async def main() -> None:
        source = Counted(3)
        active = aiter_forker(source)
        passive = active.fork(is_active=False)
        waiting = asyncio.ensure_future(collect(passive))
        await turns()
        assert source.pulled == 0
        assert await collect(active) == [0, 1, 2]
        assert await waiting == [0, 1, 2]

    run(main())


def test_an_active_fork_of_a_passive_one_asks() -> None:
    async def main() -> None:
        passive = aiter_forker(numbers(3)).fork(is_active=False)
        assert await collect(passive.fork()) == [0, 1, 2]

    run(main())


def test_every_fork_raises_the_error_of_the_source_after_its_items() -> None:
    async def main() -> None:
        first = aiter_forker(numbers(1, ValueError("broken")))
        second = first.fork()
        for fork in (first, second):
            assert await fork.__anext__() == 0
            with pytest.raises(ValueError, match="broken"):
                await fork.__anext__()

    run(main())


def test_a_fork_tells_what_it_has_as_a_push_aiter_does() -> None:
    async def main() -> None:
        first = aiter_forker(Counted(3))
        second = first.fork()
        assert await collect(first) == [0, 1, 2]
        assert isinstance(second, push_aiter)
        assert list(second.available_iter()) == [0, 1, 2]
        assert len(second) == 3
        assert second.is_stopped()

    run(main())


def test_cancelling_the_fork_that_drives_disturbs_no_other() -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()
        driver = aiter_forker(held(may_go_on, 4))
        other = driver.fork()
        driving = asyncio.ensure_future(collect(driver))
        await turns()
        waiting = asyncio.ensure_future(collect(other))
        await turns()
        await cancelled(driving)
        may_go_on.set()
        assert await soon(waiting) == [0, 1, 2, 3]
        assert await collect(driver) == [0, 1, 2, 3]

    run(main())


def test_cancelling_a_fork_of_a_push_aiter_ends_no_other_early() -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        driver = aiter_forker(source)
        other = driver.fork()
        driving = asyncio.ensure_future(collect(driver))
        await turns()
        waiting = asyncio.ensure_future(collect(other))
        await turns()
        await cancelled(driving)
        source.push(1, 2)
        source.stop()
        assert await soon(waiting) == [1, 2]

    run(main())


def test_several_tasks_may_share_one_fork() -> None:
    async def main() -> None:
        fork = aiter_forker(numbers(20))
        other = fork.fork()
        lists = await asyncio.gather(*(collect(fork) for _ in range(3)))
        assert sorted(sum(lists, [])) == list(range(20))
        assert await collect(other) == list(range(20))

    run(main())


def test_items_that_only_a_lost_fork_had_to_yield_are_let_go() -> None:
    async def main() -> None:
        class Item:
            pass

        refs: list[weakref.ref[Item]] = []

        async def source() -> AsyncIterator[Item]:
            for _ in range(50):
                item = Item()
                refs.append(weakref.ref(item))
                yield item
                del item

        fork = aiter_forker(source())
        idle = fork.fork()
        async for item in fork:
            del item
        gc.collect()
        assert all(ref() is not None for ref in refs)
        del idle
        gc.collect()
        assert not any(ref() is not None for ref in refs)

    run(main())


# Shared iterators.


def test_each_item_of_a_shared_iterator_goes_to_one_task() -> None:
    async def main() -> None:
        shared = sharable_aiter(numbers(30))
        lists = await asyncio.gather(*(collect(shared) for _ in range(4)))
        assert sorted(sum(lists, [])) == list(range(30))

    run(main())


def test_nothing_is_pulled_that_nobody_waits_for() -> None:
    async def main() -> None:
        source = Counted()
        shared = sharable_aiter(source)
        assert await take(shared, 3) == [0, 1, 2]
        await turns()
        assert source.pulled == 3

    run(main())


def test_cancelling_one_user_of_a_shared_generator_truncates_nothing() -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()
        shared = sharable_aiter(held(may_go_on, 5))
        first = asyncio.ensure_future(collect(shared))
        await turns()
        second = asyncio.ensure_future(collect(shared))
        await turns()
        await cancelled(first)
        may_go_on.set()
        assert await soon(second) == [0, 1, 2, 3, 4]

    run(main())


def test_an_error_of_a_shared_iterator_reaches_all_who_wait() -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()

        async def source() -> AsyncIterator[int]:
            await may_go_on.wait()
            raise ValueError("broken")
            yield 1

        shared = sharable_aiter(source())
        users = [asyncio.ensure_future(collect(shared)) for _ in range(3)]
        await turns()
        may_go_on.set()
        for result in await asyncio.gather(*users, return_exceptions=True):
            assert isinstance(result, ValueError)

    run(main())


def test_the_source_can_be_read_on_when_the_shared_iterator_is_gone() -> None:
    async def main() -> None:
        source = numbers(5)
        shared = sharable_aiter(source)
        assert await take(shared, 2) == [0, 1]
        del shared
        gc.collect()
        await turns()
        assert await collect(source) == [2, 3, 4]

    run(main())


# Stoppable iterators.


def test_a_stop_ends_the_iteration_at_the_next_item() -> None:
    async def main() -> None:
        source = Counted()
        items = stoppable_aiter(source)
        seen = []
        async for item in items:
            seen.append(item)
            if item == 2:
                items.stop()
        assert seen == [0, 1, 2]
        assert await collect(items) == []
        assert source.pulled == 3

    run(main())


def test_a_stop_wakes_those_who_wait() -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        items = stoppable_aiter(source)
        waiting = [asyncio.ensure_future(collect(items)) for _ in range(2)]
        await turns()
        items.stop()
        await until(lambda: all(task.done() for task in waiting))
        assert [task.result() for task in waiting] == [[], []]

    run(main())


def test_what_was_on_its_way_at_the_stop_can_be_had() -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()
        items = stoppable_aiter(held(may_go_on, 3))
        waiting = asyncio.ensure_future(collect(items))
        await turns()
        items.stop()
        assert await waiting == []
        may_go_on.set()
        assert await collect(items.rest()) == [0, 1, 2]

    run(main())


# Coroutines that run once.


def test_a_deferred_coroutine_runs_once_and_when_it_is_wanted() -> None:
    async def main() -> None:
        calls = 0

        async def work() -> int:
            nonlocal calls
            calls += 1
            await turns()
            return calls

        deferred = deferred_coroutine(work)
        passive = asyncio.ensure_future(deferred.wait(is_active=False))
        await turns()
        assert calls == 0
        assert list(await asyncio.gather(deferred.wait(), deferred.wait())) == [1, 1]
        assert await passive == 1
        assert await deferred.wait(is_active=False) == 1

    run(main())


def test_the_error_of_a_deferred_coroutine_comes_to_all() -> None:
    async def main() -> None:
        async def work() -> None:
            raise ValueError("broken")

        deferred = deferred_coroutine(work)
        for result in await asyncio.gather(deferred.wait(), deferred.wait(), return_exceptions=True):
            assert isinstance(result, ValueError)

    run(main())


@pytest.mark.parametrize("victim", [0, 1])
def test_whoever_waits_for_a_deferred_coroutine_can_be_cancelled(victim: int) -> None:
    async def main() -> None:
        may_go_on = asyncio.Event()

        async def work() -> Any:
            await may_go_on.wait()
            return "done"

        deferred = deferred_coroutine(work)
        waiting = []
        for _ in range(3):
            waiting.append(asyncio.ensure_future(deferred.wait()))
            await turns()
        await cancelled(waiting.pop(victim))
        may_go_on.set()
        assert await soon(asyncio.gather(*waiting)) == ["done", "done"]

    run(main())
