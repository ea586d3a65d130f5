"""Items of items."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator
from typing import TypeVar

from ..._streams._sources import TURN
from ._stage import OnError, Step
from .iter_to_aiter import give_way

__all__ = ["flatten_aiter"]

T = TypeVar("T")


class Flattened(Step[Iterable[T], T]):
    """The items of the iterables that a source yields."""

    def __init__(self, source: AsyncIterable[Iterable[T]], on_error: OnError) -> None:
        super().__init__(source, on_error)
        # More than one only if several tasks have pulled at the same time.
        self._open: deque[Iterator[T]] = deque()
        self._left = TURN

    async def _pull(self) -> T:
        while True:
            while self._open:
                self._left -= 1
                if not self._left:
                    self._left = TURN
                    await give_way()
                    continue
                items = self._open[0]
                try:
                    return next(items)
                except StopIteration:
                    self._open.popleft()
                except Exception as error:
                    self._open.popleft()
                    self._failed(error, iter, items)
            iterable = await self._source.__anext__()
            try:
                self._open.append(iter(iterable))
            except Exception as error:
                self._failed(error, iter, iterable)


def flatten_aiter(aiter: AsyncIterable[Iterable[T]], *, on_error: OnError = "raise") -> AsyncGenerator[T, None]:
    """Yields all that is in the iterables which `aiter` yields.

    Something that is not iterable, or an iterable that raises, ends the iteration with its error, unless `on_error` is
    "log": then the error is logged, and the rest of that one is left out.
    """
    return Flattened(aiter, on_error)
