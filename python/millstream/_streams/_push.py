"""A stream to push into at any time, whose waiting items can be looked at."""

from __future__ import annotations

from typing import Generic, TypeVar

from .._core import Receiver, Sender, pair
from ._handle import Handle

T = TypeVar("T")


def push_stream() -> tuple[Sender[T], PushStream[T]]:
    """A stream with an end to push into: an unbounded channel, whose stream can be asked what waits in it.

    Push by `put_nowait`, which never finds it full, from anywhere and at any time; stop by `close`, after which what was
    pushed still comes. Cancelling whoever waits for an item loses nothing and closes nothing.

    The idea is aiter's `push_aiter`.

    >>> push, items = ms.push_stream()
    >>> push.put_nowait(1)
    >>> push.put_nowait(2)
    >>> items.available()
    [1, 2]
    >>> _ = push.close()
    >>> await items.collect()
    [1, 2]
    """
    tx: Sender[T]
    tx, rx = pair(None)
    return tx, PushStream(rx)


class PushStream(Handle[T], Generic[T]):
    """The items that were pushed; made by `push_stream`, or around any receiver."""

    __slots__ = ()

    _inner: Receiver[T]

    def available(self) -> list[T]:
        """The items that could be had now without waiting; they stay where they are."""
        return self._inner.peek()

    def is_item_available(self) -> bool:
        """Whether an item could be had now without waiting."""
        return not self._inner.is_empty()

    def is_len_at_least(self, count: int) -> bool:
        """Whether at least so many items could be had now; 0 are always there."""
        return self._inner.is_len_at_least(count)

    def is_stopped(self) -> bool:
        """Whether nothing more can be pushed. Items may still be there."""
        return self._inner.is_closed()

    async def aclose(self) -> None:
        """Stops the stream and drops what was pushed and not taken."""
        self._inner.close()
        self._inner.drain()
