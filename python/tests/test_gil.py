"""The interpreter's lock: nobody waits with it, and nobody waits for it with a lock of the channel's."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest
from core_support import LIMIT, gets_wait, in_thread, program, start_program
from stream_support import run

import millstream as ms


def test_waking_against_a_thread_that_computes() -> None:
    # A thread that wants the interpreter all the time, while others wake each other with and without it.
    stop = threading.Event()

    def compute() -> int:
        count = 0
        while not stop.is_set():
            count += 1
        return count

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        computing = [in_thread(compute) for _ in range(2)]
        there: ms.Chan[int] = ms.rendezvous()
        back: ms.Chan[int] = ms.rendezvous()

        def echo() -> None:
            for value in there:
                back.put_blocking(value)

        echoing = in_thread(echo)

        async def main() -> None:
            for n in range(300):
                await there.put(n)
                assert await back.get() == n
            there.close()

        run(main())
        echoing.result(LIMIT)
        stop.set()
        assert all(future.result(LIMIT) > 0 for future in computing)
    finally:
        stop.set()
        sys.setswitchinterval(before)


def test_callbacks_into_python_from_every_side() -> None:
    # Threads meet in a channel whose buffer, values and callbacks all run Python code.
    class Buffer(list):  # type: ignore[type-arg]
        def push(self, value: object) -> None:
            sum(range(50))
            self.append(value)

        def pop(self, index: int = 0) -> object:
            return super().pop(index)

        def is_full(self) -> bool:
            return len(self) >= 2

    class Value:
        def __del__(self) -> None:
            seen.append(len(chan))

    seen: list[int] = []
    chan: ms.Chan[Value] = ms.with_buffer(Buffer())

    def produce() -> None:
        for _ in range(200):
            chan.put_blocking(Value())

    def consume() -> None:
        for value in chan:
            del value

    def start() -> None:
        while not chan.is_drained():
            operation = ms.select(chan)
            done = threading.Event()
            if not operation.start(lambda _, done=done: done.set()):
                assert done.wait(LIMIT)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        producers = [in_thread(produce) for _ in range(2)]
        consumers = [in_thread(consume), in_thread(consume), in_thread(start)]
        for future in producers:
            future.result(LIMIT)
        chan.close()
        for future in consumers:
            future.result(LIMIT)
    finally:
        sys.setswitchinterval(before)
    assert len(seen) == 400


def test_values_that_go_use_the_channel_they_came_from() -> None:
    class Value:
        def __init__(self, chan: ms.Chan[object]) -> None:
            self.chan = chan

        def __del__(self) -> None:
            self.chan.stats(), len(self.chan), self.chan.peek(), repr(self.chan)
            try:
                self.chan.put_nowait(None)
            except ms.Error as error:
                refused.append(type(error))

    def use() -> None:
        for chan in ms.sliding(1), ms.dropping(1):
            for _ in range(5):
                chan.put_nowait(Value(chan))
            chan.drain()
        sender, receiver = ms.pair(3)
        other: ms.Chan[object] = ms.rendezvous()
        for _ in range(3):
            sender.put_nowait(Value(other))
        receiver.detach()

    refused: list[type] = []
    in_thread(use).result(LIMIT)
    assert refused == [ms.Full] * 3


def test_a_blocking_call_lets_go_of_the_interpreter() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    calls = [
        chan.get_blocking,
        lambda: ms.select_blocking(chan),
        lambda: next(iter(chan)),
    ]
    for call in calls:
        blocked = in_thread(call)
        # We come to look at it: so it does not keep the interpreter.
        gets_wait(chan)
        chan.put_nowait(1)
        blocked.result(LIMIT)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.parametrize(
    "wait",
    [
        "chan.get_blocking()",
        "chan.get_blocking(timeout=100)",
        "next(iter(chan))",
        "ms.select_blocking(chan)",
        "full.put_blocking(1)",
    ],
)
def test_the_user_can_interrupt_a_blocking_call(wait: str) -> None:
    code = f"""
        import threading, time
        import millstream as ms

        chan = ms.rendezvous()
        full = ms.rendezvous()

        def tell():
            while not (chan.stats().waiting_gets or full.stats().waiting_puts):
                time.sleep(0.001)
            print("waiting", flush=True)

        threading.Thread(target=tell).start()
        try:
            {wait}
        except KeyboardInterrupt:
            assert (chan.stats().waiting_gets, full.stats().waiting_puts) == (0, 0)
            print("interrupted")
    """
    with start_program(code) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT)
        assert (out, err, process.returncode) == ("interrupted\n", "", 0)
        assert time.monotonic() - begin < LIMIT / 2


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_the_user_can_interrupt_a_loop() -> None:
    code = """
        import asyncio, signal
        import millstream as ms

        async def main():
            chan = ms.rendezvous()
            asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
            await chan.get()

        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            print("interrupted")
    """
    assert program(code) == "interrupted\n"


def test_a_handler_of_a_signal_runs_while_the_main_thread_blocks() -> None:
    code = """
        import signal, threading, time
        import millstream as ms

        chan = ms.rendezvous()
        signal.signal(signal.SIGTERM, lambda *_: chan.close())

        def tell():
            while not chan.stats().waiting_gets:
                time.sleep(0.001)
            signal.raise_signal(signal.SIGTERM)

        threading.Thread(target=tell).start()
        try:
            chan.get_blocking()
        except ms.Closed:
            print("closed")
    """
    assert program(code) == "closed\n"
