"""A function applied to each item, by one worker or by several."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine
from typing import Any, TypeVar, overload

from ._stage import OnError
from .parallel_map_aiter import parallel_map_aiter
from .simple_map_aiter import simple_map_aiter

__all__ = ["map_aiter"]

T = TypeVar("T")
U = TypeVar("U")


@overload
def map_aiter(
    map_f: Callable[[T], Coroutine[Any, Any, U]],
    aiter: AsyncIterable[T],
    worker_count: int = 1,
    *,
    on_error: OnError = "raise",
) -> AsyncGenerator[U, Any]: ...
@overload
def map_aiter(
    map_f: Callable[[T], U], aiter: AsyncIterable[T], worker_count: int = 1, *, on_error: OnError = "raise"
) -> AsyncGenerator[U, Any]: ...
def map_aiter(
    map_f: Callable[[T], Any], aiter: AsyncIterable[T], worker_count: int = 1, *, on_error: OnError = "raise"
) -> AsyncGenerator[Any, Any]:
    """Yields what `map_f` makes of each item of `aiter`.

    With `worker_count` above 1, that many calls run side by side and results come as they are done; a plain function
    would gain nothing from that and is refused with `ValueError`. Errors are as in `simple_map_aiter`.
    """
    if worker_count > 1:
        if not any(map(_is_asynchronous, (map_f, getattr(map_f, "__call__", None)))):  # noqa: B004
            raise ValueError(f"{map_f!r} is no coroutine function, so more than one worker has nothing to do for it")
        return parallel_map_aiter(map_f, aiter, worker_count, on_error=on_error)
    return simple_map_aiter(map_f, aiter, on_error=on_error)


def _is_asynchronous(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
