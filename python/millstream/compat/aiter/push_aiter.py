"""An async iterator that things are pushed into."""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

from ... import _core
from ._source import Safe

__all__ = ["push_aiter", "push_aiter_head"]

T = TypeVar("T")


class push_aiter_head(Generic[T]):
    """The end that is pushed into. It refers only weakly to the iterators that read from it.

    `head`, if it is not None, gets this object as its attribute `push_aiter_head`, by which `push_aiter(tail=head)`
    finds it; what is pushed is then kept for such iterators from the start.
    """

    def __init__(self, head: Any) -> None:
        self._lock = threading.RLock()
        self._tails: weakref.WeakSet[_core.Chan[T]] = weakref.WeakSet()
        self._is_stopped = False
        self._error: BaseException | None = None
        self._first: _core.Chan[T] | None = None
        self.count = 0
        if head is not None:
            self._first = self.tail()
            head.push_aiter_head = self

    def tail(self, like: _core.Chan[T] | None = None) -> _core.Chan[T]:
        """A new channel for what is pushed from now on, beginning with what lies in the channel `like`."""
        chan: _core.Chan[T] = _core.unbounded()
        with self._lock:
            like = self._first if like is None else like
            if like is not None:
                for item in like.peek():
                    chan.put_nowait(item)
            if self._is_stopped:
                chan.close(self._error)
            else:
                self._tails.add(chan)
        return chan

    def push(self, *items: T) -> None:
        """Adds items, from whatever thread; raises `ValueError` after the stop."""
        with self._lock:
            if self._is_stopped:
                raise ValueError(f"{self!r} was stopped, and takes no more items")
            self.count += len(items)
            for chan in list(self._tails):
                for item in items:
                    chan.put_nowait(item)

    def stop(self, *, error: BaseException | None = None) -> None:
        """Ends the iterators after what was pushed, with `error` if there is one; later calls do nothing."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            self._error = error
            for chan in list(self._tails):
                chan.close(error)

    def is_stopping(self) -> bool:
        """Whether the stop was asked for."""
        return self._is_stopped


class push_aiter(AsyncIterator[T], Safe):
    """An async iterator over what is pushed into it, which ends after a `stop`.

    `tail` is another `push_aiter`, whose items this one then sees from where it stands, or the head of one, for what is
    pushed from now on. `next_preflight` is called whenever an item is asked for, with this iterator or, if it takes no
    arguments, without; it may push.

    Tasks that iterate at the same time get different items. One that is cancelled takes none, and ends it for nobody.
    Items can be pushed from any thread.
    """

    def __init__(
        self,
        tail: push_aiter[T] | push_aiter_head[T] | Any = None,
        next_preflight: Callable[..., object] | None = None,
    ) -> None:
        self._head: push_aiter_head[T]
        self._chan: _core.Chan[T]
        if isinstance(tail, push_aiter):
            self._head = tail._head
            self._chan = self._head.tail(tail._chan)
        else:
            if isinstance(tail, push_aiter_head):
                self._head = tail
            elif tail is None:
                self._head = push_aiter_head(None)
            else:
                self._head = tail.push_aiter_head
            self._chan = self._head.tail()
        self._next: Callable[[], Awaitable[T]] = self._chan.__aiter__().__anext__
        self._next_preflight = next_preflight
        self._call_preflight = None if next_preflight is None else _preflight(next_preflight)

    @property
    def chan(self) -> _core.Chan[T] | None:
        """The channel that this iterator reads from, unless it has a preflight."""
        return self._chan if self._call_preflight is None else None

    @property
    def _tail(self) -> push_aiter[T]:
        return self

    def head(self) -> push_aiter_head[T]:
        """The end that is pushed into, which all forks have in common."""
        return self._head

    def push(self, *items: T) -> None:
        """Adds items, for this iterator and all of its forks; never waits. Raises `ValueError` after the stop."""
        self._head.push(*items)

    def stop(self, *, error: BaseException | None = None) -> None:
        """Ends this iterator and its forks once they have yielded what was pushed.

        With an `error`, they raise it then, instead of coming to a clean end.
        """
        self._head.stop(error=error)

    def fork(self, is_active: bool = True) -> push_aiter[T]:
        """Another iterator over the items that this one has still to yield, and over all that will be pushed.

        One that is not active has no preflight.
        """
        return self.__class__(tail=self._tail, next_preflight=self._next_preflight if is_active else None)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        if self._call_preflight is not None:
            self._call_preflight(self)
        return self._next()

    def available_iter(self) -> Iterator[T]:
        """The items that could be had without waiting; they stay where they are."""
        return iter(self._chan.peek())

    def is_stopped(self) -> bool:
        """Whether the stop was asked for; items may still be there."""
        return self._head.is_stopping()

    def is_item_available(self) -> bool:
        """Whether there is an item that could be had without waiting."""
        return self.is_len_at_least(1)

    def is_len_at_least(self, n: int) -> bool:
        """Whether `n` items could be had without waiting; none always can."""
        return len(self._chan) >= n

    def __len__(self) -> int:
        """How many items could be had without waiting."""
        return len(self._chan)


def _preflight(function: Callable[..., object]) -> Callable[[object], object]:
    """A preflight of one argument or of none, as one of one argument."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # Some built-in functions do not tell.
        return function
    try:
        signature.bind(None)
    except TypeError:
        return lambda _: function()
    return function
