"""A look at the next item before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from ._handle import Handle
from ._sequence import MISSING, Peeking
from ._sources import call

T = TypeVar("T")
D = TypeVar("D")


class Peekable(Handle[T], Generic[T]):
    """A stream whose next item can be looked at; made by `Stream.peekable`."""

    __slots__ = ()

    _inner: Peeking[T]

    @overload
    async def peek(self) -> T: ...
    @overload
    async def peek(self, default: D) -> T | D: ...
    async def peek(self, default: Any = MISSING) -> Any:
        """Waits for the next item, which stays.

        At the end returns the default or, like `anext`, raises `StopAsyncIteration`. Cancelling the wait loses nothing.
        """
        try:
            return await self._inner.peek()
        except StopAsyncIteration:
            if default is MISSING:
                raise
            return default

    @overload
    async def next_if(self, wanted: Callable[[T], object]) -> T | None: ...
    @overload
    async def next_if(self, wanted: Callable[[T], object], default: D) -> T | D: ...
    async def next_if(self, wanted: Callable[[T], object], default: Any = None) -> Any:
        """Waits for the next item and takes it if `wanted` says so; otherwise it stays, and the default is returned."""
        try:
            item = await self._inner.peek()
        except StopAsyncIteration:
            return default
        if not await call(wanted, item):
            return default
        return await self._inner.__anext__()
