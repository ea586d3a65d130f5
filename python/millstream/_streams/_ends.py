"""The ends of a stream: what consumes it and gives one result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ._base import Base
from ._forward import forward
from ._sequence import MISSING
from ._sources import call

if TYPE_CHECKING:
    from .._core import Chan, Sender

T = TypeVar("T", covariant=True)
U = TypeVar("U")
V = TypeVar("V")
D = TypeVar("D")


class Ends(Base[T], Generic[T]):
    """Consumers.

    Each raises the exception of the stream. Functions may be plain or async. When one is cancelled, the stream can go on:
    what it had taken is lost with it, unless it says otherwise. One that ends early leaves the rest in the stream.
    """

    __slots__ = ()

    async def collect(self, into: list[T] | None = None) -> list[T]:
        """All items as a list; appended to `into`, if that is given, from which nothing is lost.

        >>> await ms.from_range(3).collect()
        [0, 1, 2]
        """
        if into is None:
            return [item async for item in self]
        async for item in self:
            into.append(item)
        return into

    async def collect_n(self, count: int, into: list[T] | None = None) -> list[T]:
        """The next `count` items, or those that are left, as a list; the rest stays in the stream. 0 takes nothing.

        With `into` they are appended to that, from which nothing is lost. The idea is aiochan's `collect(n)`.
        """
        items: list[T] = [] if into is None else into
        for _ in range(count):
            try:
                items.append(await self.__anext__())
            except StopAsyncIteration:
                break
        return items

    @overload
    async def fold(self, initial: U, function: Callable[[U, T], Awaitable[U]]) -> U: ...
    @overload
    async def fold(self, initial: U, function: Callable[[U, T], U]) -> U: ...
    async def fold(self, initial: Any, function: Callable[[Any, T], Any]) -> Any:
        """What a function makes of the initial value and the items, one after the other.

        >>> await ms.from_range(4).fold(10, lambda total, number: total + number)
        16
        """
        result = initial
        async for item in self:
            result = await call(function, result, item)
        return result

    @overload
    async def reduce(self, function: Callable[[T, T], Awaitable[T]]) -> T: ...
    @overload
    async def reduce(self, function: Callable[[T, T], T]) -> T: ...
    @overload
    async def reduce(self, function: Callable[[U, T], U], initial: U) -> U: ...
    async def reduce(self, function: Callable[[Any, T], Any], initial: Any = MISSING) -> Any:
        """`fold` that begins with the first item, if there is no initial value, in the manner of `functools.reduce`.

        Raises `TypeError` if there is neither. The idea is aiochan's `reduce`.
        """
        if initial is MISSING:
            try:
                initial = await self.__anext__()
            except StopAsyncIteration:
                raise TypeError("reduce() of an empty stream with no initial value") from None
        return await self.fold(initial, function)

    async def for_each(self, function: Callable[[T], object]) -> None:
        """Calls a function with each item."""
        async for item in self:
            await call(function, item)

    async def count(self) -> int:
        """How many items there are."""
        count = 0
        async for _ in self:
            count += 1
        return count

    @overload
    async def last(self) -> T | None: ...
    @overload
    async def last(self, default: D) -> T | D: ...
    async def last(self, default: Any = None) -> Any:
        """The last item, or the default if there is none."""
        last = default
        async for item in self:
            last = item
        return last

    @overload
    async def nth(self, index: int) -> T | None: ...
    @overload
    async def nth(self, index: int, default: D) -> T | D: ...
    async def nth(self, index: int, default: Any = None) -> Any:
        """The item of a number, counted from 0, or the default if there are fewer; those before it are dropped."""
        if index < 0:
            raise ValueError("index must not be negative")
        try:
            for _ in range(index):
                await self.__anext__()
            return await self.__anext__()
        except StopAsyncIteration:
            return default

    @overload
    async def find(self, predicate: Callable[[T], object]) -> T | None: ...
    @overload
    async def find(self, predicate: Callable[[T], object], default: D) -> T | D: ...
    async def find(self, predicate: Callable[[T], object], default: Any = None) -> Any:
        """The first item for which a predicate is true, or the default."""
        async for item in self:
            if await call(predicate, item):
                return item
        return default

    @overload
    async def find_map(self, function: Callable[[T], Awaitable[U | None]]) -> U | None: ...
    @overload
    async def find_map(self, function: Callable[[T], U | None]) -> U | None: ...
    async def find_map(self, function: Callable[[T], Any]) -> Any:
        """The first result of a function that is not None, or None."""
        async for item in self:
            result = await call(function, item)
            if result is not None:
                return result
        return None

    async def position(self, predicate: Callable[[T], object]) -> int | None:
        """The number, counted from 0, of the first item for which a predicate is true, or None."""
        position = 0
        async for item in self:
            if await call(predicate, item):
                return position
            position += 1
        return None

    async def all(self, predicate: Callable[[T], object] = bool) -> bool:
        """Whether a predicate is true for all items; ends at the first for which it is not."""
        async for item in self:
            if not await call(predicate, item):
                return False
        return True

    async def any(self, predicate: Callable[[T], object] = bool) -> bool:
        """Whether a predicate is true for any item; ends at the first for which it is."""
        async for item in self:
            if await call(predicate, item):
                return True
        return False

    async def partition(self, predicate: Callable[[T], object]) -> tuple[list[T], list[T]]:
        """The items for which a predicate is true, and the others.

        >>> await ms.from_range(5).partition(lambda number: number % 2)
        ([1, 3], [0, 2, 4])
        """
        parts: tuple[list[T], list[T]] = ([], [])
        async for item in self:
            parts[0 if await call(predicate, item) else 1].append(item)
        return parts

    async def unzip(self: Ends[tuple[U, V]]) -> tuple[list[U], list[V]]:
        """The first halves of pairs, and the second."""
        firsts: list[U] = []
        seconds: list[V] = []
        async for first, second in self:
            firsts.append(first)
            seconds.append(second)
        return firsts, seconds

    async def forward_into(self, chan: Chan[T] | Sender[T], *, close: bool = True) -> int:
        """Puts the items into a channel, and says how many they were. At the end closes it, unless `close` is false.

        Errors: `Closed` if the channel is closed before the stream ends, also while the stream has nothing; its `value` is
        an item that could not be put, if there was one. An exception of the stream is raised; with `close` it also
        closes the channel, and reaches whoever gets from it.
        Cancellation: every item that was pulled is put. One that waits for a place when this is cancelled stays in line.

        The idea is the `out=` and `close=` of aiochan's transformers.

        >>> chan = ms.bounded(8)
        >>> await ms.from_range(3).forward_into(chan)
        3
        >>> await chan.stream().collect()
        [0, 1, 2]
        """
        return await forward(self, chan, close)
