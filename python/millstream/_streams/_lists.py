"""The operators that make one list of several items."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from ._base import Base
from ._runs import Runs
from ._timed import Batched

if TYPE_CHECKING:
    from ._stream import Stream

T = TypeVar("T", covariant=True)
K = TypeVar("K")


class Lists(Base[T], Generic[T]):
    """Few of many."""

    __slots__ = ()

    def chunks(self, size: int) -> Stream[list[T]]:
        """Lists of `size` items; the last may be shorter. The idea is aiochan's `group`.

        Raises `ValueError` if `size` is less than 1. A list that has begun stays in the stream when the wait is
        cancelled.

        >>> await ms.from_range(3).chunks(2).collect()
        [[0, 1], [2]]
        """
        if size < 1:
            raise ValueError("size must be at least 1")
        return cast("Stream[list[T]]", self._step("chunks", size))

    @overload
    def group_by(self, key: Callable[[T], Awaitable[K]]) -> Stream[tuple[K, list[T]]]: ...
    @overload
    def group_by(self, key: Callable[[T], K]) -> Stream[tuple[K, list[T]]]: ...
    def group_by(self, key: Callable[[T], Any]) -> Stream[tuple[Any, list[T]]]:
        """Items with the same key that follow each other: one `(key, items)` for each run.

        A run ends at an item of another key, or at the end or the error of the stream, so it comes one item late. It
        stays in the stream when the wait is cancelled. The idea is aiochan's `group_by`.

        >>> await ms.stream([1, 3, 2, 5]).group_by(lambda number: number % 2).collect()
        [(1, [1, 3]), (0, [2]), (1, [5])]
        """
        return self._over(Runs(self, key))

    def batch(self, most: int, within: float) -> Stream[list[T]]:
        """Lists of `most` items, or of what has come `within` so many seconds after the first of a list.

        Raises `ValueError` if `most` is less than 1 or `within` is negative. A list is never empty. The items are pulled
        by a task that is at most one list ahead; a list that has begun stays in the stream when the wait is cancelled,
        and comes before an error.
        """
        return self._over(Batched(self, most, within))
