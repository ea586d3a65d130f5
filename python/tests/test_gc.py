"""What the garbage collector finds, and what it has to leave: no cycle over a channel stays, and nothing that waits goes."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from stream_support import agen, run, settle

import millstream as ms
from millstream._core import Chain


class Marked:
    """An object whose end can be seen."""

    def __init__(self, *refers_to: Any) -> None:
        self.refers_to = refers_to


CYCLES: dict[str, Callable[[Marked], Any]] = {}


def cycle(make: Callable[[Marked], Any]) -> Callable[[Marked], Any]:
    CYCLES[make.__name__] = make
    return make


@cycle
def value(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.bounded(2)
    chan.put_nowait((chan, mark))


@cycle
def value_of_a_promise(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.promise()
    chan.put_nowait((chan, mark))
    chan.get_nowait()


@cycle
def values_of_halves(mark: Marked) -> None:
    sender, receiver = ms.pair(4)
    sender.put_nowait((sender, receiver, mark, receiver.__aiter__(), iter(receiver), receiver.stream()))


@cycle
def own_buffer(mark: Marked) -> None:
    class Own(list):  # type: ignore[type-arg]
        push = list.append

        def is_full(self) -> bool:
            return False

    buffer = Own()
    chan: ms.Chan[Any] = ms.with_buffer(buffer)
    chan.put_nowait((chan, mark))
    buffer.mark = mark


@cycle
def new_operations(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.unbounded()
    items: list[Any] = [mark]
    operations = [chan.put((chan, mark)), chan.put_many(items), ms.select(chan, (chan, chan)), chan.get_many(1)]
    operations.append(ms.select((chan, mark), timeout=5, default=mark))
    items += operations
    chan.put_nowait(operations)


@cycle
def started_put(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.rendezvous()
    chan.put((chan, mark)).start()


@cycle
def started_get(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.rendezvous()
    operation = chan.get()
    operation.start(lambda _: (chan, operation, mark))


@cycle
def started_puts(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.rendezvous()
    items: list[Any] = [chan, mark]
    operation = chan.put_many(iter(items))
    items.append(operation)
    operation.start()


@cycle
def started_select(mark: Marked) -> None:
    a: ms.Chan[Any] = ms.rendezvous()
    b: ms.Chan[Any] = ms.rendezvous()
    ms.select((a, (b, mark)), (b, (a, mark))).start(lambda _: (a, b, mark))


@cycle
def ended_operation(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.unbounded()
    put, got = chan.put(mark), chan.get()
    put.start()
    got.start()
    mark.refers_to = (put, got)


@cycle
def failed_operation(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.unbounded()
    chan.close()
    operation = chan.put(mark)
    operation.start()
    mark.refers_to = (chan, operation)


@cycle
def selected(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.unbounded()
    chan.put_nowait(mark)
    mark.refers_to = (ms.select_blocking(chan), chan)


@cycle
def close_error(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.bounded(1)
    try:
        raise KeyError(mark, chan)
    except KeyError as error:
        chan.close(error)


@cycle
def chain(mark: Marked) -> None:
    chan: ms.Chan[Any] = ms.unbounded()
    stream: Any = Chain(chan)
    for step in "map", "filter", "filter_map", "flat_map", "take_while", "skip_while", "inspect", "distinct":
        stream = stream._with(step, lambda item: (chan, mark, stream))
    stream = stream._with("scan", mark, lambda a, b: stream)._with("chunks", 3)
    chan.put_nowait((stream, stream.__anext__()))


@cycle
def chain_under_way(mark: Marked) -> None:
    async def wait(_: object) -> None:
        await chan.get()

    chan: ms.Chan[Any] = ms.rendezvous()
    items: list[Any] = [mark]
    for stream in (
        Chain(agen(items))._with("map", wait),
        Chain(agen(items))._with("chunks", 2)._with("inspect", wait),
        Chain(agen([items]))._with("flat_map", lambda item: agen(item))._with("map", wait),
        Chain(chan)._with("map", lambda _: items),
    ):
        items.append(stream)
        in_a_task(lambda stream=stream: stream.__anext__())


def in_a_task(wait: Callable[[], Any]) -> None:
    """Begins to wait in a task, of which nothing is kept but what the wait itself keeps."""

    async def waiting() -> None:
        await wait()

    async def main() -> None:
        # asyncio knows a task weakly, and calls it back through what it waits for.
        asyncio.ensure_future(waiting())  # noqa: RUF006
        await settle()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


def waiting_in_a_task(name: str, make: Callable[[ms.Chan[Any], Any], Callable[[], Any]]) -> None:
    def in_task(mark: Marked) -> None:
        chan: ms.Chan[Any] = ms.rendezvous()
        in_a_task(make(chan, (chan, mark)))

    CYCLES[name] = in_task


waiting_in_a_task("task_get", lambda chan, value: lambda: (value, chan.get())[1])
waiting_in_a_task("task_get_many", lambda chan, value: lambda: (value, chan.get_many(3))[1])
waiting_in_a_task("task_put", lambda chan, value: lambda: chan.put(value))
waiting_in_a_task("task_put_many", lambda chan, value: lambda: chan.put_many(iter([value, value])))
waiting_in_a_task("task_join", lambda chan, value: lambda: (value, chan.join())[1])
waiting_in_a_task("task_closed", lambda chan, value: lambda: (value, chan.closed())[1])
waiting_in_a_task("task_next", lambda chan, value: lambda: (value, chan.__aiter__().__anext__())[1])
waiting_in_a_task(
    "task_select", lambda chan, value: lambda: ms.select((chan, value), ms.rendezvous(), (ms.rendezvous(), chan))
)
waiting_in_a_task("task_select_timeout", lambda chan, value: lambda: ms.select((chan, value), timeout=1000))
waiting_in_a_task("task_timeout", lambda chan, value: lambda: (value, ms.select(timeout=1000))[1])


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """asyncio says that a waiting task was destroyed: which is what these tests do."""
    caplog.set_level("CRITICAL", "asyncio")


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_collected(name: str) -> None:
    gc.collect()
    mark = Marked()
    gone = weakref.ref(mark)
    CYCLES[name](mark)
    del mark
    # What ran in this thread last is remembered until the next does.
    run(settle())
    gc.collect()
    gc.collect()
    assert gone() is None


def test_whoever_waits_lives_while_the_channel_can_be_reached() -> None:
    async def main() -> None:
        chan: ms.Chan[int] = ms.rendezvous()
        got: list[int] = []

        async def wait() -> None:
            got.append(await chan.get())

        for _ in range(10):
            asyncio.ensure_future(wait())  # noqa: RUF006
        chan.get().start(lambda operation: got.append(operation.result()))
        await settle()
        for _ in range(3):
            gc.collect()
        for n in range(11):
            await chan.put(n)
        await settle()
        assert sorted(got) == list(range(11))

    run(main())


def test_whoever_waits_for_time_lives_too() -> None:
    async def main() -> None:
        done: list[int] = []

        async def wait() -> None:
            done.append((await ms.select(timeout=0.01)).index)

        asyncio.ensure_future(wait())  # noqa: RUF006
        await settle()
        gc.collect()
        await asyncio.sleep(0.05)
        assert done == [-1]

    run(main())


def test_a_reachable_end_keeps_a_waiting_pipeline() -> None:
    async def main() -> None:
        first: ms.Chan[int] = ms.rendezvous()
        last: ms.Chan[int] = ms.rendezvous()

        async def move(a: ms.Chan[int], b: ms.Chan[int]) -> None:
            async for value in a:
                await b.put(value + 1)

        end = first
        for _ in range(5):
            following: ms.Chan[int] = ms.rendezvous()
            asyncio.ensure_future(move(end, following))  # noqa: RUF006
            end = following
        asyncio.ensure_future(move(end, last))  # noqa: RUF006
        del end, following
        await settle()
        gc.collect()
        await first.put(0)
        assert await last.get() == 6

    run(main())


def test_a_hundred_abandoned_pipelines() -> None:
    async def main() -> None:
        marks: list[Any] = []

        async def work(source: ms.Chan[Any], target: ms.Chan[Any]) -> None:
            async with target:
                async for value in source:
                    await target.put(value)

        def abandon() -> None:
            mark = Marked()
            marks.append(weakref.ref(mark))
            chans: list[ms.Chan[Any]] = [ms.bounded(1) for _ in range(4)]
            for a, b in zip(chans, chans[1:]):
                asyncio.ensure_future(work(a, b))  # noqa: RUF006
            # Some wait for values, some hold one and wait for room, some are fed without a task.
            if len(marks) % 3:
                feeding = chans[0].put_many(iter([mark] * 10))
                asyncio.ensure_future(feeding) if len(marks) % 3 == 1 else feeding.start()
            stream = chans[-1].stream().map(lambda value: (mark, value))
            if len(marks) % 2:
                asyncio.ensure_future(stream.__anext__())  # noqa: RUF006

        mine = {asyncio.current_task()}
        for _ in range(100):
            abandon()
        await settle()
        gc.collect()
        await settle()
        gc.collect()
        assert asyncio.all_tasks() == mine
        assert [mark for mark in marks if mark() is not None] == []

    # asyncio has something to say of each task that is destroyed, which is why this runs on a loop of its own.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


async def _every_kind(n: int, mark: Any) -> None:
    chan: ms.Chan[Any] = ms.bounded(2)
    await chan.put(mark)
    await chan.get()
    chan.put_nowait(mark)
    chan.get_nowait()
    await chan.put_many([mark, mark])
    await chan.get_many(2)
    await ms.select((chan, mark), chan)
    await ms.select(chan, timeout=5)
    await ms.select(chan, default=mark)
    for operation in chan.put(mark), chan.get(), ms.select((chan, mark)):
        operation.start(lambda _: mark)
        operation.result()
    chan.unget(mark)
    chan.peek(), chan.drain(), chan.stats(), chan.split(), repr(chan)
    getting = asyncio.ensure_future(chan.get())
    selecting = asyncio.ensure_future(ms.select(chan, ms.rendezvous(), timeout=5))
    started = chan.get()
    await asyncio.sleep(0)
    started.start(lambda _: mark)
    await chan.put_many([mark] * 2)
    await getting
    if n % 2:
        selecting.cancel()
        await asyncio.wait([selecting])
    else:
        await selecting
    started.cancel()
    for refused in (
        chan.get_nowait,
        lambda: chan.put_nowait(mark) or chan.put_blocking(mark, 0) or chan.put_nowait(mark),
    ):
        try:
            refused()
        except ms.Error:
            pass
    chan.drain()
    chan.put_blocking(mark)
    assert chan.get_blocking() is mark
    chan.close(ValueError(mark))
    for wait in chan.get(), chan.put(mark), chan.join(), chan.stream().map(str).take(2).__anext__():
        try:
            await wait
        except (ValueError, ms.Closed):
            pass


@pytest.mark.skipif(not hasattr(sys, "getrefcount"), reason="only CPython counts references")
def test_no_reference_is_lost_or_kept() -> None:
    mark = Marked()

    async def main(turns: int) -> None:
        for n in range(turns):
            await _every_kind(n, mark)

    def counts() -> tuple[int, int, int]:
        run(main(1))
        for _ in range(3):
            gc.collect()
        return sys.getrefcount(mark), sys.getrefcount(None), len(gc.get_objects())

    run(main(20))
    marks, nones, objects = counts()
    # Ten thousand operations, more than twenty a turn.
    run(main(500))
    later_marks, later_nones, later_objects = counts()
    assert later_marks == marks
    # Others than we count references to None, and make objects.
    if nones < 2**30:  # Immortal since 3.12.
        assert abs(later_nones - nones) < 100
    assert abs(later_objects - objects) < 100
