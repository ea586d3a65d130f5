"""A function applied to each item, one after the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine
from typing import Any, TypeVar, overload

from ._stage import OnError, Step, apply

__all__ = ["simple_map_aiter"]

T = TypeVar("T")
U = TypeVar("U")


class Mapped(Step[T, U]):
    """The results of a function."""

    def __init__(self, map_f: Callable[[T], Any], source: AsyncIterable[T], on_error: OnError) -> None:
        super().__init__(source, on_error)
        self._function = map_f
        self._again: deque[T] = deque()

    async def _pull(self) -> U:
        while True:
            item = self._again.popleft() if self._again else await self._source.__anext__()
            try:
                result: U = await apply(self._function, item)
                return result
            except asyncio.CancelledError:
                # Nobody has got anything for the item, and it cannot go back into the source.
                self._again.append(item)
                raise
            except Exception as error:
                self._failed(error, self._function, item)
                del item


@overload
def simple_map_aiter(
    map_f: Callable[[T], Coroutine[Any, Any, U]], aiter: AsyncIterable[T], *, on_error: OnError = "raise"
) -> AsyncGenerator[U, Any]: ...
@overload
def simple_map_aiter(
    map_f: Callable[[T], U], aiter: AsyncIterable[T], *, on_error: OnError = "raise"
) -> AsyncGenerator[U, Any]: ...
def simple_map_aiter(
    map_f: Callable[[T], Any], aiter: AsyncIterable[T], *, on_error: OnError = "raise"
) -> AsyncGenerator[Any, Any]:
    """Yields what `map_f` makes of each item of `aiter`, in order.

    `map_f` is a function or a coroutine function; a coroutine that it returns is awaited. Its first error is raised to
    the consumer and ends the iteration, unless `on_error` is "log": then it is logged and its item is left out.
    A consumer that is cancelled while the function runs cancels the function, and the next one has it called again with
    the same item.
    """
    return Mapped(map_f, aiter, on_error)
