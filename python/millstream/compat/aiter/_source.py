"""What the wrappers of this package do with the iterator that they are given: pull from it, and leave it open."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from typing import Any, Generic, NoReturn, TypeVar

from ..._streams._supply import Exclusive, Supply

__all__ = ["Kept", "Safe", "Shared"]

T = TypeVar("T")


class Kept(Generic[T]):
    """An iterator that is opened when the first item is wanted, and that cannot be closed through this.

    Who wraps an iterator does not own it: after the wrapper has ended, the rest can be read where it came from.
    """

    __slots__ = ("_next", "_source")

    def __init__(self, source: AsyncIterable[T]) -> None:
        self._source: AsyncIterable[T] | None = source
        self._next: Any = None

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        if self._next is None:
            assert self._source is not None
            self._next = self._source.__aiter__().__anext__
            self._source = None
        result: Awaitable[T] = self._next()
        return result


class Safe:
    """Marks iterators of which several tasks may wait for an item, each for its own, and may be cancelled meanwhile."""

    __slots__ = ()


class Shared(Generic[T]):
    """Items of any iterator for several tasks, each for one of them, where a cancelled one leaves its item to the next.

    An iterator that is not known to bear that is read by a task, one item for each that is waited for.
    """

    __slots__ = ("_direct", "_exclusive")

    def __init__(self, source: AsyncIterable[T]) -> None:
        kept: Kept[T] = Kept(source)
        self._exclusive: Exclusive[T] | None = None
        self._direct: Kept[T] | None = kept
        if not isinstance(source, Safe):
            self._exclusive = Exclusive(Supply(kept))

    def take(self) -> Awaitable[T]:
        """The next item; raises `StopAsyncIteration` at the end."""
        if self._exclusive is not None:
            return self._exclusive.take()
        if self._direct is not None:
            return self._direct.__anext__()
        return _end()

    def drop(self) -> None:
        """Lets go of the iterator, and so ends the task if there is one."""
        self._exclusive = None
        self._direct = None


async def _end() -> NoReturn:
    raise StopAsyncIteration
