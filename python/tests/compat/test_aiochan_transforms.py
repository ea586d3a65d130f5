"""What a channel's values can be turned into, and how such a pipeline ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
from aiochan_support import ac, handled_errors, run, tasks, turns, until


def test_each_does_what_its_name_says() -> None:
    async def main() -> None:
        source = ac.from_range
        assert await source(5).map(lambda v: v * 2).collect() == [0, 2, 4, 6, 8]
        assert await source(3).map(lambda v: [v] * v, flatten=True).collect() == [1, 2, 2]
        assert await source(10).filter(lambda v: v % 3 == 0).collect() == [0, 3, 6, 9]
        assert await ac.from_range().take(3).collect() == [0, 1, 2]
        assert await source(5).drop(3).collect() == [3, 4]
        assert await ac.from_range().take_while(lambda v: v < 3).collect() == [0, 1, 2]
        assert await source(6).drop_while(lambda v: v < 4).collect() == [4, 5]
        assert await source(10).group(4).collect() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
        assert await source(5).group_by(lambda v: v // 2).collect() == [(0, [0, 1]), (1, [2, 3]), (2, [4])]
        assert await ac.from_iter([1, 1, 2, 2, 1, 0, 0]).distinct().collect() == [1, 2, 1, 0]
        assert await source(101).reduce(lambda a, v: a + v).get() == 5050
        assert await source(5).reduce(lambda a, v: a + v, 100).collect() == [110]
        assert await ac.Chan().close().reduce(lambda a, v: a + v).collect() == []
        assert await ac.Chan().close().reduce(lambda a, v: a + v, 7).collect() == [7]
        assert await source(5).scan(lambda a, v: a + v).collect() == [0, 1, 3, 6, 10]
        assert await source(3).scan(lambda a, v: a + v, 10).collect() == [10, 10, 11, 13]
        assert await source(5).async_apply().collect() == [0, 1, 2, 3, 4]
        assert await source(5).collect(2) == [0, 1]

    run(main())


def test_take_takes_no_more_than_it_was_told() -> None:
    async def main() -> None:
        source = ac.from_range(5)
        assert await source.take(2).collect() == [0, 1]
        assert await source.take(0).collect() == []
        assert await source.collect(0) == []
        assert await source.collect() == [2, 3, 4]

    run(main())


def test_a_group_has_one_value_at_least() -> None:
    async def main() -> None:
        with pytest.raises(ValueError):
            ac.from_range(3).group(0)

    run(main())


def test_an_out_that_is_given_may_stay_open() -> None:
    async def main() -> None:
        out = ac.Chan(10)
        assert ac.from_range(3).map(str, out=out, close=False) is out
        assert await out.collect(3) == ["0", "1", "2"]
        await turns()
        assert not out.closed
        ac.from_range(3).filter(bool, out=out)
        assert await out.collect() == [1, 2]

    run(main())


TRANSFORMS: list[Callable[[Any, Any], Any]] = [
    lambda chan, out: chan.map(lambda v: v, out=out),
    lambda chan, out: chan.map(lambda v: [v], out=out, flatten=True),
    lambda chan, out: chan.filter(lambda v: True, out=out),
    lambda chan, out: chan.take(100, out=out),
    lambda chan, out: chan.drop(0, out=out),
    lambda chan, out: chan.take_while(lambda v: True, out=out),
    lambda chan, out: chan.drop_while(lambda v: False, out=out),
    lambda chan, out: chan.group(1, out=out),
    lambda chan, out: chan.group(3, out=out),
    lambda chan, out: chan.group_by(lambda v: v // 2, out=out),
    lambda chan, out: chan.distinct(out=out),
    lambda chan, out: chan.scan(lambda a, v: v, out=out),
    lambda chan, out: chan.reduce(lambda a, v: v, out=out),
    lambda chan, out: chan.async_apply(out=out),
    lambda chan, out: ac.merge(chan, out=out),
    lambda chan, out: ac.zip_chans(chan, out=out),
    lambda chan, out: ac.combine_latest(chan, out=out),
    lambda chan, out: chan.distribute(out),
]


@pytest.mark.parametrize("number", range(len(TRANSFORMS)))
def test_nothing_is_taken_for_an_out_that_is_closed(number: int) -> None:
    async def main() -> None:
        source, out = ac.Chan(10).add(*range(1, 6)), ac.Chan().close()
        TRANSFORMS[number](source, out)
        await turns()
        assert await source.close().collect() == [1, 2, 3, 4, 5]
        await until(lambda: tasks() == 0)

    run(main())


@pytest.mark.parametrize("number", range(len(TRANSFORMS)))
def test_a_worker_that_waits_for_more_ends_when_its_out_is_closed(number: int) -> None:
    async def main() -> None:
        source, out = ac.Chan(10), ac.Chan()
        TRANSFORMS[number](source, out)
        await turns()
        out.close()
        await turns()
        source.add(1, 2, 3)
        assert await source.close().collect() == [1, 2, 3]
        await until(lambda: tasks() == 0)

    run(main())


def test_the_put_that_waits_when_the_out_is_closed_can_be_got_and_the_rest_stays() -> None:
    async def main() -> None:
        source, out = ac.Chan(10).add(1, 2, 3, 4, 5).close(), ac.Chan()
        source.map(lambda v: v, out=out)
        assert await out.get() == 1
        await turns()
        out.close()
        await until(lambda: tasks() == 0)
        assert await out.collect() == [2]
        assert await source.collect() == [3, 4, 5]

    run(main())


def test_a_partial_group_goes_back() -> None:
    async def main() -> None:
        source, out = ac.Chan(10).add(1, 2, 3, 4), ac.Chan()
        source.group(3, out=out)
        assert await out.get() == [1, 2, 3]
        await turns()
        out.close()
        await turns()
        assert await source.close().collect() == [4]

    run(main())


@pytest.mark.parametrize("number", range(12))
def test_the_error_of_a_function_reaches_the_consumer_after_the_results_before_it(number: int) -> None:
    def fail(*values: int) -> int:
        if values[-1] >= 3:
            raise ValueError(values[-1])
        return values[-1]

    async def fail_async(value: int) -> int:
        return fail(value)

    async def apply(inp: Any, out: Any) -> None:
        async for value in inp:
            await out.put(fail(value))

    pipelines: list[tuple[Callable[[Any], Any], list[object]]] = [
        (lambda chan: chan.map(fail), [1, 2]),
        (lambda chan: chan.map(lambda v: [fail(v)], flatten=True), [1, 2]),
        (lambda chan: chan.filter(fail), [1, 2]),
        (lambda chan: chan.take_while(fail), [1, 2]),
        (lambda chan: chan.drop_while(fail), []),
        (lambda chan: chan.group_by(fail), [(1, [1])]),
        (lambda chan: chan.scan(fail), [1, 2]),
        (lambda chan: chan.reduce(fail), []),
        (lambda chan: chan.async_pipe(2, fail_async), [1, 2]),
        (lambda chan: chan.parallel_pipe(2, fail, mode="thread"), [1, 2]),
        (lambda chan: chan.async_apply(apply), [1, 2]),
        (lambda chan: chan.map(fail).filter(bool).map(str), ["1", "2"]),
    ]
    make, expected = pipelines[number]

    async def main() -> None:
        out = make(ac.Chan(10).add(1, 2, 3, 4).close())
        got: list[object] = []

        async def consume() -> None:
            async for value in out:
                got.append(value)

        with pytest.raises(ValueError, match="3|4"):
            await asyncio.wait_for(consume(), 5)
        assert got == expected
        with pytest.raises(ValueError):
            await asyncio.wait_for(out.get(), 1)
        with pytest.raises(ValueError):
            await asyncio.wait_for(out.collect(), 1)
        with pytest.raises(ValueError):
            await asyncio.wait_for(out.join(), 1)

    run(main())


def test_a_consumer_that_waits_already_gets_the_error_too() -> None:
    async def main() -> None:
        source = ac.Chan()
        out = source.map(lambda v: 1 // v)
        get, choice = out.get(), ac.select(out)
        await turns()
        source.add(0)
        for waiting in (get, choice):
            with pytest.raises(ZeroDivisionError):
                await asyncio.wait_for(waiting, 1)

    run(main())


def test_a_function_that_returns_none_is_an_error() -> None:
    async def nothing(_value: object) -> None:
        return None

    async def main() -> None:
        for make in (
            lambda chan: chan.map(lambda v: None),
            lambda chan: chan.map(lambda v: [v, None], flatten=True),
            lambda chan: chan.async_pipe(2, nothing),
            lambda chan: chan.async_pipe_unordered(2, nothing),
            lambda chan: chan.parallel_pipe(2, lambda v: None, mode="thread"),
        ):
            with pytest.raises(TypeError):
                await asyncio.wait_for(make(ac.from_range(3)).collect(), 5)

    run(main())


def test_a_function_that_raises_stop_iteration_does_not_look_like_the_end() -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(ac.from_range(3).map(lambda v: next(iter(()))).collect(), 1)

    run(main())


def test_an_error_that_nobody_can_be_given_goes_to_the_loop() -> None:
    async def main() -> None:
        async def apply(_inp: object, out: Any) -> None:
            out.close()
            raise ValueError("late")

        with handled_errors() as told:
            assert await ac.Chan().async_apply(apply).get() is None
            await turns()
        assert [type(about["exception"]) for about in told] == [ValueError]

    run(main())


def test_abandoned_pipelines_leave_nothing() -> None:
    async def main() -> None:
        for number in range(100):
            ac.from_range().map(lambda v: v + 1).filter(lambda v: v % 2)
            ac.Chan().map(str).take(3).group(2)
            ac.merge(ac.Chan(), ac.from_range())
            ac.zip_chans(ac.Chan(), ac.Chan())
            out = ac.Chan().async_apply(_echo)
            assert out is not None
        del out
        gc.collect()
        await turns()
        await until(lambda: tasks() == 0)

    run(main())


async def _echo(inp: Any, out: Any) -> None:
    async for value in inp:
        if not await out.put(value):
            break


def test_pipelines_whose_outs_are_closed_leave_no_tasks() -> None:
    async def main() -> None:
        outs = [ac.from_range().map(lambda v: v + 1).filter(lambda v: v % 2) for _ in range(100)]
        await turns()
        for out in outs:
            out.close()
        await until(lambda: tasks() == 0)

    run(main())


def test_a_pipeline_is_not_collected_while_it_works() -> None:
    async def main() -> None:
        source, got = ac.Chan(), []

        async def sink(inp: Any, _out: Any) -> None:
            async for value in inp:
                await asyncio.sleep(0)
                got.append(value)

        source.map(lambda v: v * 2).async_apply(sink)
        for value in range(20):
            await source.put(value)
            gc.collect()
        await until(lambda: len(got) == 20)
        assert got == list(range(0, 40, 2))

    run(main())


def test_endless_pipelines_let_others_run() -> None:
    async def main() -> None:
        kept = [
            ac.from_range().filter(lambda v: False),
            ac.from_range().map(lambda v: [], flatten=True),
            ac.from_range().drop_while(lambda v: True),
            ac.from_range().reduce(lambda a, v: v),
            ac.from_range().dup(),
            ac.from_range().pub(lambda v: v),
            ac.from_range().group(10, out=ac.Chan("s", 1)),
            ac.merge(ac.from_range(), ac.from_range(), out=ac.Chan("d", 1)),
            ac.zip_chans(ac.from_range(), ac.from_range(), out=ac.Chan("d", 1)),
        ]
        await turns(50)
        assert len(kept) == 9

    run(main())
