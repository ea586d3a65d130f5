"""Channels over a buffer written in Python: what it is asked, and what its errors do."""

from __future__ import annotations

import asyncio
import heapq
from typing import Any

import pytest
from core_support import LIMIT, in_thread
from stream_support import everywhere, settle

import millstream as ms


class Heap:
    """The smallest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.heap: list[int] = []

    def push(self, value: int) -> None:
        heapq.heappush(self.heap, value)

    def pop(self) -> int:
        return heapq.heappop(self.heap)

    def __len__(self) -> int:
        return len(self.heap)

    def is_full(self) -> bool:
        return len(self.heap) >= self.most


class Faulty(Heap):
    """Raises in one of its methods, from some moment on."""

    def __init__(self, method: str) -> None:
        super().__init__(3)
        self.method = method
        self.is_broken = False

    def _check(self, method: str) -> None:
        if self.is_broken and method == self.method:
            raise KeyError(method)

    def push(self, value: int) -> None:
        self._check("push")
        super().push(value)

    def pop(self) -> int:
        self._check("pop")
        return super().pop()

    def __len__(self) -> int:
        self._check("__len__")
        return super().__len__()

    def is_full(self) -> bool:
        self._check("is_full")
        return super().is_full()


@everywhere
async def test_the_buffer_decides_the_order() -> None:
    chan: ms.Chan[int] = ms.with_buffer(Heap(3), name="heap")
    putting = asyncio.ensure_future(chan.put_many([5, 3, 9, 1]))
    await settle()
    assert not putting.done()
    assert await chan.get() == 3
    await putting
    chan.close()
    assert [value async for value in chan] == [1, 5, 9]
    assert chan.name == "heap"


def test_capacity_is_the_buffers_own_if_it_says_so() -> None:
    class Sized(Heap):
        capacity = 7

    assert ms.with_buffer(Sized(7)).capacity == 7
    assert ms.with_buffer(Heap(7)).capacity is None


def test_a_buffer_that_drops() -> None:
    class Newest(list):  # type: ignore[type-arg]
        def push(self, value: int) -> None:
            self[:] = [value]

        def is_full(self) -> bool:
            return False

    chan: ms.Chan[int] = ms.with_buffer(Newest())
    for n in range(5):
        chan.put_nowait(n)
    assert chan.drain() == [4]


def test_what_is_no_buffer() -> None:
    for wrong in object(), [], 3:
        with pytest.raises(TypeError, match="a buffer needs the methods"):
            ms.with_buffer(wrong)  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize("method", ["push", "pop", "__len__", "is_full"])
def test_an_error_closes_the_channel_with_it(method: str) -> None:
    @everywhere
    async def on_each() -> None:
        buffer = Faulty(method)
        chan: ms.Chan[int] = ms.with_buffer(buffer)
        chan.put_nowait(1)
        buffer.is_broken = True
        with pytest.raises(KeyError, match=method):
            if method == "pop":
                await chan.get()
            else:
                await chan.put(2)
        assert chan.is_closed()
        assert isinstance(chan.error, KeyError)
        for wait in chan.get(), chan.join():
            with pytest.raises(KeyError, match=method):
                await wait
        with pytest.raises(ms.Closed) as closed:
            await chan.put(3)
        assert isinstance(closed.value.__cause__, KeyError)
        # To ask the channel how it is runs into no error of the buffer's any more.
        repr(chan), len(chan), chan.is_full(), chan.is_empty(), chan.stats(), chan.drain(), chan.capacity

    on_each()


@everywhere
async def test_an_error_reaches_whoever_waits() -> None:
    buffer = Faulty("push")
    chan: ms.Chan[int] = ms.with_buffer(buffer)
    selecting = asyncio.ensure_future(ms.select(chan))
    getting = asyncio.ensure_future(chan.get())
    blocked = in_thread(chan.get_blocking)
    await settle()
    buffer.is_broken = True
    with pytest.raises(KeyError):
        chan.put_nowait(1)
    with pytest.raises(KeyError):
        await getting
    won = await selecting
    assert won.closed
    with pytest.raises(KeyError):
        won.value
    assert isinstance(await asyncio.get_running_loop().run_in_executor(None, blocked.exception, LIMIT), KeyError)


@pytest.mark.parametrize("method", ["__len__", "is_full"])
def test_a_buffer_that_fails_from_the_first(method: str) -> None:
    buffer = Faulty(method)
    buffer.is_broken = True
    with pytest.raises(KeyError, match=method):
        ms.with_buffer(buffer)


def test_a_buffer_may_use_other_channels_and_look_at_its_own() -> None:
    log: ms.Chan[str] = ms.unbounded()

    class Curious(Heap):
        def push(self, value: int) -> None:
            log.put_nowait(f"push {value}")
            assert not chan.is_closed()
            super().push(value)

        def pop(self) -> int:
            log.put_nowait("pop")
            return super().pop()

    chan: ms.Chan[int] = ms.with_buffer(Curious(2))
    done = in_thread(lambda: (chan.put_nowait(2), chan.get_nowait()))
    assert done.result(LIMIT) == (None, 2)
    assert log.drain() == ["push 2", "pop"]


def test_a_buffer_may_not_use_the_channel_that_it_serves() -> None:
    class Selfish(Heap):
        def push(self, value: int) -> None:
            use()

    for use in (
        lambda: chan.put_nowait(1),
        lambda: chan.get_nowait(),
        lambda: chan.drain(),
        lambda: chan.put_blocking(1),
        lambda: ms.select_blocking(chan, timeout=1),
        lambda: finish(chan.get()),
    ):
        chan: ms.Chan[int] = ms.with_buffer(Selfish(2))
        putting = in_thread(chan.put_nowait, 1)
        with pytest.raises(RuntimeError, match="a buffer used the channel that it serves"):
            putting.result(LIMIT)
        assert chan.is_closed()


def finish(operation: ms.Operation[Any]) -> Any:
    assert operation.start()
    return operation.result()


def test_its_methods_are_called_one_at_a_time() -> None:
    class Careful(Heap):
        busy = False

        def push(self, value: int) -> None:
            assert not self.busy
            self.busy = True
            for _ in range(200):
                pass
            super().push(value)
            self.busy = False

        def pop(self) -> int:
            assert not self.busy
            self.busy = True
            for _ in range(200):
                pass
            value = super().pop()
            self.busy = False
            return value

    chan: ms.Chan[int] = ms.with_buffer(Careful(4))

    def produce() -> None:
        for n in range(500):
            chan.put_blocking(n)

    producers = [in_thread(produce) for _ in range(3)]
    consumers = [in_thread(lambda: list(chan)) for _ in range(3)]
    for producer in producers:
        producer.result(LIMIT)
    chan.close()
    got: list[Any] = sum((consumer.result(LIMIT) for consumer in consumers), [])
    assert sorted(got) == sorted(list(range(500)) * 3)
    assert chan.error is None
