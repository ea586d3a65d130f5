"""One iterator for several tasks."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from typing import TypeVar

from ._source import Safe, Shared

__all__ = ["sharable_aiter"]

T = TypeVar("T")


class sharable_aiter(AsyncIterator[T], Safe):
    """Lets several tasks iterate over one iterator, each item going to one of them.

    A task that is cancelled while it waits leaves its item to the next, and does not end the iterator.
    """

    def __init__(self, aiter: AsyncIterable[T]) -> None:
        self._shared = Shared(aiter)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        return self._shared.take()

    def drop(self) -> None:
        """Lets go of the iterator: whoever asks for another item finds the end."""
        self._shared.drop()
