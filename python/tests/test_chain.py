"""The fused chain: its steps, and what becomes of an item when whoever asked for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from stream_support import Source, agen, cancelled, everywhere, settle

import millstream as ms
from millstream._core import Chain


async def _plus_one(n: int) -> int:
    await asyncio.sleep(0)
    return n + 1


async def _is_even(n: int) -> bool:
    await asyncio.sleep(0)
    return n % 2 == 0


STEPS: list[tuple[tuple[Any, ...], list[Any]]] = [
    (("map", lambda n: n + 1), [1, 2, 3, 4, 5]),
    (("map", _plus_one), [1, 2, 3, 4, 5]),
    (("filter", lambda n: n % 2), [1, 3]),
    (("filter", _is_even), [0, 2, 4]),
    (("filter_map", lambda n: n or None), [1, 2, 3, 4]),
    (("flat_map", lambda n: [n] * n), [1, 2, 2, 3, 3, 3, 4, 4, 4, 4]),
    (("flat_map", lambda n: agen([n, n])), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]),
    (("take", 2), [0, 1]),
    (("take", 0), []),
    (("take", 9), [0, 1, 2, 3, 4]),
    (("skip", 3), [3, 4]),
    (("take_while", lambda n: n < 2), [0, 1]),
    (("take_while", _is_even), [0]),
    (("skip_while", lambda n: n < 3), [3, 4]),
    (("skip_while", _is_even), [1, 2, 3, 4]),
    (("distinct", None), [0, 1, 2, 3, 4]),
    (("distinct", lambda n: n // 2), [0, 2, 4]),
    (("chunks", 2), [[0, 1], [2, 3], [4]]),
    (("scan", 10, lambda a, b: a + b), [10, 11, 13, 16, 20]),
    (("enumerate", 7), [(7, 0), (8, 1), (9, 2), (10, 3), (11, 4)]),
    (("inspect", lambda n: None), [0, 1, 2, 3, 4]),
]


def sources() -> list[Callable[[], Any]]:
    def channel() -> Any:
        chan: ms.Chan[int] = ms.unbounded()
        for n in range(5):
            chan.put_nowait(n)
        chan.close()
        return chan

    return [channel, lambda: agen(range(5)), lambda: Source(range(5)), lambda: Chain(agen(range(5)))]


@pytest.mark.parametrize(
    ("step", "expected"), STEPS, ids=lambda value: str(value[0]) if isinstance(value, tuple) else ""
)
def test_each_step(step: tuple[Any, ...], expected: list[Any]) -> None:
    @everywhere
    async def on_each() -> None:
        for source in sources():
            assert [item async for item in Chain(source())._with(*step)] == expected

    on_each()


@everywhere
async def test_steps_follow_each_other() -> None:
    chain: Chain[Any] = Chain(agen(range(100)))
    for step in (
        ("map", _plus_one),
        ("filter", lambda n: n % 3 == 0),
        ("flat_map", lambda n: [n, -n]),
        ("enumerate", 0),
        ("take", 5),
        ("chunks", 2),
    ):
        chain = chain._with(*step)
    assert [item async for item in chain] == [[(0, 3), (1, -3)], [(2, 6), (3, -6)], [(4, 9)]]


def test_what_cannot_be_made() -> None:
    for wrong in 3, object(), ms.pair()[0]:
        with pytest.raises(TypeError, match="a stream is made of"):
            Chain(wrong)
    chain: Chain[int] = Chain(ms.unbounded())
    for step in ("map", 3), ("filter", None):
        with pytest.raises(TypeError, match="needs a function"):
            chain._with(*step)
    for bad in ("take", -1), ("skip", -1), ("chunks", 0), ("nothing", 1):
        with pytest.raises(ValueError):
            chain._with(*bad)


class Halting:
    """An async function of which every call waits until it is let go."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.is_open = False

    async def __call__(self, n: int) -> int:
        self.calls.append(n)
        if not self.is_open:
            await asyncio.get_running_loop().create_future()
        return n


@pytest.mark.parametrize("step", ["map", "filter", "filter_map", "take_while", "skip_while", "inspect", "distinct"])
def test_an_item_is_not_lost_when_its_function_is_cancelled(step: str) -> None:
    @everywhere
    async def on_each() -> None:
        for source in sources():
            function = Halting()
            chain = Chain(source())._with("skip", 1)._with(step, function)
            for _ in range(3):
                await cancelled(chain.__anext__())
            # The function has been begun with the same item each time.
            assert function.calls == [1, 1, 1]
            function.is_open = True
            rest = [item async for item in chain]
            assert function.calls[3:] == [1, 2, 3, 4]
            assert rest == ([] if step == "skip_while" else [1, 2, 3, 4])

    on_each()


@everywhere
async def test_waiting_for_the_source_loses_nothing() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    chain: Chain[int] = Chain(chan)._with("map", lambda n: n + 1)
    await cancelled(chain.__anext__())
    asked = asyncio.ensure_future(chain.__anext__())
    await settle()
    chan.put_nowait(1)
    asked.cancel()
    await settle()
    # It was on its way, and went back.
    assert asked.cancelled()
    assert await chain.__anext__() == 2


@everywhere
async def test_an_error_ends_it() -> None:
    def fail(n: int) -> int:
        if n == 1:
            raise KeyError("step")
        return n

    async def fail_later(n: int) -> int:
        await asyncio.sleep(0)
        return fail(n)

    for function in fail, fail_later:
        chain: Chain[int] = Chain(agen(range(5)))._with("map", function)
        assert await chain.__anext__() == 0
        with pytest.raises(KeyError, match="step"):
            await chain.__anext__()
        with pytest.raises(StopAsyncIteration):
            await chain.__anext__()
    failing: Chain[int] = Chain(Source([0, ValueError("source")]))._with("map", lambda n: n)
    assert await failing.__anext__() == 0
    with pytest.raises(ValueError, match="source"):
        await failing.__anext__()
    chan: ms.Chan[int] = ms.bounded(1)
    chan.close(KeyError("close"))
    with pytest.raises(KeyError, match="close"):
        await Chain(chan).__anext__()


@everywhere
async def test_only_one_task_at_a_time() -> None:
    chan: ms.Chan[int] = ms.rendezvous()

    async def ask_again(n: int) -> int:
        with pytest.raises(RuntimeError, match="one task at a time"):
            await chain.__anext__()
        return n

    chain: Chain[int] = Chain(chan)._with("map", ask_again)
    asked = asyncio.ensure_future(chain.__anext__())
    await settle()
    await chan.put(1)
    assert await asked == 1
    step = chain.__anext__()
    await cancelled(step)
    with pytest.raises(RuntimeError, match="only once"):
        await step


@everywhere
async def test_closing_it_closes_its_source() -> None:
    source: Source[int] = Source(range(5))
    chain: Chain[int] = Chain(source)._with("map", lambda n: n)
    assert await chain.__anext__() == 0
    await chain.aclose()
    assert source.closed == 1
    assert [item async for item in chain] == []

    ended: list[str] = []

    async def generate() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            ended.append("generator")

    chain = Chain(generate())
    assert await chain.__anext__() == 1
    await chain.aclose()
    assert ended == ["generator"]


@everywhere
async def test_a_ready_source_lets_siblings_run() -> None:
    async def forever() -> AsyncIterator[int]:
        while True:
            yield 1

    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    ticking = asyncio.ensure_future(tick())
    async for _, count in agen_zip(Chain(forever())._with("filter", lambda n: True)):
        if count == 5000:
            break
    ticking.cancel()
    assert turns >= 5


async def agen_zip(items: AsyncIterator[Any]) -> AsyncIterator[tuple[Any, int]]:
    count = 0
    async for item in items:
        yield item, count
        count += 1


def test_nothing_can_be_sent_into_what_is_awaited() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    chan.put_nowait(1)
    for waiting in chan.get(), chan.stream().__anext__():
        with pytest.raises(TypeError, match="only None"):
            waiting.send(1)  # type: ignore[arg-type]
    assert chan.get_nowait() == 1
