"""A function applied to each item by several workers."""

from __future__ import annotations

import operator
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine
from typing import Any, TypeVar, overload

from ._stage import OnError
from .iter_to_aiter import iter_to_aiter
from .join_aiters import Joined
from .sharable_aiter import sharable_aiter
from .simple_map_aiter import Mapped

__all__ = ["parallel_map_aiter"]

T = TypeVar("T")
U = TypeVar("U")


@overload
def parallel_map_aiter(
    map_f: Callable[[T], Coroutine[Any, Any, U]],
    aiter: AsyncIterable[T],
    worker_count: int,
    q: object = None,
    maxsize: int = 1,
    *,
    on_error: OnError = "raise",
) -> AsyncGenerator[U, Any]: ...
@overload
def parallel_map_aiter(
    map_f: Callable[[T], Coroutine[Any, Any, U]],
    aiter: int,
    worker_count: AsyncIterable[T],
    q: object = None,
    maxsize: int = 1,
    *,
    on_error: OnError = "raise",
) -> AsyncGenerator[U, Any]: ...
@overload
def parallel_map_aiter(
    map_f: Callable[[T], U],
    aiter: AsyncIterable[T],
    worker_count: int,
    q: object = None,
    maxsize: int = 1,
    *,
    on_error: OnError = "raise",
) -> AsyncGenerator[U, Any]: ...
@overload
def parallel_map_aiter(
    map_f: Callable[[T], U],
    aiter: int,
    worker_count: AsyncIterable[T],
    q: object = None,
    maxsize: int = 1,
    *,
    on_error: OnError = "raise",
) -> AsyncGenerator[U, Any]: ...
def parallel_map_aiter(
    map_f: Callable[[Any], Any],
    aiter: Any,
    worker_count: Any,
    q: object = None,
    maxsize: int = 1,
    *,
    on_error: OnError = "raise",
) -> AsyncGenerator[Any, Any]:
    """Yields what `map_f` makes of each item of `aiter`, as it is done, by `worker_count` workers.

    aiter 0.1 has the number of workers before the iterator and 0.13 after it; either is understood. `q` and `maxsize`
    are 0.1's, and do nothing, as there. At most `worker_count` items are under way or wait to be taken. The first
    error ends the iteration, after the results that are there, unless `on_error` is "log".
    """
    if not hasattr(aiter, "__aiter__"):
        aiter, worker_count = worker_count, aiter
    count = operator.index(worker_count)
    shared: sharable_aiter[Any] = sharable_aiter(aiter)
    workers: list[Mapped[Any, Any]] = [Mapped(map_f, shared, on_error) for _ in range(count)]
    return Joined(iter_to_aiter(workers), "raise", count, shared.drop)
