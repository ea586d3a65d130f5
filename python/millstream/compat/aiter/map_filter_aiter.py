"""A function applied to each item, and what it returns taken apart."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Iterable
from typing import Any, TypeVar, overload

from ._stage import OnError
from .flatten_aiter import Flattened
from .simple_map_aiter import Mapped

__all__ = ["map_filter_aiter"]

T = TypeVar("T")
U = TypeVar("U")


@overload
def map_filter_aiter(
    map_f: Callable[[T], Coroutine[Any, Any, Iterable[U]]], aiter: AsyncIterable[T], *, on_error: OnError = "raise"
) -> AsyncGenerator[U, Any]: ...
@overload
def map_filter_aiter(
    map_f: Callable[[T], Iterable[U]], aiter: AsyncIterable[T], *, on_error: OnError = "raise"
) -> AsyncGenerator[U, Any]: ...
def map_filter_aiter(
    map_f: Callable[[T], Any], aiter: AsyncIterable[T], *, on_error: OnError = "raise"
) -> AsyncGenerator[Any, Any]:
    """Yields, for each item of `aiter`, all that is in the iterable which `map_f` returns: none, one or many.

    Errors of the function and of what it returns are as in `simple_map_aiter`.
    """
    mapped: Mapped[Any, Iterable[Any]] = Mapped(map_f, aiter, on_error)
    return Flattened(mapped, on_error)
