"""What a stream can be made of: any async iterable, and any iterable, which then gives sibling tasks a turn."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, Union

T = TypeVar("T")

Source = Union[AsyncIterable[T], Iterable[T]]
"""Whatever the functions of this package take items from."""

TURN = 128
"""After how many items in a row siblings get a turn: enough that the cost of giving way disappears."""


class Iterate(Generic[T]):
    """The items of an iterator, which give way to sibling tasks after every 128 in a row.

    An async generator does the work, because nothing is quicker. Cancelling a task ends an async generator for good, so
    there is a new one after that: the iterator itself is where it was.
    """

    __slots__ = ("_generator", "_iterator")

    def __init__(self, items: Iterable[T]) -> None:
        self._iterator = iter(items)
        self._generator: AsyncGenerator[T, None] | None = None

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        generator = self._generator
        if generator is None:
            generator = self._generator = self._run(self._iterator)
        return generator.__anext__()

    async def _run(self, iterator: Iterator[T]) -> AsyncGenerator[T, None]:
        while True:
            left = TURN
            for item in iterator:
                yield item
                left -= 1
                if not left:
                    break
            else:
                return
            try:
                await asyncio.sleep(0)
            except BaseException:
                self._generator = None
                raise

    async def aclose(self) -> None:
        """Ends the iteration and closes the iterator, if it is a generator."""
        close = getattr(self._iterator, "close", None)
        self._iterator = iter(())
        if self._generator is not None:
            await self._generator.aclose()
            self._generator = None
        if close is not None and inspect.isgenerator(close.__self__):
            close()


def iterator_of(source: Source[T]) -> AsyncIterator[T]:
    """The async iterator of a source; a plain iterable becomes one that gives way.

    Raises `TypeError` for what is neither.
    """
    if isinstance(source, AsyncIterable):
        return source.__aiter__()
    if not hasattr(source, "__iter__"):
        raise TypeError(f"an async iterable or an iterable is needed, not {type(source).__name__}")
    return Iterate(source)


async def close(source: object) -> None:
    """Closes an async iterator that can be closed; a channel that was only read from stays open."""
    aclose: Callable[[], Awaitable[Any]] | None = getattr(source, "aclose", None)
    if aclose is not None:
        await aclose()


async def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function of the user's and awaits what it returns, if that can be awaited.

    Raises what the function raises; a `StopAsyncIteration` comes as `RuntimeError`, as out of an async generator: it
    would be taken for the end of the stream.
    """
    try:
        result = function(*arguments)
        if inspect.isawaitable(result):
            result = await result
    except StopAsyncIteration as error:
        raise RuntimeError("a function given to a stream raised StopAsyncIteration") from error
    return result
