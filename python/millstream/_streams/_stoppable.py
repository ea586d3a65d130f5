"""A stream that can be stopped from outside, also while somebody waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from .._core import Chan, rendezvous
from ._gate import StoppableItems, Stopper
from ._handle import Handle
from ._stream import Stream

T = TypeVar("T")


class Stoppable(Handle[T], Generic[T]):
    """A stream that can be stopped; made by `Stream.stoppable`."""

    __slots__ = ()

    _inner: StoppableItems[T]

    def rest(self) -> Stream[T]:
        """The stream underneath, with everything that was not yielded before the stop."""
        return Stream(self._inner.rest())


def stoppable(source: AsyncIterator[T]) -> tuple[Stoppable[T], Stopper]:
    """A stream and what stops it."""
    stop: Chan[None] = rendezvous()
    return Stoppable(StoppableItems(source, stop)), Stopper(stop)
