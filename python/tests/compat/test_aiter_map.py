"""Functions over iterators, and the ways between plain and async iterators."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import threading
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from millstream.compat.aiter import (
    aiter_to_iter,
    flatten_aiter,
    iter_to_aiter,
    map_aiter,
    map_filter_aiter,
    push_aiter,
)
from millstream.compat.aiter.event_stream import message_stream_to_event_stream, rws_to_event_aiter
from millstream.compat.aiter.simple_map_aiter import simple_map_aiter
from seed_support import cancelled, collect, numbers, run, take, turns


def broken(item: int) -> list[int]:
    """Fails for 1."""
    if item == 1:
        raise ValueError("broken")
    return [item]


async def broken_later(item: int) -> list[int]:
    """Fails for 1, as a coroutine."""
    await asyncio.sleep(0)
    return broken(item)


# Kept.


def test_functions_and_coroutine_functions_are_applied_in_order() -> None:
    async def main() -> None:
        async def plus(more: int, item: int) -> int:
            await asyncio.sleep(0)
            return item + more

        assert await collect(map_aiter(lambda item: item + 1, numbers(4))) == [1, 2, 3, 4]
        assert await collect(map_aiter(functools.partial(plus, 2), numbers(4))) == [2, 3, 4, 5]
        assert await collect(simple_map_aiter(str, numbers(3))) == ["0", "1", "2"]

    run(main())


def test_several_workers_need_a_coroutine_function() -> None:
    with pytest.raises(ValueError):
        map_aiter(str, numbers(3), worker_count=2)


def test_an_async_generator_that_a_function_returns_is_a_value() -> None:
    async def main() -> None:
        lists = [await collect(inner) async for inner in map_aiter(numbers, iter_to_aiter([2, 3]))]
        assert lists == [[0, 1], [0, 1, 2]]

    run(main())


def test_a_future_that_a_function_returns_is_a_value() -> None:
    async def main() -> None:
        async def work(item: int) -> int:
            return item

        tasks = await collect(map_aiter(lambda item: asyncio.ensure_future(work(item)), numbers(3)))
        assert [await task for task in tasks] == [0, 1, 2]

    run(main())


def test_what_a_filter_function_returns_is_flattened() -> None:
    async def main() -> None:
        async def evens(item: int) -> list[int]:
            return [item] if item % 2 == 0 else []

        assert await collect(map_filter_aiter(range, numbers(4))) == [0, 0, 1, 0, 1, 2]
        assert await collect(map_filter_aiter(evens, numbers(5))) == [0, 2, 4]

    run(main())


def test_flattening_goes_on_where_it_was_left() -> None:
    async def main() -> None:
        source: push_aiter[list[int]] = push_aiter()
        flat = flatten_aiter(source)
        source.push([0, 1, 2, 3])
        assert await take(flat, 3) == [0, 1, 2]
        source.push([4, 5, 6, 7])
        assert await take(flat, 2) == [3, 4]
        source.stop()
        assert await collect(flat) == [5, 6, 7]

    run(main())


def test_events_have_what_their_connection_has_and_the_message() -> None:
    async def main() -> None:
        events = message_stream_to_event_stream({"peer": 1}, iter_to_aiter("ab"))
        assert await collect(events) == [{"peer": 1, "message": "a"}, {"peer": 1, "message": "b"}]

        connections = [{"reader": "ab", "name": 1}, {"reader": "c", "name": 2}]
        joined = await collect(rws_to_event_aiter(iter_to_aiter(connections), iter_to_aiter))
        assert sorted((event["name"], event["reader"], event["message"]) for event in joined) == [
            (1, "ab", "a"),
            (1, "ab", "b"),
            (2, "c", "c"),
        ]

    run(main())


def test_a_plain_iterator_over_an_async_one() -> None:
    assert list(aiter_to_iter(numbers(4))) == [0, 1, 2, 3]
    loop = asyncio.new_event_loop()
    try:
        assert list(aiter_to_iter(numbers(4), loop=loop)) == [0, 1, 2, 3]
        assert not loop.is_closed()
    finally:
        loop.close()


# Repaired.


@pytest.mark.parametrize("function", [broken, broken_later])
@pytest.mark.parametrize("mapped", [map_aiter, map_filter_aiter, simple_map_aiter])
def test_an_error_of_the_function_is_raised_and_ends_it(mapped: Callable[..., Any], function: Any) -> None:
    async def main() -> None:
        results = mapped(function, numbers(3))
        assert await results.__anext__() in ([0], 0)
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                await results.__anext__()

    run(main())


@pytest.mark.parametrize("function", [broken, broken_later])
@pytest.mark.parametrize("mapped", [map_aiter, map_filter_aiter, simple_map_aiter])
def test_an_error_of_the_function_can_be_logged_and_its_item_left_out(
    mapped: Callable[..., Any], function: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert run(collect(mapped(function, numbers(3), on_error="log"))) in ([[0], [2]], [0, 2])
    assert "broken" in caplog.text


def test_an_unknown_way_to_treat_errors_is_refused() -> None:
    way: Any = "ignore"
    for make in (map_aiter, map_filter_aiter):
        with pytest.raises(ValueError):
            make(broken, numbers(3), on_error=way)
    with pytest.raises(ValueError):
        flatten_aiter(iter_to_aiter([[1]]), on_error=way)


def test_what_cannot_be_flattened_is_an_error() -> None:
    def failing() -> Iterator[int]:
        yield 5
        raise ValueError("broken")

    async def main() -> None:
        odd: list[Any] = [[1], 2]
        results: AsyncGenerator[Any, Any] = flatten_aiter(iter_to_aiter(odd))
        assert await results.__anext__() == 1
        with pytest.raises(TypeError):
            await results.__anext__()
        results = flatten_aiter(iter_to_aiter([failing(), iter([6])]))
        assert await results.__anext__() == 5
        with pytest.raises(ValueError, match="broken"):
            await results.__anext__()
        same: Any = int
        mapped: AsyncGenerator[Any, Any] = map_filter_aiter(same, numbers(1))
        with pytest.raises(TypeError):
            await mapped.__anext__()
        odd = [failing(), 2, [6]]
        assert await collect(flatten_aiter(iter_to_aiter(odd), on_error="log")) == [5, 6]

    run(main())


@pytest.mark.parametrize(
    "make",
    [lambda source: map_aiter(abs, source), lambda source: map_filter_aiter(range, source), flatten_aiter],
    ids=["map", "map_filter", "flatten"],
)
def test_an_exception_that_is_thrown_in_comes_out(make: Callable[[Any], Any]) -> None:
    async def main() -> None:
        source: Any = numbers(5) if make is not flatten_aiter else iter_to_aiter([[1, 2], [3]])
        results = make(source)
        await results.__anext__()
        with pytest.raises(KeyError, match="thrown"):
            await results.athrow(KeyError("thrown"))
        assert await collect(results) == []

    run(main())


def test_a_coroutine_that_a_plain_function_returns_is_awaited() -> None:
    async def main() -> None:
        async def double(item: int) -> int:
            return 2 * item

        assert await collect(map_aiter(lambda item: double(item), numbers(3))) == [0, 2, 4]

    run(main())


def test_a_stop_async_iteration_of_the_function_is_not_taken_for_the_end() -> None:
    def ending(item: int) -> int:
        raise StopAsyncIteration

    async def main() -> None:
        with pytest.raises(RuntimeError):
            await collect(map_aiter(ending, numbers(3)))

    run(main())


def test_a_cancelled_consumer_loses_no_item_whether_it_waits_for_the_source_or_the_function() -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        may_go_on = asyncio.Event()

        async def work(item: int) -> int:
            await may_go_on.wait()
            return item

        results = map_aiter(work, source)
        for _ in range(2):
            waiting = asyncio.ensure_future(collect(results))
            await turns()
            await cancelled(waiting)
            source.push(len(source))
        may_go_on.set()
        source.stop()
        assert await collect(results) == [0, 0]

    run(main())


def test_several_tasks_may_pull_at_once() -> None:
    async def main() -> None:
        source: push_aiter[list[int]] = push_aiter()
        flat = flatten_aiter(source)
        waiting = [asyncio.ensure_future(collect(flat)) for _ in range(3)]
        await turns()
        source.push([1, 2, 3], [4, 5, 6], [7, 8, 9])
        source.stop()
        assert sorted(sum(await asyncio.gather(*waiting), [])) == list(range(1, 10))

    run(main())


def test_a_plain_iterator_gives_siblings_turns() -> None:
    async def main() -> None:
        rounds = 0

        async def sibling() -> None:
            nonlocal rounds
            while True:
                rounds += 1
                await asyncio.sleep(0)

        beside = asyncio.ensure_future(sibling())
        async for _ in iter_to_aiter(range(50_000)):
            pass
        async for _ in flatten_aiter(iter_to_aiter([range(50_000)])):
            pass
        assert rounds > 200
        beside.cancel()

    run(main())


def test_an_item_is_not_held_after_it_was_yielded() -> None:
    async def main() -> None:
        class Item:
            pass

        source: push_aiter[Item] = push_aiter()
        results = map_aiter(lambda item: item, source)
        source.push(Item())
        item = await results.__anext__()
        seen = weakref.ref(item)
        del item
        gc.collect()
        assert seen() is None

    run(main())


def test_in_a_running_loop_a_plain_iterator_is_refused_clearly() -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="async for"):
            next(aiter_to_iter(numbers(3)))

    run(main())


def test_a_plain_iterator_may_use_a_loop_that_runs_in_another_thread() -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        assert list(aiter_to_iter(numbers(4), loop=loop)) == [0, 1, 2, 3]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_an_abandoned_plain_iterator_ends_what_it_started() -> None:
    ended = False

    async def source() -> AsyncIterator[int]:
        nonlocal ended
        try:
            yield 1
            yield 2
        finally:
            ended = True

    items = aiter_to_iter(source())
    assert next(items) == 1
    del items
    gc.collect()
    assert ended
