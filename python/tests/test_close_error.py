"""Closing with an error: whoever comes to the end has it, everywhere, and always the same one."""

from __future__ import annotations

import asyncio
import gc
import traceback
from typing import Any

import pytest
from core_support import LIMIT, gets_wait, in_thread
from stream_support import everywhere, run, settle

import millstream as ms


class Broken(Exception):
    pass


@everywhere
async def test_every_end_raises_it() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    error = Broken("x")
    assert chan.close(error) is True
    assert chan.close(Broken("too late")) is False
    assert chan.error is error
    for wait in chan.get(), chan.get_many(3), chan.join(), chan.__aiter__().__anext__():
        with pytest.raises(Broken) as raised:
            await wait
        assert raised.value is error
    for call in chan.get_nowait, chan.get_blocking, lambda: next(iter(chan)), lambda: chan.get_blocking(0):
        with pytest.raises(Broken) as raised:
            call()
        assert raised.value is error
    assert chan.drain() == []
    await chan.closed()


@everywhere
async def test_values_come_first() -> None:
    chan: ms.Chan[int] = ms.bounded(2)
    putting = asyncio.ensure_future(chan.put_many([1, 2, 3]))
    await settle()
    chan.close(Broken())
    got = []
    with pytest.raises(Broken):
        async for value in chan:
            got.append(value)
    assert got == [1, 2, 3]
    assert await putting == 3


@everywhere
async def test_a_refused_put_has_it_as_its_cause() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    error = Broken()
    chan.close(error)
    for refused in chan.put(7), chan.put_many([7]), asyncio.ensure_future(chan.put(7)):
        with pytest.raises(ms.Closed) as closed:
            await refused
        assert closed.value.__cause__ is error
        assert closed.value.value == 7
    with pytest.raises(ms.Closed) as closed:
        chan.put_nowait(7)
    assert closed.value.__cause__ is error


@everywhere
async def test_whoever_waits_is_told() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    blocked = in_thread(chan.get_blocking)
    gets_wait(chan)
    waiting = [
        asyncio.ensure_future(wait)
        for wait in (chan.get(), chan.get_many(2), chan.join(), chan.stream().__anext__(), ms.select(chan))
    ]
    await settle()
    error = Broken()
    chan.close(error)
    *results, won = await asyncio.gather(*waiting, return_exceptions=True)
    assert results == [error] * 4
    assert won.closed
    with pytest.raises(Broken):
        won.value
    assert await asyncio.get_running_loop().run_in_executor(None, blocked.exception, LIMIT) is error


@everywhere
async def test_both_halves_know_it() -> None:
    sender, receiver = ms.pair(1)
    error = Broken()
    sender.close(error)
    assert (sender.error, receiver.error) == (error, error)
    with pytest.raises(Broken):
        await receiver.get()


def test_the_first_close_counts() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    chan.close()
    assert chan.close(Broken()) is False
    assert chan.error is None
    with pytest.raises(ms.Closed):
        chan.get_nowait()


def test_the_traceback_does_not_grow() -> None:
    chan: ms.Chan[int] = ms.bounded(1)

    def fail() -> None:
        raise Broken

    try:
        fail()
    except Broken as error:
        chan.close(error)
    lengths = set()
    for _ in range(20):
        try:
            chan.get_nowait()
        except Broken as error:
            names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
            assert names[-1] == "fail"
            lengths.add(len(names))
    assert len(lengths) == 1


def test_an_error_class_is_not_an_error() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    wrong: list[Any] = [Broken, 3, "error"]
    for error in wrong:
        with pytest.raises(TypeError, match="has to be an exception"):
            chan.close(error)
    assert not chan.is_closed()


@everywhere
async def test_stop_errors_are_not_taken_for_an_end() -> None:
    # An error that Python itself gives a meaning must not be mistaken for a value or for the end of an iteration.
    chan: ms.Chan[int] = ms.bounded(1)
    chan.close(ms.Closed(chan))
    with pytest.raises(ms.Closed):
        async for _ in chan:
            raise AssertionError
    with pytest.raises(ms.Closed):
        list(chan)


def test_a_started_operation_keeps_it() -> None:
    chan: ms.Chan[int] = ms.rendezvous()
    done: list[Any] = []
    operation = chan.get()
    assert operation.start(done.append) is False
    error = Broken()
    chan.close(error)
    assert done == [operation]
    for _ in range(2):
        with pytest.raises(Broken) as raised:
            operation.result()
        assert raised.value is error


def test_the_error_goes_with_the_channel() -> None:
    class Marked(Exception):
        alive = 0

        def __init__(self) -> None:
            Marked.alive += 1

        def __del__(self) -> None:
            Marked.alive -= 1

    chan: ms.Chan[int] = ms.bounded(1)
    error = Marked()
    error.chan = chan  # type: ignore[attr-defined]
    chan.close(error)
    del error
    assert Marked.alive == 1
    del chan
    gc.collect()
    assert Marked.alive == 0


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_what_ends_one_task_or_the_program_does_not_reach_the_peers(error: BaseException) -> None:
    async def main() -> None:
        for end in (lambda chan: chan), ms.Chan.sender, ms.Chan.receiver:
            chan: ms.Chan[int] = ms.rendezvous()
            waits = [chan.get(), chan.get_many(3), chan.join(), chan.__aiter__().__anext__(), got(ms.select(chan))]
            peers = [asyncio.ensure_future(wait) for wait in waits]
            await settle()
            waiting = chan.stats().waiting_gets
            thread = in_thread(chan.get_blocking)
            gets_wait(chan, waiting + 1)
            with pytest.raises(type(error)) as left:
                async with end(chan):
                    raise error
            assert left.value is error, "whoever was in the block has what was meant for it"
            await asyncio.wait(peers, timeout=LIMIT)
            for peer in peers:
                assert not peer.cancelled()
                assert_closed(peer.exception(), error)
            assert_closed(thread.exception(LIMIT), error)
            refused = asyncio.ensure_future(chan.put(1))
            await asyncio.wait([refused], timeout=LIMIT)
            told = refused.exception()
            assert isinstance(told, ms.Closed)
            assert told.value == 1
            assert_closed(told.__cause__, error)

    async def got(selecting: ms.Operation[ms.Selected[Any]]) -> Any:
        return (await selecting).value

    def assert_closed(told: BaseException | None, cause: BaseException) -> None:
        assert isinstance(told, ms.Closed)
        assert told.__cause__ is cause

    run(main())
