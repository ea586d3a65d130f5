"""Tasks belong to their stream: none outlives it, however it ends."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import millstream as ms
import pytest
from stream_support import Never, Source, alone, everywhere, run, settle


async def echo(item: Any) -> Any:
    return item


async def wait_after(first: int) -> Any:
    """One item, and then nothing, in an async generator."""
    yield first
    await Never()


MAKERS: dict[str, Callable[[Any], Any]] = {
    "merge": lambda source: ms.merge(source, wait_after(0)),
    "merge with a channel": lambda source: ms.merge(source, ms.bounded(1)),
    "merge_all": lambda source: ms.stream([source, wait_after(0)]).merge_all(2),
    "zip_all": lambda source: ms.zip_all(source, wait_after(0)),
    "zip_longest": lambda source: ms.zip_longest(source, wait_after(0)),
    "combine_latest": lambda source: ms.combine_latest(source, wait_after(0)),
    "buffered": lambda source: ms.stream(source).buffered(3, echo),
    "buffer_unordered": lambda source: ms.stream(source).buffer_unordered(3, echo),
    "buffer_ahead": lambda source: ms.stream(source).buffer_ahead(3),
    "active": lambda source: ms.stream(source).active(3),
    "fork": lambda source: ms.stream(source).fork(),
    "share": lambda source: ms.stream(source).share(),
    "stoppable": lambda source: ms.stream(source).stoppable()[0],
    "batch": lambda source: ms.stream(source).batch(1, 1),
    "debounce": lambda source: ms.stream(source).debounce(0),
    "generate": lambda source: ms.generate(lambda emit: ms.stream(source).for_each(emit)),
}


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_a_hundred_abandoned_pipelines_leave_no_task_and_no_reference(name: str) -> None:
    sources = []
    for _ in range(100):
        source = Source[int]([1, Never()])
        sources.append(weakref.ref(source))
        pipe = MAKERS[name](source).map(lambda item: item)
        await pipe.__anext__()
        del source, pipe
    await alone()
    assert [source for source in sources if source() is not None] == []


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_closing_ends_the_tasks_and_closes_the_source_before_it_returns(name: str) -> None:
    source = Source[int]([1, Never()])
    pipe = MAKERS[name](source)
    await pipe.__anext__()
    await settle()
    await pipe.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    if name != "generate":
        assert source.closed == 1
    await pipe.aclose()
    with pytest.raises(StopAsyncIteration):
        await pipe.__anext__()


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_a_pipeline_in_a_cycle_is_collected(name: str) -> None:
    class Keeps:
        pipe: Any

    keeps = Keeps()
    keeps.pipe = MAKERS[name](Source[int]([1, Never()]))
    keeps.me = keeps
    await keeps.pipe.__anext__()
    del keeps
    await alone()


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_cancelling_the_consumer_ends_everything(name: str) -> None:
    source = Source[int]([1, Never()])

    async def consume() -> None:
        async for _ in MAKERS[name](source):
            pass

    task = asyncio.ensure_future(consume())
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    await alone()


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_an_exhausted_stream_has_no_tasks_left(name: str) -> None:
    pipe = MAKERS[name](Source[int]([1]))
    if name in ("merge", "merge with a channel", "merge_all", "zip_longest", "combine_latest"):
        await pipe.__anext__()
        await pipe.aclose()
    await pipe.collect()
    if name == "zip_all":  # It still knows the rest.
        await settle()
        assert len(asyncio.all_tasks()) == 2
        del pipe
    await alone()


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_closing_before_the_task_has_begun_closes_the_source(name: str) -> None:
    source = Source[int]([1, Never()])
    pipe = MAKERS[name](source)
    waiting = asyncio.ensure_future(pipe.__anext__())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    await pipe.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    if name not in ("generate", "merge_all"):  # In these nobody has heard of the source yet.
        assert source.closed
    await settle()


@pytest.mark.parametrize("name", MAKERS)
@everywhere
async def test_the_error_of_a_source_ends_all_tasks_while_the_stream_is_still_there(name: str) -> None:
    pipe = MAKERS[name](Source[int]([ValueError("boom")]))
    with pytest.raises(ValueError, match="boom"):
        await pipe.__anext__()
        await pipe.__anext__()
    if name == "merge with a channel":
        await pipe.aclose()
    await alone()
    del pipe


@everywhere
async def test_a_task_that_nobody_else_refers_to_is_not_collected_in_the_midst_of_its_work() -> None:
    later = asyncio.get_running_loop().create_future()

    async def source() -> Any:
        yield 0
        yield await later

    merged = ms.merge(source())
    assert await merged.__anext__() == 0
    for _ in range(3):
        gc.collect()
        await settle()
    later.set_result(1)
    assert await merged.collect() == [1]


def test_a_stream_collected_in_another_thread_ends_its_tasks() -> None:
    async def main() -> None:
        source = Source[int]([1, Never()])
        pipes = [ms.stream(source).buffer_ahead(2)]
        await pipes[0].__anext__()
        await settle()
        thread = threading.Thread(target=pipes.clear)
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0)
        await alone()
        assert source.closed == 1

    run(main())


def test_a_stream_that_outlives_its_loop_is_let_go_of_quietly() -> None:
    kept = []

    async def main() -> None:
        pipe = ms.stream(Source[int]([1, 2, Never()])).buffer_ahead(2)
        await pipe.__anext__()
        kept.append(pipe)

    run(main())

    async def later() -> None:
        await kept.pop().aclose()
        await alone()

    run(later())


@everywhere
async def test_a_source_that_cancels_reaches_the_consumer_and_hangs_nobody() -> None:
    async def cancelling() -> Any:
        yield 1
        raise asyncio.CancelledError

    pipe = ms.stream(cancelling()).buffer_ahead(2)
    assert await pipe.__anext__() == 1
    with pytest.raises(asyncio.CancelledError):
        await pipe.__anext__()
    await alone()


@everywhere
async def test_an_error_in_closing_the_source_reaches_the_consumer() -> None:
    class Fails(Source[int]):
        async def aclose(self) -> None:
            raise ValueError("boom")

    pipe = ms.stream(Fails([1])).buffer_ahead(2)
    assert await pipe.__anext__() == 1
    with pytest.raises(ValueError, match="boom"):
        await pipe.__anext__()


def test_what_needs_a_loop_says_so() -> None:
    source = Source[int]([1])
    with pytest.raises(RuntimeError, match="no running event loop"):
        ms.stream(source).active(1)
    ms.merge(source)
    assert source.pulled == 0


def test_bad_sources_are_refused_and_leave_nothing_behind() -> None:
    for make in (ms.merge, ms.zip_all, ms.zip_longest, ms.combine_latest):
        with pytest.raises(TypeError, match="not int"):
            make([1], 3)
    gc.collect()
