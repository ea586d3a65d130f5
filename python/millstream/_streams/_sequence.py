"""Operators that work on one item after the other, within the consumer's task.

None is an async generator: that would end for good when the task which waits for it is cancelled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from ._sources import TURN, Source, call, close, iterator_of

T = TypeVar("T")
U = TypeVar("U")

MISSING: Any = object()


class Operator(Generic[T, U]):
    """What all have in common: a source, which is closed with the operator."""

    __slots__ = ("_source",)

    def __init__(self, source: AsyncIterator[T]) -> None:
        self._source = source

    def __aiter__(self) -> AsyncIterator[U]:
        return self

    async def __anext__(self) -> U:
        raise NotImplementedError

    async def aclose(self) -> None:
        """Closes the source."""
        await close(self._source)


class MapWhile(Operator[T, U]):
    """What a function makes of the items, until it returns None."""

    __slots__ = ("_function", "_is_over", "_item")

    def __init__(self, source: AsyncIterator[T], function: Callable[[T], Any]) -> None:
        super().__init__(source)
        self._function = function
        self._is_over = False
        # The item of a call that was cancelled, which is made again.
        self._item: Any = MISSING

    async def __anext__(self) -> U:
        if not self._is_over:
            if self._item is MISSING:
                self._item = await self._source.__anext__()
            try:
                result: U | None = await call(self._function, self._item)
            except Exception:
                self._item = MISSING
                raise
            self._item = MISSING
            if result is not None:
                return result
            self._is_over = True
        raise StopAsyncIteration


class StepBy(Operator[T, T]):
    """The first of every so many items."""

    __slots__ = ("_skip", "_step")

    def __init__(self, source: AsyncIterator[T], step: int) -> None:
        super().__init__(source)
        if step < 1:
            raise ValueError("step must be at least 1")
        self._step = step
        self._skip = 0

    async def __anext__(self) -> T:
        left = TURN
        while self._skip:
            left -= 1
            if not left:
                left = TURN
                await asyncio.sleep(0)
            await self._source.__anext__()
            self._skip -= 1
        item = await self._source.__anext__()
        self._skip = self._step - 1
        return item


class Chained(Generic[T]):
    """The items of one source after those of another."""

    __slots__ = ("_sources",)

    def __init__(self, sources: tuple[Source[T], ...]) -> None:
        self._sources = deque(iterator_of(source) for source in sources)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while self._sources:
            try:
                return await self._sources[0].__anext__()
            except StopAsyncIteration:
                self._sources.popleft()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Closes all sources."""
        while self._sources:
            await close(self._sources.popleft())


class Preflight(Operator[T, T]):
    """A function called before each item is asked for; once for each, even if the wait for it is cancelled."""

    __slots__ = ("_function", "_is_called")

    def __init__(self, source: AsyncIterator[T], function: Callable[[], object]) -> None:
        super().__init__(source)
        self._function = function
        self._is_called = False

    async def __anext__(self) -> T:
        if not self._is_called:
            await call(self._function)
            self._is_called = True
        item = await self._source.__anext__()
        self._is_called = False
        return item


class Results(Operator[T, Any]):
    """The items, and the error that the stream ends with as the last of them."""

    __slots__ = ("_is_over",)

    def __init__(self, source: AsyncIterator[T]) -> None:
        super().__init__(source)
        self._is_over = False

    async def __anext__(self) -> Any:
        if self._is_over:
            raise StopAsyncIteration
        try:
            return await self._source.__anext__()
        except StopAsyncIteration:
            raise
        except Exception as error:
            self._is_over = True
            return error


class UntilError(Operator[T, T]):
    """Items up to and including the first that is an exception."""

    __slots__ = ("_is_over",)

    def __init__(self, source: AsyncIterator[T]) -> None:
        super().__init__(source)
        self._is_over = False

    async def __anext__(self) -> T:
        if self._is_over:
            raise StopAsyncIteration
        item = await self._source.__anext__()
        self._is_over = isinstance(item, BaseException)
        return item


class Cooperating(Operator[T, T]):
    """Items that give way to sibling tasks after every 128 in a row."""

    __slots__ = ("_left",)

    def __init__(self, source: AsyncIterator[T]) -> None:
        super().__init__(source)
        self._left = TURN

    async def __anext__(self) -> T:
        if not self._left:
            self._left = TURN
            await asyncio.sleep(0)
        self._left -= 1
        return await self._source.__anext__()


class Peeking(Operator[T, T]):
    """Items of which the next can be looked at before it is taken."""

    __slots__ = ("_next",)

    def __init__(self, source: AsyncIterator[T]) -> None:
        super().__init__(source)
        self._next: Any = MISSING

    async def peek(self) -> T:
        """The next item, which stays; raises `StopAsyncIteration` at the end."""
        if self._next is MISSING:
            self._next = await self._source.__anext__()
        item: T = self._next
        return item

    async def __anext__(self) -> T:
        item = await self.peek()
        self._next = MISSING
        return item

    async def aclose(self) -> None:
        """Closes the source and drops the item that was looked at."""
        self._next = MISSING
        await super().aclose()
