"""Several sources joined into one stream: the functions, which take any sources, and the methods over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from ._base import Base
from ._combine import Combined
from ._merge import merged, merged_all
from ._sources import Source

if TYPE_CHECKING:
    from ._stream import Stream
    from ._zipped import Zipped

T = TypeVar("T", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

AHEAD = 64
"""How many items a merge holds by default, in the long run: enough that tasks are not switched for each."""


def merge(*sources: Source[T], ahead: int = AHEAD) -> Stream[T]:
    """Merges sources into one stream that has the items of all, as they come, and ends when all have ended.

    Each source keeps its own order. A merge of nothing ends at once. Channels are read from directly, in turn, and no item
    of theirs is taken before it is asked for. Every other source is pulled by a task of its own, which begins with the
    first wish for an item and has one item in hand. Once `ahead` items were taken, up to `ahead` more wait together, which
    is quicker; with 0 that never happens.

    Errors: the exception of a source ends the merge, after what was pulled before it.
    Cancellation: cancelling whoever waits loses nothing. Closing the merge, or letting go of it, ends the tasks, closes
    the sources that are not channels, and drops what was pulled from them.

    The idea is aiochan's `merge` and aiter's `join_aiters`, which pulled without bound.

    >>> sorted(await ms.merge([1, 3], [2, 4]).collect())
    [1, 2, 3, 4]
    """
    from ._handle import Handle

    return Handle(merged(sources, ahead))


@overload
def zip_all(first: Source[A], second: Source[B], /) -> Zipped[tuple[A, B]]: ...
@overload
def zip_all(first: Source[A], second: Source[B], third: Source[C], /) -> Zipped[tuple[A, B, C]]: ...
@overload
def zip_all(*sources: Source[T]) -> Zipped[tuple[T, ...]]: ...
def zip_all(*sources: Source[Any]) -> Zipped[Any]:
    """Zips sources: one row for each item of the shortest, all of them waited for at the same time.

    When the first ends, so does the zip, and nothing more is pulled. What no row has taken goes back to the front of the
    channels it came from; for sources of other kinds it is in `Zipped.rest`. A zip of nothing ends at once.

    Errors: the exception of a source ends the zip.
    Cancellation: a row that is waited for is kept.

    The idea is aiter's `azip`, which waited for one after the other and dropped the leftovers.

    >>> rows = ms.zip_all([0, 1, 2], "ab")
    >>> await rows.collect()
    [(0, 'a'), (1, 'b')]
    >>> await rows.rest()[0].collect()
    [2]
    """
    from ._zipped import Zipped

    return Zipped.of(sources, False, None)


@overload
def zip_longest(first: Source[A], second: Source[B], /) -> Zipped[tuple[A | None, B | None]]: ...
@overload
def zip_longest(*sources: Source[A], fill: A) -> Zipped[tuple[A, ...]]: ...
@overload
def zip_longest(*sources: Source[A], fill: None = None) -> Zipped[tuple[A | None, ...]]: ...
def zip_longest(*sources: Source[Any], fill: Any = None) -> Zipped[Any]:
    """Zips sources: one row for each item of the longest, with `fill` for those that have ended.

    Errors and cancellation are as for `zip_all`. The idea is aiochan's `zip_chans`.

    >>> await ms.zip_longest([0, 1], "a", fill="-").collect()
    [(0, 'a'), (1, '-')]
    """
    from ._zipped import Zipped

    return Zipped.of(sources, True, fill)


@overload
def combine_latest(first: Source[A], second: Source[B], /) -> Stream[tuple[A, B]]: ...
@overload
def combine_latest(first: Source[A], second: Source[B], third: Source[C], /) -> Stream[tuple[A, B, C]]: ...
@overload
def combine_latest(*sources: Source[T]) -> Stream[tuple[T, ...]]: ...
def combine_latest(*sources: Source[Any]) -> Stream[Any]:
    """Combines sources into one stream of the latest item of each: one row for each item of any of them, once each has
    had one.

    Ends when all have ended, or as soon as one ends without an item. A combination of nothing ends at once. Every source
    is pulled by a task, which holds one item at most.

    Errors: the exception of a source ends the stream, after what was pulled before it.
    Cancellation: cancelling whoever waits loses nothing.

    The idea is aiochan's `combine_latest`.

    >>> (await ms.combine_latest([1, 2], "a").collect())[-1]
    (2, 'a')
    """
    from ._stream import Stream

    return Stream(Combined(sources))


def combine_latest_partial(*sources: Source[T]) -> Stream[tuple[T | None, ...]]:
    """`combine_latest` that does not wait for the first items: a source that has had none yet is None in the row."""
    from ._stream import Stream

    return Stream(cast("Combined[T | None]", Combined(sources, None)))


class Joins(Base[T], Generic[T]):
    """Several streams joined into one."""

    __slots__ = ()

    def merge(self, *others: Source[T], ahead: int = AHEAD) -> Stream[T]:
        """This stream merged with other sources; see the function `merge`."""
        return merge(self, *others, ahead=ahead)

    def merge_all(self: Joins[Source[A]], at_once: int) -> Stream[A]:
        """Merges the streams of a stream, at most `at_once` of them at a time.

        The next stream is asked for when there is a place for it. Each is pulled by a task of its own, which holds one
        item at most.

        Raises `ValueError` if `at_once` is less than 1. The exception of a stream ends all, after what was pulled before
        it; cancelling whoever waits loses nothing. The idea is aiter's `join_aiters`, with a bound.

        >>> sorted(await ms.stream([[1, 2], [3]]).merge_all(2).collect())
        [1, 2, 3]
        """
        return self._over(merged_all(self, at_once))

    @overload
    def zip(self, second: Source[A], /) -> Zipped[tuple[T, A]]: ...
    @overload
    def zip(self, second: Source[A], third: Source[B], /) -> Zipped[tuple[T, A, B]]: ...
    @overload
    def zip(self, *others: Source[Any]) -> Zipped[tuple[Any, ...]]: ...
    def zip(self, *others: Source[Any]) -> Zipped[Any]:
        """This stream zipped with other sources; see `zip_all`."""
        return zip_all(self, *others)
