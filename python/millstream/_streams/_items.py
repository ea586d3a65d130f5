"""The operators that take items one by one."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union, cast, overload

from ._base import Base
from ._sequence import Chained, Cooperating, MapWhile, Peeking, Preflight, Results, StepBy, UntilError
from ._sources import Source

if TYPE_CHECKING:
    from typing import TypeGuard

    from ._peekable import Peekable
    from ._stream import Stream

T = TypeVar("T", covariant=True)
U = TypeVar("U")

Inner = Union[Iterable[U], AsyncIterable[U]]
"""What a function may make of one item to give any number of items."""


def _itself(item: Any) -> Any:
    return item


class Items(Base[T], Generic[T]):
    """Operators on one item after the other.

    They run within the task that asks for the items. A function may be a plain one or an async one: what it returns is
    awaited if it can be. Its exception ends the stream and reaches whoever waits for the item.
    """

    __slots__ = ()

    @overload
    def map(self, function: Callable[[T], Awaitable[U]]) -> Stream[U]: ...
    @overload
    def map(self, function: Callable[[T], U]) -> Stream[U]: ...
    def map(self, function: Callable[[T], Any]) -> Stream[Any]:
        """What a function makes of each item. The idea is aiochan's `map` and aiter's `map_aiter`.

        >>> await ms.from_range(3).map(lambda number: number * number).collect()
        [0, 1, 4]
        """
        return cast("Stream[Any]", self._step("map", function))

    @overload
    def filter(self, predicate: Callable[[T], TypeGuard[U]]) -> Stream[U]: ...
    @overload
    def filter(self, predicate: Callable[[T], object]) -> Stream[T]: ...
    def filter(self, predicate: Callable[[T], object]) -> Stream[Any]:
        """The items for which a predicate is true. The idea is aiochan's `filter`."""
        return cast("Stream[Any]", self._step("filter", predicate))

    @overload
    def filter_map(self, function: Callable[[T], Awaitable[U | None]]) -> Stream[U]: ...
    @overload
    def filter_map(self, function: Callable[[T], U | None]) -> Stream[U]: ...
    def filter_map(self, function: Callable[[T], Any]) -> Stream[Any]:
        """What a function makes of each item, without those for which it returns None."""
        return cast("Stream[Any]", self._step("filter_map", function))

    @overload
    def flat_map(self, function: Callable[[T], Inner[U]]) -> Stream[U]: ...
    @overload
    def flat_map(self, function: Callable[[T], Awaitable[Inner[U]]]) -> Stream[U]: ...
    def flat_map(self, function: Callable[[T], Any]) -> Stream[Any]:
        """The items of the iterable, or async iterable, that a function makes of each item, one after the other.

        Raises `TypeError` when the function returns something else, and what iterating over it raises: nothing is left
        out unsaid. The idea is aiochan's `map(flatten=True)`.

        >>> await ms.from_range(4).flat_map(lambda number: [number] * number).collect()
        [1, 2, 2, 3, 3, 3]
        """
        return cast("Stream[Any]", self._step("flat_map", function))

    @overload
    def map_filter(self, function: Callable[[T], Iterable[U]]) -> Stream[U]: ...
    @overload
    def map_filter(self, function: Callable[[T], Awaitable[Iterable[U]]]) -> Stream[U]: ...
    def map_filter(self, function: Callable[[T], Any]) -> Stream[Any]:
        """Any number of items for each one: what the function returns is iterated over.

        Raises as `flat_map` does. The idea is aiter's `map_filter_aiter`, which logged errors and went on.
        """
        return cast("Stream[Any]", self._step("flat_map", function))

    def flatten(self: Items[Inner[U]]) -> Stream[U]:
        """The items of streams that are the items of this, one stream after the other.

        For several at a time there is `merge_all`.
        """
        return cast("Stream[U]", self._step("flat_map", _itself))

    def flatten_iter(self: Items[Iterable[U]]) -> Stream[U]:
        """The items of items that can be iterated over.

        Raises `TypeError` for an item that cannot, and what iterating over it raises. The idea is aiter's
        `flatten_aiter`, which dropped both silently.
        """
        return cast("Stream[U]", self._step("flat_map", _itself))

    def take(self, count: int) -> Stream[T]:
        """The first `count` items; the source is not asked for one more. The idea is aiochan's `take`."""
        return cast("Stream[T]", self._step("take", count))

    def take_while(self, predicate: Callable[[T], object]) -> Stream[T]:
        """The items before the first for which a predicate is false; that one is taken and dropped."""
        return cast("Stream[T]", self._step("take_while", predicate))

    def skip(self, count: int) -> Stream[T]:
        """The items after the first `count`. The idea is aiochan's `drop`."""
        return cast("Stream[T]", self._step("skip", count))

    def skip_while(self, predicate: Callable[[T], object]) -> Stream[T]:
        """The items from the first on for which a predicate is false. The idea is aiochan's `drop_while`."""
        return cast("Stream[T]", self._step("skip_while", predicate))

    @overload
    def map_while(self, function: Callable[[T], Awaitable[U | None]]) -> Stream[U]: ...
    @overload
    def map_while(self, function: Callable[[T], U | None]) -> Stream[U]: ...
    def map_while(self, function: Callable[[T], Any]) -> Stream[Any]:
        """What a function makes of the items, until it returns None.

        A call of an async function that is cancelled is made again.
        """
        return self._over(MapWhile(self, function))

    def step_by(self, step: int) -> Stream[T]:
        """The first of every `step` items. Raises `ValueError` if `step` is less than 1."""
        return self._over(StepBy(self, step))

    def enumerate(self, start: int = 0) -> Stream[tuple[int, T]]:
        """The items with their numbers, counted from `start`."""
        return cast("Stream[tuple[int, T]]", self._step("enumerate", start))

    def inspect(self, function: Callable[[T], object]) -> Stream[T]:
        """The items, each shown to a function on its way."""
        return cast("Stream[T]", self._step("inspect", function))

    @overload
    def scan(self, initial: U, function: Callable[[U, T], Awaitable[U]]) -> Stream[U]: ...
    @overload
    def scan(self, initial: U, function: Callable[[U, T], U]) -> Stream[U]: ...
    def scan(self, initial: Any, function: Callable[[Any, T], Any]) -> Stream[Any]:
        """What a function makes of the last result and each item: one result for each item.

        The idea is aiochan's `scan`.

        >>> await ms.from_range(1, 5).scan(0, lambda total, number: total + number).collect()
        [1, 3, 6, 10]
        """
        return cast("Stream[Any]", self._step("scan", initial, function))

    def chain(self, *others: Source[T]) -> Stream[T]:
        """The items of this stream, and then those of other sources, one after the other."""
        return self._over(Chained((self, *others)))

    def distinct(self) -> Stream[T]:
        """Leaves out items that are equal to the one before them. The idea is aiochan's `distinct`."""
        return cast("Stream[T]", self._step("distinct", None))

    def distinct_by_key(self, key: Callable[[T], object]) -> Stream[T]:
        """Leaves out items whose key is equal to that of the item before them."""
        return cast("Stream[T]", self._step("distinct", key))

    def preflight(self, function: Callable[[], object]) -> Stream[T]:
        """Calls a function before each item is asked for, once for each: it can fill the source on demand.

        Raises what the function raises. A wait that is cancelled does not make it called again. The idea is the
        `next_preflight` of aiter's `push_aiter`.
        """
        return self._over(Preflight(self, function))

    def peekable(self) -> Peekable[T]:
        """Makes the next item one that can be looked at before it is taken."""
        from ._peekable import Peekable

        return Peekable(Peeking(self))

    def results(self) -> Stream[T | Exception]:
        """The items, and the exception that ends the stream, if one does, as the last of them."""
        return self._over(Results(self))

    def until_err(self) -> Stream[T]:
        """Items up to and including the first that is an exception."""
        return self._over(UntilError(self))

    def cooperate(self) -> Stream[T]:
        """Gives way to sibling tasks after every 128 items in a row, for a source that never waits."""
        return self._over(Cooperating(self))
