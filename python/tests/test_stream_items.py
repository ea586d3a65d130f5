"""Operators on one item after the other, and what makes lists of several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import millstream as ms
import pytest
from stream_support import Source, agen, cancelled, everywhere, settle


@everywhere
async def test_a_stream_is_made_of_anything_that_can_be_iterated_over() -> None:
    chan = ms.bounded(3)
    chan.put_nowait(1)
    chan.close()
    for source in ([1], iter([1]), (1,), agen([1]), Source([1]), chan, ms.from_iter([1]), {1: 2}):
        assert await ms.stream(source).collect() == [1]
    stream = ms.stream([1])
    assert ms.stream(stream) is stream
    with pytest.raises(TypeError, match="not int"):
        ms.stream(1)  # type: ignore[type-var, arg-type]


@everywhere
async def test_none_is_an_item_like_any_other() -> None:
    nothing = [None, None]
    for pipe in (
        ms.stream(nothing),
        ms.stream(nothing).map(lambda item: item),
        ms.stream(nothing).filter(lambda item: item is None),
        ms.stream(nothing).chain(),
        ms.stream(nothing).share(),
        ms.stream(nothing).fork(),
        ms.stream(nothing).buffer_ahead(1),
        ms.merge(agen(nothing)),
        ms.stream(nothing).peekable(),
        ms.stream(nothing).scan(0, lambda _, item: item),
    ):
        assert await pipe.collect() == nothing


@everywhere
async def test_the_operators_are_those_of_lists() -> None:
    def numbers() -> ms.Stream[int]:
        return ms.stream(agen([1, 1, 2, 3, 5, 8, 8, 13]))

    expected: list[tuple[ms.Stream[Any], list[Any]]] = [
        (numbers().map(lambda n: n * 2), [2, 2, 4, 6, 10, 16, 16, 26]),
        (numbers().filter(lambda n: n % 2), [1, 1, 3, 5, 13]),
        (numbers().filter_map(lambda n: str(n) if n > 5 else None), ["8", "8", "13"]),
        (numbers().flat_map(lambda n: [n] * (n % 3)), [1, 1, 2, 2, 5, 5, 8, 8, 8, 8, 13]),
        (numbers().flat_map(lambda n: agen([n] * (n % 3))), [1, 1, 2, 2, 5, 5, 8, 8, 8, 8, 13]),
        (numbers().map_filter(lambda n: range(n % 3)), [0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0]),
        (numbers().take(3), [1, 1, 2]),
        (numbers().take(0), []),
        (numbers().skip(6), [8, 13]),
        (numbers().take_while(lambda n: n < 3), [1, 1, 2]),
        (numbers().skip_while(lambda n: n < 3), [3, 5, 8, 8, 13]),
        (numbers().map_while(lambda n: -n if n < 3 else None), [-1, -1, -2]),
        (numbers().step_by(3), [1, 3, 8]),
        (numbers().enumerate(1).take(2), [(1, 1), (2, 1)]),
        (numbers().scan(0, lambda total, n: total + n), [1, 2, 4, 7, 12, 20, 28, 41]),
        (numbers().chain([0], agen([7])), [1, 1, 2, 3, 5, 8, 8, 13, 0, 7]),
        (numbers().distinct(), [1, 2, 3, 5, 8, 13]),
        (numbers().distinct_by_key(lambda n: n % 2), [1, 2, 3, 8, 13]),
        (numbers().chunks(3), [[1, 1, 2], [3, 5, 8], [8, 13]]),
        (numbers().group_by(lambda n: n % 2), [(1, [1, 1]), (0, [2]), (1, [3, 5]), (0, [8, 8]), (1, [13])]),
        (ms.stream([agen([1, 2]), agen([]), agen([3])]).flatten(), [1, 2, 3]),
        (ms.stream([[1, 2], [], [3]]).flatten_iter(), [1, 2, 3]),
        (numbers().cooperate(), [1, 1, 2, 3, 5, 8, 8, 13]),
    ]
    for pipe, items in expected:
        assert await pipe.collect() == items


@everywhere
async def test_functions_may_be_async() -> None:
    def later(function: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            return function(*arguments)

        return call

    def numbers() -> ms.Stream[int]:
        return ms.from_range(5)

    expected: list[tuple[ms.Stream[Any], list[Any]]] = [
        (numbers().map(later(lambda n: n * 2)), [0, 2, 4, 6, 8]),
        (numbers().filter(later(lambda n: n % 2)), [1, 3]),
        (numbers().filter_map(later(lambda n: n or None)), [1, 2, 3, 4]),
        (numbers().flat_map(later(lambda n: [n] * n)).take(3), [1, 2, 2]),
        (numbers().take_while(later(lambda n: n < 2)), [0, 1]),
        (numbers().skip_while(later(lambda n: n < 2)), [2, 3, 4]),
        (numbers().map_while(later(lambda n: n if n < 2 else None)), [0, 1]),
        (numbers().inspect(later(print_nothing)), [0, 1, 2, 3, 4]),
        (numbers().scan(0, later(lambda total, n: total + n)), [0, 1, 3, 6, 10]),
        (numbers().distinct_by_key(later(lambda n: n // 2)), [0, 2, 4]),
        (numbers().group_by(later(lambda n: n // 2)), [(0, [0, 1]), (1, [2, 3]), (2, [4])]),
        (numbers().preflight(later(lambda: None)), [0, 1, 2, 3, 4]),
    ]
    for pipe, items in expected:
        assert await pipe.collect() == items


def print_nothing(item: object) -> None:
    """A function for its side effect, of which there is none."""


@everywhere
async def test_an_exception_of_a_function_ends_the_stream_and_reaches_who_waits() -> None:
    def fail(*items: object) -> Any:
        if items == (0,) or items == ("start", 0):
            return None
        raise ValueError("boom")

    for pipe in (
        ms.from_range(5).map(fail),
        ms.from_range(5).filter(fail),
        ms.from_range(5).filter_map(fail),
        ms.from_range(5).flat_map(fail),
        ms.from_range(5).map_filter(fail),
        ms.from_range(1, 5).take_while(fail),
        ms.from_range(1, 5).map_while(fail),
        ms.from_range(1, 5).skip_while(fail),
        ms.from_range(5).inspect(fail),
        ms.from_range(5).scan("start", fail),
        ms.from_range(5).distinct_by_key(fail),
        ms.from_range(5).group_by(fail),
        ms.from_range(1).preflight(lambda: fail(1)),
        ms.from_range(1, 5).buffered(2, fail),
        ms.from_range(1, 5).buffer_unordered(2, fail),
    ):
        with pytest.raises((ValueError, TypeError)):
            await pipe.collect()


@everywhere
async def test_what_cannot_be_flattened_is_an_error_and_not_left_out() -> None:
    def broken() -> Any:
        yield 1
        raise ValueError("boom")

    for make, error in ((lambda: 3, TypeError), (broken, ValueError)):
        for pipe in (
            ms.stream([[0], make(), [2]]).flatten_iter(),
            ms.stream([[0], make(), [2]]).flatten(),
            ms.from_range(1).map_filter(lambda _, make=make: make()),
            ms.from_range(1).flat_map(lambda _, make=make: make()),
        ):
            with pytest.raises(error):
                await pipe.collect()


@everywhere
async def test_stop_async_iteration_of_a_function_is_no_end() -> None:
    def stop(*_: object) -> Any:
        raise StopAsyncIteration

    for pipe in (
        ms.from_range(3).group_by(stop),
        ms.from_range(3).map_while(stop),
        ms.from_range(3).preflight(stop),
        ms.from_range(3).buffered(1, stop),
    ):
        with pytest.raises(RuntimeError, match="StopAsyncIteration"):
            await pipe.collect()
    with pytest.raises(RuntimeError, match="StopAsyncIteration"):
        await ms.from_range(3).for_each(stop)


@everywhere
async def test_the_run_before_an_error_comes_before_it() -> None:
    runs = ms.stream(Source([1, 1, ValueError("boom")])).group_by(lambda n: n)
    assert await runs.__anext__() == (1, [1, 1])
    with pytest.raises(ValueError, match="boom"):
        await runs.__anext__()
    assert await runs.collect() == []


@everywhere
async def test_cancelling_who_waits_loses_nothing() -> None:
    pipes: list[Callable[[ms.Stream[int]], ms.Stream[Any]]] = [
        lambda items: items,
        lambda items: items.map(lambda item: item),
        lambda items: items.filter(lambda item: True),
        lambda items: items.chunks(2).flatten_iter(),
        lambda items: items.group_by(lambda item: item).map(lambda run: run[0]),
        lambda items: items.map_while(lambda item: item),
        lambda items: items.step_by(1),
        lambda items: items.chain(),
        lambda items: items.preflight(lambda: None),
        lambda items: items.peekable(),
        lambda items: items.results(),
        lambda items: items.until_err(),
        lambda items: items.cooperate(),
        lambda items: items.flat_map(lambda item: [item]),
        lambda items: items.distinct(),
        lambda items: items.enumerate().map(lambda pair: pair[1]),
        lambda items: items.scan(0, lambda _, item: item),
        lambda items: items.throttle(0),
        lambda items: items.batch(1, 0).flatten_iter(),
    ]
    for pipe in pipes:
        later = [asyncio.get_running_loop().create_future() for _ in range(3)]
        stream = pipe(ms.stream(Source(later)))
        seen = []
        for number, future in enumerate(later, 1):
            await cancelled(stream.__anext__())
            await cancelled(stream.collect_n(1))
            future.set_result(number)
            if number < 3:
                begun: list[Any] = []
                task = asyncio.ensure_future(stream.collect(begun))
                await settle()
                task.cancel()
                await settle()
                seen += begun
        assert seen + await stream.collect() == [1, 2, 3]


@everywhere
async def test_an_async_call_that_is_cancelled_is_made_again() -> None:
    later = asyncio.get_running_loop().create_future()

    async def key(item: int) -> int:
        if item == 1:
            await asyncio.shield(later)
        return item

    for pipe in (
        ms.from_range(1, 3).group_by(key).map(lambda run: run[0]),
        ms.from_range(1, 3).map_while(key),
    ):
        if not later.done():
            await cancelled(pipe.__anext__())
            later.set_result(None)
        assert await pipe.collect() == [1, 2]


@everywhere
async def test_iterating_over_a_list_lets_siblings_run_and_survives_a_cancellation() -> None:
    turns = 0

    async def sibling() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(sibling())
    numbers = ms.from_range()
    assert await numbers.filter(lambda n: n == 10_000).__anext__() == 10_000
    assert turns >= 10_000 // 256
    task.cancel()

    seen: list[int] = []
    endless = asyncio.ensure_future(ms.stream(numbers).collect(seen))
    await settle()
    endless.cancel()
    await settle()
    assert seen, "it came to a pause"
    assert seen == list(range(10_001, 10_001 + len(seen)))
    assert await numbers.__anext__() == seen[-1] + 1


@everywhere
async def test_a_generator_that_is_iterated_over_is_closed_with_the_stream() -> None:
    closed = []

    def numbers() -> Any:
        try:
            yield from range(9)
        finally:
            closed.append(True)

    stream = ms.stream(numbers()).map(lambda n: n)
    assert await stream.__anext__() == 0
    await stream.aclose()
    assert closed == [True]


@everywhere
async def test_closing_closes_the_source_through_every_operator() -> None:
    pipes: list[Callable[[ms.Stream[Any]], ms.Stream[Any]]] = [
        lambda items: items,
        lambda items: items.map(str),
        lambda items: items.group_by(str),
        lambda items: items.map_while(str),
        lambda items: items.step_by(2),
        lambda items: items.chain([1]),
        lambda items: items.preflight(lambda: None),
        lambda items: items.peekable(),
        lambda items: items.results(),
        lambda items: items.until_err(),
        lambda items: items.cooperate(),
        lambda items: items.throttle(1),
        lambda items: items.debounce(1),
        lambda items: items.batch(2, 1),
        lambda items: items.buffer_ahead(2),
        lambda items: items.buffered(2, asyncio.sleep),
        lambda items: items.fork(),
        lambda items: items.share(),
        lambda items: items.gate()[0],
        lambda items: items.stoppable()[0],
        lambda items: items.merge([1]),
        lambda items: items.zip([1]),
        lambda items: ms.zip_longest(items),
        lambda items: ms.combine_latest(items),
        lambda items: items.map(lambda item: [item]).merge_all(2),
    ]
    for pipe in pipes:
        source = Source[int](range(9))
        stream = pipe(ms.stream(source))
        await stream.aclose()
        assert source.closed, "before the first item"
        assert source.pulled == 0
        assert await stream.collect() == []


@everywhere
async def test_preflight_is_called_once_for_each_item() -> None:
    push, items = ms.push_stream()
    calls = 0

    def fill() -> None:
        nonlocal calls
        push.put_nowait(calls)
        calls += 1

    filled = items.preflight(fill)
    assert await filled.collect_n(3) == [0, 1, 2]
    assert calls == 3

    calls_of: list[int] = []
    push, items = ms.push_stream()
    quiet = items.preflight(lambda: calls_of.append(1))
    await cancelled(quiet.__anext__())
    await cancelled(quiet.__anext__())
    assert calls_of == [1]


@everywhere
async def test_a_look_takes_nothing() -> None:
    items = ms.from_range(2).peekable()
    assert await items.peek() == 0
    assert await items.peek() == 0
    assert await items.next_if(lambda item: item > 0) is None
    assert await items.next_if(lambda item: item == 0) == 0
    assert await items.map(str).collect() == ["1"]
    assert await items.peek(None) is None
    assert await items.next_if(lambda item: True, "none") == "none"
    with pytest.raises(StopAsyncIteration):
        await items.peek()


@everywhere
async def test_results_keep_the_error_as_the_last_item() -> None:
    items = await ms.stream(Source([1, ValueError("boom"), 2])).results().collect()
    assert items[0] == 1
    assert isinstance(items[1], ValueError)
    assert len(items) == 2
    outcomes = [1, ValueError("boom"), 2]
    assert await ms.stream(outcomes).until_err().collect() == outcomes[:2]


@everywhere
async def test_bad_numbers_are_refused() -> None:
    for make in (
        lambda: ms.from_range(3).chunks(0),
        lambda: ms.from_range(3).step_by(0),
        lambda: ms.from_range(3).batch(0, 1),
        lambda: ms.from_range(3).batch(1, -1),
        lambda: ms.from_range(3).throttle(-1),
        lambda: ms.from_range(3).debounce(float("nan")),
        lambda: ms.from_range(3).buffered(0),
        lambda: ms.from_range(1, 2, 0),
    ):
        with pytest.raises(ValueError):
            make()
