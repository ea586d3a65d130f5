"""What the iterators of this package have in common: they can be used like async generators."""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar

from ._source import Kept

__all__ = ["OnError", "Stage", "Step", "apply", "checked", "log"]

T = TypeVar("T")
U = TypeVar("U")

OnError = Literal["raise", "log"]
"""What becomes of an error: it ends the iteration and is raised, or it is logged and its item left out."""

log = logging.getLogger(__name__.rpartition(".")[0])


class Stage(AsyncGenerator[T, Any]):
    """An async iterator with the methods of an async generator, which a cancelled consumer does not end."""

    _is_over = False

    async def _pull(self) -> T:
        """The next item, or `StopAsyncIteration`."""
        raise NotImplementedError

    async def _release(self) -> None:
        """Lets go of whatever works for this iterator."""

    async def __anext__(self) -> T:
        if self._is_over:
            raise StopAsyncIteration
        return await self._pull()

    async def asend(self, value: Any) -> T:
        """The next item; the value is ignored, as by an async generator that does not look at it."""
        return await self.__anext__()

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: object = None,
        tb: TracebackType | None = None,
    ) -> T:
        """Ends the iteration and raises the exception."""
        await self.aclose()
        if isinstance(typ, BaseException):
            error = typ
        elif isinstance(val, BaseException):
            error = val
        else:
            error = typ() if val is None else typ(val)
        raise error.with_traceback(tb)

    async def aclose(self) -> None:
        """Ends the iteration; the source is left as it is."""
        if not self._is_over:
            self._is_over = True
            await self._release()


class Step(Stage[U], Generic[T, U]):
    """A stage that works in the task of its consumer, with a function of the user's."""

    def __init__(self, source: AsyncIterable[T], on_error: OnError) -> None:
        self._source: Kept[T] = Kept(source)
        self._drops = checked(on_error) == "log"
        self._error: Exception | None = None

    async def __anext__(self) -> U:
        if self._error is not None:
            raise self._error
        return await super().__anext__()

    def _failed(self, error: Exception, what: object, item: object) -> None:
        """Logs an error, or ends the iteration with it."""
        if not self._drops:
            self._error = error
            raise error
        log.error("%r failed for %r, which is left out", what, item, exc_info=error)


def checked(on_error: OnError) -> OnError:
    """Raises `ValueError` for what is no way to treat errors."""
    if on_error not in ("raise", "log"):
        raise ValueError(f"on_error is 'raise' or 'log', not {on_error!r}")
    return on_error


async def apply(function: Callable[[T], Any], item: T) -> Any:
    """Calls a function and awaits the coroutine that it may return; futures and other awaitables are values.

    A `StopAsyncIteration` out of the function comes as `RuntimeError`: it would be taken for the end.
    """
    try:
        result = function(item)
        if inspect.iscoroutine(result):
            result = await result
    except StopAsyncIteration as error:
        raise RuntimeError(f"{function!r} raised StopAsyncIteration") from error
    return result
