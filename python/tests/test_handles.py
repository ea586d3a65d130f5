"""A channel's objects: its two halves, when they go, what they say of themselves, and what they refuse."""

from __future__ import annotations

import gc
import pickle
import weakref

import pytest

import millstream as ms


def test_ends_that_go_end_the_channel() -> None:
    sender, receiver = ms.pair(2)
    other = sender.clone()
    assert (sender.sender_count(), sender.receiver_count()) == (2, 1)
    sender.put_nowait(1)
    assert sender.detach() is True
    assert sender.detach() is False
    with pytest.raises(RuntimeError, match="detached"):
        sender.put_nowait(2)
    assert not receiver.is_closed()
    del other
    assert receiver.is_closed()
    assert receiver.get_nowait() == 1

    sender, receiver = ms.pair(2)
    value = type("Value", (), {})()
    gone = weakref.ref(value)
    sender.put_nowait(value)
    del value, receiver
    assert gone() is None
    with pytest.raises(ms.Closed):
        sender.put_nowait(2)


def test_a_chan_counts_as_both_ends() -> None:
    chan: ms.Chan[int] = ms.bounded(1)
    sender, receiver = chan.split()
    assert (chan.sender_count(), chan.receiver_count()) == (2, 2)
    del sender, receiver
    assert not chan.is_closed()
    sender = chan.sender()
    receiver = chan.receiver()
    del chan
    gc.collect()
    assert not sender.is_closed()
    del sender
    assert receiver.is_closed()


def test_handles_are_ordinary_objects() -> None:
    chan: ms.Chan[int] = ms.bounded(4, name="it's")
    sender, receiver = chan.split()
    for handle in chan, sender, receiver:
        assert weakref.ref(handle)() is handle
        assert handle == handle and handle != object() and len({handle, chan}) <= 2
        assert handle.name == "it's"
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(handle)
        with pytest.raises(AttributeError):
            setattr(handle, "colour", 1)  # noqa: B010
        assert type(handle)[int].__origin__ is type(handle)  # type: ignore[index]
    assert repr(chan) == '<Chan "it\'s", 0 of 4 values>'
    assert repr(chan.put(1)) == "<channel operation, not awaited>"


def test_what_a_channel_has_seen() -> None:
    chan: ms.Chan[int] = ms.bounded(2, name="n")
    chan.put_nowait(1)
    stats = chan.stats()
    assert stats == chan.stats()
    chan.put_nowait(2)
    assert stats != chan.stats()
    assert [chan.get_nowait(), chan.get_nowait()] == [1, 2]
    stats = chan.stats()
    assert (stats.name, stats.len, stats.capacity, stats.delivered, stats.high_water) == ("n", 0, 2, 2, 2)
    assert (stats.state, stats.is_closed, stats.waiting_puts, stats.waiting_gets) == ("nobody", False, 0, 0)
    assert isinstance(stats.put_blocked, float)
    assert ms.bounded(1).stats().put_blocked is None
    assert repr(stats) == (
        "Stats(name='n', len=0, capacity=2, delivered=2, dropped=0, high_water=2, state='nobody', is_closed=False)"
    )


def test_wrong_arguments() -> None:
    for make in ms.bounded, ms.dropping, ms.sliding, ms.pair:
        with pytest.raises(ValueError, match="capacity"):
            make(-1)
        with pytest.raises(TypeError):
            make("1")  # type: ignore[arg-type]
    chan: ms.Chan[int] = ms.bounded(1)
    with pytest.raises(TypeError, match="exception"):
        chan.close(error=3)  # type: ignore[arg-type]
    assert not chan.is_closed()
    with pytest.raises(ValueError):
        chan.get_blocking(timeout=float("nan"))
    with pytest.raises(RuntimeError, match="running event loop"):
        chan.get().send(None)
