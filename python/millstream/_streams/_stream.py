"""`Stream`: the operators of millstream over any async iterator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from ._beside import Beside
from ._ends import Ends
from ._items import Items
from ._joins import Joins
from ._lists import Lists
from ._sources import Source

T = TypeVar("T", covariant=True)
U = TypeVar("U")


class Stream(Items[T], Lists[T], Joins[T], Beside[T], Ends[T], Generic[T]):
    """An async iterator with operators; made by `stream`, by `Chan.stream` and by the other beginnings.

    Nothing happens before the first item is asked for, but where an operator says so. Operators on one item after the
    other run within the task that asks, fused into one chain: no task and no channel for each. Those that have several
    sources, or run ahead, have a task for each source, which ends with the stream: exhausted, failed, closed by `aclose`,
    or collected.

    Errors: an exception of the source or of a function ends the stream and reaches whoever waits for the item, after the
    items that came before it. Nothing is logged instead, and nothing is left out.
    Cancellation: cancelling whoever waits for an item loses none; the next to ask gets it. (An async generator is the
    exception, by Python's own rules: it ends when a task that runs within it is cancelled. Operators with a task of their
    own, such as `buffer_ahead` and `share`, protect it.)

    A stream is for one task at a time; for several there are `share` and `fork`.

    >>> squares = ms.from_range(1, None).map(lambda n: n * n).filter(lambda n: n % 2)
    >>> await squares.chunks(2).take(2).collect()
    [[1, 9], [25, 49]]
    """

    __slots__ = ()

    def _over(self, source: AsyncIterator[U]) -> Stream[U]:
        return Stream(source)


def stream(source: Source[T]) -> Stream[T]:
    """The stream of any async iterable, of a channel, or of any iterable, which gives way to sibling tasks.

    Raises `TypeError` for anything else. A stream is returned as it is.

    >>> await ms.stream("abc").map(str.upper).collect()
    ['A', 'B', 'C']
    """
    if isinstance(source, Stream):
        return source
    return Stream(source)
