"""push_aiter: what both generations do, and what neither should have done."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest

from millstream.compat.aiter import push_aiter
from millstream.compat.aiter.push_aiter import push_aiter_head
from seed_support import cancelled, collect, run, soon, take, turns, until

# Kept.


def test_what_was_pushed_comes_out_in_order_and_then_the_end() -> None:
    async def main() -> None:
        items: push_aiter[Any] = push_aiter()
        assert len(items) == 0
        assert not items
        items.push(5, None)
        items.push(3)
        assert len(items) == 3
        assert items.is_item_available()
        assert items.is_len_at_least(3)
        assert not items.is_len_at_least(4)
        items.stop()
        items.stop()
        with pytest.raises(ValueError):
            items.push(2)
        assert list(items.available_iter()) == [5, None, 3]
        assert await collect(items) == [5, None, 3]
        assert await collect(items) == []

    run(main())


def test_it_can_be_made_and_used_outside_of_a_loop_and_in_several() -> None:
    items: push_aiter[int] = push_aiter()
    items.push(1, 2, 3)
    assert run(take(items, 1)) == [1]
    items.stop()
    assert run(collect(items)) == [2, 3]


def test_a_loop_that_was_left_can_be_gone_on_with() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        items.push(*range(5))
        assert await take(items, 2) == [0, 1]
        assert await take(items, 1) == [2]
        assert await items.__anext__() == 3

    run(main())


def test_a_fork_begins_where_its_origin_stands_and_shares_the_stop() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        items.push(1, 2)
        assert await items.__anext__() == 1
        fork = items.fork()
        items.push(3)
        fork.push(4)
        fork.stop()
        assert await collect(items) == [2, 3, 4]
        late = fork.fork()
        assert await collect(fork) == [2, 3, 4]
        assert await collect(late) == [2, 3, 4]
        assert fork.head() is items.head()

    run(main())


def test_the_head_pushes_and_stops() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        items.head().push(1, 2)
        items.head().stop()
        assert await collect(items) == [1, 2]

    run(main())


def test_a_preflight_is_called_with_the_iterator_whenever_an_item_is_asked_for() -> None:
    async def main() -> None:
        seen: list[object] = []

        def preflight(asking: push_aiter[int]) -> None:
            seen.append(asking)
            if len(seen) == 3:
                asking.stop()
            else:
                asking.push(len(seen))

        items: push_aiter[int] = push_aiter(next_preflight=preflight)
        assert await collect(items) == [1, 2]
        assert seen == [items] * 3

    run(main())


def test_only_an_active_fork_has_the_preflight() -> None:
    async def main() -> None:
        calls = 0

        def preflight(asking: push_aiter[int]) -> None:
            nonlocal calls
            calls += 1
            asking.push(calls)

        items: push_aiter[int] = push_aiter(next_preflight=preflight)
        active, passive = items.fork(), items.fork(is_active=False)
        waiting = asyncio.ensure_future(passive.__anext__())
        await turns()
        assert not waiting.done()
        assert await active.__anext__() == 1
        assert await waiting == 1
        assert await items.__anext__() == 1
        assert calls == 2

    run(main())


# Repaired.


def test_concurrent_consumers_get_different_items() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        both = asyncio.gather(collect(items), collect(items))
        await turns()
        for number in range(10):
            items.push(number)
            await turns(3)
        items.stop()
        first, second = await both
        assert sorted(first + second) == list(range(10))
        assert first == sorted(first)
        assert second == sorted(second)

    run(main())


def test_cancelling_one_consumer_ends_it_for_nobody_and_is_not_swallowed() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        first, second = asyncio.ensure_future(collect(items)), asyncio.ensure_future(collect(items))
        await turns()
        await cancelled(first)
        items.push(1, 2)
        items.stop()
        assert await soon(second) == [1, 2]

    run(main())


def test_a_wait_can_time_out_and_loses_nothing() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()

        async def one() -> int:
            async for item in items:
                return item
            raise AssertionError("it came to an end")

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(one(), 0.001)
        items.push(7)
        assert await soon(one()) == 7

    run(main())


def test_an_item_that_was_given_to_a_cancelled_consumer_goes_to_the_next() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        first = asyncio.ensure_future(take(items, 1))
        await turns()
        items.push(1)
        first.cancel()
        await asyncio.wait([first])
        items.push(2)
        items.stop()
        got = [] if first.cancelled() else first.result()
        assert got + await collect(items) == [1, 2]

    run(main())


def test_is_stopped_is_true_after_the_stop_even_while_items_are_there() -> None:
    items: push_aiter[int] = push_aiter()
    items.push(1)
    assert not items.is_stopped()
    items.stop()
    assert items.is_stopped()
    assert items.is_item_available()


def test_none_are_always_available() -> None:
    assert push_aiter().is_len_at_least(0)


def test_a_preflight_may_take_no_argument() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter(next_preflight=lambda: items.push(3))
        assert await items.__anext__() == 3

    run(main())


def test_a_head_knows_whether_it_is_stopping() -> None:
    items: push_aiter[int] = push_aiter()
    assert not items.head().is_stopping()
    items.stop()
    assert items.head().is_stopping()


def test_the_tail_may_be_a_head_or_another_iterator() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        items.push(1)
        same: push_aiter[int] = push_aiter(tail=items)
        later: push_aiter[int] = push_aiter(tail=items.head())
        items.push(2)
        items.stop()
        assert await collect(same) == [1, 2]
        assert await collect(later) == [2]

        class Anchor:
            pass

        anchor = Anchor()
        head: push_aiter_head[int] = push_aiter_head(anchor)
        head.push(5)
        kept: push_aiter[int] = push_aiter(tail=anchor)
        head.stop()
        assert await collect(kept) == [5]

    run(main())


def test_a_stop_with_an_error_has_every_fork_raise_it_after_the_items() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        fork = items.fork()
        items.push(1)
        items.stop(error=KeyError("gone"))
        for each in (items, fork, fork.fork()):
            assert list(each.available_iter()) in ([1], [])
            assert await take(each, 1) == [1] if each.is_item_available() else True
            with pytest.raises(KeyError, match="gone"):
                await each.__anext__()

    run(main())


def test_consuming_a_backlog_gives_siblings_turns() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        items.push(*range(100_000))
        items.stop()
        count = 0

        async def sibling() -> None:
            nonlocal count
            while True:
                count += 1
                await asyncio.sleep(0)

        beside = asyncio.ensure_future(sibling())
        async for _ in items:
            pass
        assert count > 100
        beside.cancel()

    run(main())


def test_other_threads_may_push() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        fork = items.fork()

        def push() -> None:
            for number in range(1000):
                items.push(number)
            items.stop()

        thread = threading.Thread(target=push)
        thread.start()
        assert await collect(items) == list(range(1000))
        assert await collect(fork) == list(range(1000))
        thread.join()

    run(main())


def test_a_fork_that_is_gone_keeps_nothing() -> None:
    async def main() -> None:
        class Item:
            pass

        items: push_aiter[Item] = push_aiter()
        fork = items.fork()
        item = Item()
        seen = weakref.ref(item)
        items.push(item)
        del item
        await items.__anext__()
        gc.collect()
        assert seen() is not None
        del fork
        gc.collect()
        assert seen() is None

    run(main())


def test_consumers_wake_up_when_it_is_stopped() -> None:
    async def main() -> None:
        items: push_aiter[int] = push_aiter()
        all_of_them = [asyncio.ensure_future(collect(items)) for _ in range(3)]
        await turns()
        items.stop()
        await until(lambda: all(task.done() for task in all_of_them))
        assert [task.result() for task in all_of_them] == [[], [], []]

    run(main())
