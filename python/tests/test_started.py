"""Operations without a task: started, called back, withdrawn."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

import pytest
from core_support import LIMIT, in_thread, until
from stream_support import run

import millstream as ms


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What comes to `sys.unraisablehook`."""
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda about: seen.append(about.exc_value))
    return seen


def test_done_at_once() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    called: list[Any] = []
    put = chan.put(1)
    assert not put.done()
    assert put.start(called.append) is True
    assert put.done() and put.result() is None
    got = chan.get()
    assert got.start(called.append) is True
    assert [got.result(), got.result()] == [1, 1]
    assert called == []
    chan.close()
    refused = chan.put(2)
    assert refused.start(called.append) is True
    with pytest.raises(ms.Closed) as closed:
        refused.result()
    assert closed.value.value == 2
    assert called == []


def test_done_later() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    called: list[Any] = []
    got = chan.get()
    assert got.start(called.append) is False
    assert not got.done()
    with pytest.raises(RuntimeError, match="not ended"):
        got.result()
    put = chan.put(5)
    assert put.start(called.append) is True
    assert called == [got]
    assert got.result() == 5

    put = chan.put(6)
    assert put.start() is False
    assert chan.get_nowait() == 6
    assert put.done() and put.result() is None


@pytest.mark.parametrize("kind", ["get", "put", "get_many", "put_many", "join", "closed", "select", "next"])
def test_every_kind_can_be_started(kind: str) -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    called: list[Any] = []
    operation: Any = {
        "get": chan.get,
        "put": lambda: chan.put(1),
        "get_many": lambda: chan.get_many(2),
        "put_many": lambda: chan.put_many([1]),
        "join": chan.join,
        "closed": chan.closed,
        "select": lambda: ms.select(chan),
        "next": chan.__aiter__().__anext__,
    }[kind]()
    assert operation.start(called.append) is False
    if kind in ("join", "closed"):
        chan.close()
    elif kind in ("put", "put_many"):
        # An iterable is asked for an item only when a get has come for it.
        got = chan.get()
        got.start()
        assert got.result() == 1
    else:
        chan.put_nowait(1)
    assert called == [operation]
    if kind == "select":
        assert operation.result().value == 1
    else:
        assert operation.result() == {"get": 1, "get_many": [1], "put_many": 1, "next": 1}.get(kind)


def test_cancelling_withdraws() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    called: list[Any] = []
    for operation in chan.get(), chan.put(1), ms.select(chan), ms.select((chan, 1)), chan.put_many([1]):
        assert operation.start(called.append) is False
        assert operation.cancel() is True
        assert operation.done()
        assert operation.cancel() is False
        with pytest.raises(RuntimeError, match="no result"):
            operation.result()
        with pytest.raises(ms.Full):
            chan.put_nowait(1)
        with pytest.raises(ms.Empty):
            chan.get_nowait()
    assert called == []
    done = chan.get()
    done.start(called.append)
    chan.put_nowait(1)
    assert done.cancel() is False
    assert (called, done.result()) == ([done], 1)
    assert chan.get().cancel() is False


def test_started_or_awaited_but_not_both() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation = chan.get()
    operation.start()
    for again in operation.start, lambda: operation.send(None), lambda: run(await_it(operation)):
        with pytest.raises(RuntimeError):
            again()
    chan.put_nowait(1)
    assert operation.result() == 1
    with pytest.raises(RuntimeError, match="started"):
        run(await_it(operation))
    with pytest.raises(TypeError, match="function"):
        chan.get().start(3)  # type: ignore[arg-type]

    async def main() -> None:
        waiting = chan.get()
        task = asyncio.ensure_future(waiting)
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError):
            waiting.start()
        assert waiting.cancel() is False
        chan.put_nowait(2)
        assert await task == 2

    run(main())


async def await_it(operation: ms.Operation[Any]) -> None:
    await operation


def test_a_long_chain_of_callbacks_does_not_recurse() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    depth = most = count = 0

    def frames() -> int:
        frame, n = sys._getframe(), 0
        while frame.f_back is not None:
            frame, n = frame.f_back, n + 1
        return n

    def got(operation: ms.Operation[int]) -> None:
        nonlocal depth, most, count
        depth += 1
        most = max(most, depth, frames() - base)
        count += 1
        assert operation.result() == count
        if count < 100_000:
            chan.get().start(got)
            chan.put(count + 1).start()
        depth -= 1

    base = frames()
    chan.get().start(got)
    chan.put(1).start()
    assert count == 100_000
    # Itself and what asks: no callback is inside another.
    assert most <= 3


def test_a_chain_over_many_channels_does_not_recurse() -> None:
    chans: list[ms.Chan[int]] = [ms.rendezvous() for _ in range(20_001)]

    def forward(n: int) -> Any:
        return lambda operation: chans[n + 1].put(operation.result() + 1).start()

    for n in range(20_000):
        chans[n].get().start(forward(n))
    end = chans[-1].get()
    end.start()
    chans[0].put_nowait(0)
    assert end.result() == 20_000


def test_callbacks_of_one_close_run_in_order_and_not_inside_each_other() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    order: list[Any] = []

    def callback(n: int) -> Any:
        def called(_: object) -> None:
            order.append(("begin", n))
            if n == 0:
                other: ms.Chan[int] = ms.rendezvous()
                other.get().start(lambda _: order.append("inner"))
                other.put_nowait(1)
            order.append(("end", n))

        return called

    for n in range(3):
        chan.get().start(callback(n))
    chan.close()
    steps = [step for step in order if step != "inner"]
    assert steps == [(what, n) for n in range(3) for what in ("begin", "end")]
    assert order.index("inner") > order.index(("end", 0))


def test_an_exception_of_a_callback_is_its_own(unraisable: list[Any]) -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    errors = [ValueError("a"), KeyboardInterrupt("b"), SystemExit(3)]
    for error in errors:

        def fail(_: object, error: BaseException = error) -> None:
            raise error

        chan.get().start(fail)
    called: list[Any] = []
    chan.get().start(called.append)
    for n in range(4):
        chan.put_nowait(n)
    assert unraisable == errors
    assert called[0].result() == 3


def test_a_callback_runs_in_the_thread_that_completes() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    where: list[int] = []
    operation = chan.get()
    operation.start(lambda _: where.append(threading.get_ident()))
    thread = in_thread(lambda: (chan.put_nowait(1), threading.get_ident())[1])
    assert where == [thread.result(LIMIT)] != [threading.get_ident()]


def test_a_callback_of_a_thread_that_blocks() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    operation = chan.get()
    called = threading.Event()
    operation.start(lambda _: called.set())
    in_thread(chan.put_blocking, 4).result(LIMIT)
    assert called.is_set() and operation.result() == 4


def test_a_callback_that_frees_what_it_came_from() -> None:
    for _ in range(100):
        chan: Any = ms.rendezvous()
        box: list[Any] = [chan]
        operation = chan.get()
        operation.start(lambda _, box=box: box.clear())
        box.append(operation)
        put = chan.put(1)
        del chan, operation
        assert put.start() is True
        assert box == []


def test_cancelling_from_within() -> None:
    chan: ms.Chan[int] = ms.unbounded()
    operations: list[Any] = []

    def items() -> Any:
        yield 1
        operations[0].cancel()
        yield 2

    operations.append(chan.put_many(items()))
    done = in_thread(operations[0].start)
    assert done.result(LIMIT) is True
    # It would have to wait for itself.
    with pytest.raises(RuntimeError, match="cancelled by the iterable"):
        operations[0].result()
    assert chan.drain() == [1]


def test_cancelling_against_a_thread_that_completes() -> None:
    for turn in range(300):
        chan: ms.Chan[int] = ms.bounded(1)
        called: list[Any] = []
        operation = chan.get()
        operation.start(called.append)
        put = in_thread(chan.put_blocking, turn)
        is_cancelled = operation.cancel()
        put.result(LIMIT)
        if is_cancelled:
            assert (chan.drain(), called) == ([turn], [])
        else:
            until(lambda called=called: called)
            assert operation.result() == turn and chan.is_empty()


def test_dropped_operations_go_on_while_their_channel_lives() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    called: list[int] = []
    chan.get().start(lambda operation: called.append(operation.result()))
    chan.put_nowait(1)
    assert called == [1]
