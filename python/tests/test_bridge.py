"""Bridges between threads and loops: who waits for whom, and that nobody is kept waiting."""

from __future__ import annotations

import asyncio
import contextvars
import errno
import gc
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from stream_support import Source, agen, alone, everywhere, settle

import millstream as ms


def no_thread_left() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("millstream"):
            thread.join(timeout=20)
            assert not thread.is_alive(), thread.name


async def in_thread(function: Any, *arguments: Any) -> Any:
    """The result of a function on a thread of its own."""
    done: ms.Chan[Any] = ms.bounded(1)

    def call() -> None:
        try:
            done.put_nowait(function(*arguments))
        except BaseException as error:
            done.close(error=error)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        return await done.get()
    finally:
        thread.join()


# -- to_iter


@everywhere
async def test_a_thread_reads_a_stream_of_the_loop() -> None:
    assert await in_thread(list, ms.to_iter(agen(range(100)))) == list(range(100))
    assert await in_thread(list, ms.to_iter([1, None, 2], 0)) == [1, None, 2]
    ch: ms.Chan[int] = ms.bounded(3)
    for n in range(3):
        ch.put_nowait(n)
    ch.close()
    assert await in_thread(list, ms.to_iter(ch)) == [0, 1, 2]
    await alone()


@everywhere
async def test_a_thread_can_name_the_loop() -> None:
    loop = asyncio.get_running_loop()

    def read() -> list[int]:
        with pytest.raises(RuntimeError, match="name the one"):
            ms.to_iter(agen(range(3)))
        return list(ms.to_iter(agen(range(3)), loop=loop))

    assert await in_thread(read) == [0, 1, 2]
    await alone()


@everywhere
async def test_the_loop_is_never_stalled_and_the_iterator_at_most_so_far_behind() -> None:
    source = Source[int](range(100))
    iterator = ms.to_iter(source, 3)
    await settle()
    assert source.pulled == 4
    assert await in_thread(next, iterator) == 0
    await settle()
    assert source.pulled == 5
    iterator.close()  # type: ignore[attr-defined]
    await alone()
    assert source.closed == 1
    assert await in_thread(list, iterator) == []


@everywhere
async def test_an_iterator_that_nobody_reads_is_given_up() -> None:
    source = Source[int]([1, asyncio.get_running_loop().create_future()])
    iterator = ms.to_iter(source)
    assert await in_thread(next, iterator) == 1
    del iterator
    await alone()
    assert source.closed == 1


@everywhere
async def test_the_loop_that_makes_the_items_is_told_not_to_wait_for_itself() -> None:
    iterator = ms.to_iter(agen([1]))
    with pytest.raises(RuntimeError, match="wait for itself"):
        next(iterator)
    assert await in_thread(next, iterator) == 1


@everywhere
async def test_errors_of_the_stream_reach_the_thread() -> None:
    for error in (ValueError("stream"), ms.Closed()):
        iterator = ms.to_iter(Source([1, error]), 5)
        assert await in_thread(next, iterator) == 1
        with pytest.raises(type(error)):
            await in_thread(next, iterator)
    await alone()


def test_a_loop_that_is_shut_down_wakes_the_thread_that_reads() -> None:
    got: list[Any] = []
    waiting = threading.Event()

    def read(iterator: Iterator[int]) -> None:
        try:
            for item in iterator:
                got.append(item)
                waiting.set()
        except ms.Error as error:
            got.append(error)

    async def endless() -> AsyncIterator[int]:
        yield 1
        await asyncio.get_running_loop().create_future()

    async def main() -> threading.Thread:
        thread = threading.Thread(target=read, args=(ms.to_iter(endless()),))
        thread.start()
        await in_thread(waiting.wait)
        return thread

    thread = asyncio.run(main(), debug=True)
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert got[0] == 1
    assert "cancelled" in str(got[1])


# -- from_blocking_iter


@everywhere
async def test_an_iterator_that_blocks_is_read_on_a_thread() -> None:
    gates: ms.Chan[int] = ms.rendezvous()
    rx = ms.from_blocking_iter(iter(gates.get_blocking, 0), 2)
    for n in (1, 2, 3):
        await gates.put(n)
        assert await rx.get() == n
    await gates.put(0)
    with pytest.raises(ms.Closed):
        await rx.get()
    no_thread_left()


def test_no_more_is_read_ahead_than_was_said() -> None:
    pulled: ms.Chan[int] = ms.unbounded()
    closed = threading.Event()

    def numbers() -> Iterator[int]:
        try:
            for n in range(100):
                pulled.put_nowait(n)
                yield n
        finally:
            closed.set()

    for capacity in (1, 3):
        rx = ms.from_blocking_iter(numbers(), capacity)
        for n in range(capacity):
            assert pulled.get_blocking(timeout=20) == n
        assert rx.get_blocking(timeout=20) == 0
        assert pulled.get_blocking(timeout=20) == capacity
        assert pulled.is_empty()
        closed.clear()
        del rx
        assert closed.wait(timeout=20)
        no_thread_left()
        assert pulled.drain() == []
    with pytest.raises(ValueError):
        ms.from_blocking_iter([], 0)


def test_errors_of_the_iterator_come_after_its_items() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("iterator")

    rx = ms.from_blocking_iter(failing())
    assert rx.get_blocking(timeout=20) == 1
    with pytest.raises(ValueError, match="iterator"):
        rx.get_blocking(timeout=20)
    with pytest.raises(TypeError):
        ms.from_blocking_iter(5).get_blocking(timeout=20)  # type: ignore[arg-type]
    no_thread_left()


# -- run_in_thread


@everywhere
async def test_a_coroutine_runs_on_a_thread_of_its_own() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")
    variable.set(5)

    async def work() -> tuple[int, bool]:
        await asyncio.sleep(0)
        return variable.get(), threading.current_thread() is threading.main_thread()

    assert await ms.run_in_thread(work()).get() == (5, False)
    rx = ms.run_in_thread(work())
    assert await rx.get() == (5, False)
    with pytest.raises(ms.Closed):
        await rx.get()
    no_thread_left()


@everywhere
async def test_its_exception_is_raised_by_get() -> None:
    async def fails() -> None:
        raise KeyError("thread")

    with pytest.raises(KeyError):
        await ms.run_in_thread(fails()).get()
    no_thread_left()


def test_it_is_cancelled_when_nobody_wants_it() -> None:
    for leave in ("close", "drop"):
        begun = threading.Event()
        ended: ms.Chan[str] = ms.bounded(1)

        async def work() -> None:
            begun.set()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                ended.put_nowait("cancelled")

        rx = ms.run_in_thread(work())
        assert begun.wait(timeout=20)
        if leave == "close":
            rx.close()
        else:
            del rx
        assert ended.get_blocking(timeout=20) == "cancelled"
        no_thread_left()


@everywhere
async def test_channels_connect_it_with_other_loops() -> None:
    numbers: ms.Chan[int] = ms.rendezvous()

    async def total(numbers: ms.Receiver[int]) -> int:
        return sum([n async for n in numbers])

    rx = ms.run_in_thread(total(numbers.receiver()))
    for n in range(100):
        await numbers.put(n)
    numbers.close()
    assert await rx.get() == 4950
    no_thread_left()


# -- accept


def listen() -> tuple[socket.socket, Any]:
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()


@everywhere
async def test_connections_come_as_a_stream() -> None:
    listener, address = listen()
    connections = ms.accept(listener)
    for n in range(3):
        reader, writer = await asyncio.open_connection(*address)
        server = await connections.get()
        writer.write(b"line %d\n" % n)
        assert await server.reader.readline() == b"line %d\n" % n
        server.writer.write(b"answer")
        server.writer.close()
        assert await reader.read() == b"answer"
        writer.close()
        await writer.wait_closed()
        await server.writer.wait_closed()
    connections.close()
    await alone()
    assert listener.fileno() < 0
    with pytest.raises(OSError):
        await asyncio.open_connection(*address)


@everywhere
async def test_connections_that_are_reset_concern_nobody_else() -> None:
    listener, address = listen()
    connections = ms.accept(listener)
    for _ in range(5):
        rude = socket.create_connection(address)
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rude.close()
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"hello\n")
    lines = []
    while not lines:
        server = await connections.get()
        try:
            lines += [line for line in [await server.reader.readline()] if line]
        except ConnectionError:
            pass
        server.writer.transport.abort()
    assert lines == [b"hello\n"]
    writer.transport.abort()
    del connections
    await alone()
    assert listener.fileno() < 0


@everywhere
async def test_a_connection_that_nobody_got_is_closed() -> None:
    listener, address = listen()
    connections = ms.accept(listener)
    reader, writer = await asyncio.open_connection(*address)
    while connections.is_empty():
        await asyncio.sleep(0.001)
    del connections
    with pytest.raises((ConnectionError, AssertionError)):
        assert await reader.read() != b""
    writer.transport.abort()
    await alone()


def test_running_out_of_descriptors_is_told_and_passes() -> None:
    class Listener:
        """A listening socket that finds no descriptor the first two times."""

        def __init__(self, inner: socket.socket) -> None:
            self.inner = inner
            self.failures = [errno.EMFILE, errno.ECONNABORTED]

        def accept(self) -> Any:
            if self.failures:
                raise OSError(self.failures.pop(0), "accept")
            return self.inner.accept()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

    reported: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        inner, address = listen()
        connections = ms.accept(Listener(inner))  # type: ignore[arg-type]
        client = socket.create_connection(address)
        server = await connections.get()
        server.writer.transport.abort()
        client.close()
        inner.close()
        del connections
        await alone()

    asyncio.run(main())
    assert [context["exception"].errno for context in reported] == [errno.EMFILE]


@everywhere
async def test_an_error_of_the_listener_itself_is_raised() -> None:
    plain = socket.socket()
    with pytest.raises(OSError):
        await ms.accept(plain).get()
    await alone()


def test_an_iterator_that_is_given_up_keeps_no_interpreter_alive() -> None:
    program = """
import asyncio, threading
import millstream as ms

async def endless():
    while True:
        yield 1

async def main():
    iterator = ms.to_iter(endless())
    thread = threading.Thread(target=lambda: next(iterator))
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.001)

asyncio.run(main(), debug=True)
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        timeout=60,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@everywhere
async def test_a_hundred_abandoned_bridges_leave_nothing() -> None:
    for _ in range(100):
        kept = [
            ms.to_iter(Source(range(100))),
            ms.from_blocking_iter(range(100)),
            ms.run_in_thread(asyncio.sleep(3600)) if _ % 10 == 0 else None,
        ]
        await asyncio.sleep(0)
        del kept
    await alone()
    gc.collect()
    no_thread_left()
    run_again = ms.to_iter([1])
    assert await in_thread(list, run_again) == [1]
