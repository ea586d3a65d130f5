"""Pairs of ends: in step with each other, and never in doubt about how the other one went."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest
from stream_support import cancelled, everywhere, settle

import millstream as ms


@everywhere
async def test_values_go_both_ways_in_step() -> None:
    letters, numbers = ms.duplex()
    log = []

    async def answer() -> None:
        async with numbers:
            async for letter in numbers:
                log.append(letter)
                await numbers.put(ord(letter))

    async with ms.Scope() as scope:
        scope.spawn(answer())
        async with letters:
            for letter in "abc":
                await letters.put(letter)
                assert await letters.get() == ord(letter)
    assert log == ["a", "b", "c"]


@everywhere
async def test_a_put_returns_when_the_peer_has_dealt_with_the_value() -> None:
    left, right = ms.duplex()
    put = asyncio.ensure_future(left.put(None))
    await settle()
    assert await right.get() is None
    await settle()
    assert not put.done(), "taken is not dealt with"
    following = asyncio.ensure_future(right.get())
    await put
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    put = asyncio.ensure_future(left.put(3))
    assert await right.get() == 3
    right.close()
    await put


@everywhere
async def test_a_normal_end() -> None:
    left, right = ms.duplex()
    waiting = asyncio.ensure_future(right.get())
    await settle()
    assert left.close()
    assert not left.close()
    with pytest.raises(ms.Closed):
        await waiting
    with pytest.raises(ms.Closed) as refused:
        await right.put("value")
    assert refused.value.value == "value"
    assert [value async for value in right] == []
    assert right.peer_is_closed()
    assert not right.is_closed()
    with pytest.raises(ms.Closed):
        await left.get()


@everywhere
async def test_an_end_with_an_error() -> None:
    left, right = ms.duplex()
    error = ValueError("left")
    with pytest.raises(ValueError):
        async with left:
            raise error
    for _ in range(2):
        with pytest.raises(ValueError) as raised:
            await right.get()
        assert raised.value is error
    with pytest.raises(ValueError):
        await right.put(1)
    with pytest.raises(ValueError):
        async for _ in right:
            pass


@everywhere
async def test_an_end_that_is_just_gone() -> None:
    left, right = ms.duplex()
    waiting = asyncio.ensure_future(right.get())
    await settle()
    del left
    gc.collect()
    with pytest.raises(ms.Abandoned):
        await waiting
    with pytest.raises(ms.Abandoned) as refused:
        await right.put(1)
    assert (refused.value.value, refused.value.was_taken) == (1, False)
    with pytest.raises(ms.Abandoned):
        async for _ in right:
            pass


@everywhere
async def test_a_cancellation_is_no_normal_end() -> None:
    left, right = ms.duplex()

    async def body() -> None:
        async with left:
            await left.get()

    await cancelled(body())
    with pytest.raises(ms.Abandoned):
        await right.get()


@everywhere
async def test_a_put_whose_value_was_taken_and_never_dealt_with() -> None:
    left, right = ms.duplex()
    put = asyncio.ensure_future(left.put("value"))
    assert await right.get() == "value"
    del right
    gc.collect()
    with pytest.raises(ms.Abandoned) as raised:
        await put
    assert (raised.value.value, raised.value.was_taken) == ("value", True)
    left, right = ms.duplex()
    put = asyncio.ensure_future(left.put("value"))
    assert await right.get() == "value"
    right.close(error=KeyError("in hand"))
    with pytest.raises(KeyError):
        await put


@everywhere
async def test_puts_that_cross_are_told_instead_of_waiting_for_ever() -> None:
    left, right = ms.duplex()
    put = asyncio.ensure_future(left.put(1))
    await settle()
    with pytest.raises(ms.Crossed) as raised:
        await right.put(2)
    assert raised.value.value == 2
    assert await right.get() == 1
    right.close()
    await put


@everywhere
async def test_cancelling_leaves_the_pair_as_good_as_before() -> None:
    left, right = ms.duplex()
    await cancelled(left.put("not taken"))
    await cancelled(right.get())
    await cancelled(left.get())
    put = asyncio.ensure_future(left.put("taken"))
    await settle()
    assert await right.get() == "taken"
    put.cancel()
    await settle()
    assert put.cancelled()
    again = asyncio.ensure_future(left.put("next"))
    assert await right.get() == "next"
    right.close()
    await again


@everywhere
async def test_an_end_is_used_by_one_at_a_time() -> None:
    left, right = ms.duplex()
    waiting = asyncio.ensure_future(left.get())
    await settle()
    with pytest.raises(RuntimeError, match="in use"):
        await left.get()
    with pytest.raises(RuntimeError, match="in use"):
        await left.put(1)
    left.close()
    with pytest.raises(ms.Closed):
        await waiting
    with pytest.raises(TypeError, match="duplex"):
        ms.End()
    assert right.peer_is_closed()


def test_ends_in_threads() -> None:
    left, right = ms.duplex()
    got = []

    def echo() -> None:
        with right:
            try:
                while True:
                    value = right.get_blocking()
                    got.append(value)
                    right.put_blocking(-value)
            except ms.Closed:
                pass

    thread = threading.Thread(target=echo)
    thread.start()

    async def main() -> None:
        async with left:
            for n in range(100):
                await left.put(n)
                assert await left.get() == -n

    asyncio.run(main(), debug=True)
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert got == list(range(100))


@everywhere
async def test_nothing_is_kept() -> None:
    class Value:
        pass

    refs: list[weakref.ref[Any]] = []
    for _ in range(100):
        left, right = ms.duplex()
        value = Value()
        refs.append(weakref.ref(value))
        put = asyncio.ensure_future(left.put(value))
        await asyncio.sleep(0)
        del value
        put.cancel()
        await asyncio.sleep(0)
        del left, right, put
    await settle()
    gc.collect()
    assert [ref for ref in refs if ref() is not None] == []
