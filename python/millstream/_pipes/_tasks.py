"""A stage on tasks: a function applied to everything that comes out of a source, many values at once."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import Any, TypeVar, overload

from .. import _core
from .._inputs import input_of
from .._streams._sources import Source
from ._stage import Stage

T = TypeVar("T")
R = TypeVar("R")
Many = Iterable[R] | AsyncIterable[R]


def positive(n: int, what: str) -> int:
    """Checks a number of workers."""
    if n < 1:
        raise ValueError(f"{what} must be at least 1, not {n}")
    return n


def room(capacity: int | None, default: int) -> int:
    """Checks how many results an output keeps."""
    if capacity is None:
        return default
    if capacity < 0:
        raise ValueError(f"capacity must not be negative, and is {capacity}")
    return capacity


@overload
def tasks(
    n: int, f: Callable[[T], Awaitable[R]], source: Source[T], *, ordered: bool = ..., capacity: int | None = ...
) -> _core.Receiver[R]: ...
@overload
def tasks(
    n: int, f: Callable[[T], R], source: Source[T], *, ordered: bool = ..., capacity: int | None = ...
) -> _core.Receiver[R]: ...
def tasks(
    n: int, f: Callable[[Any], Any], source: Source[Any], *, ordered: bool = False, capacity: int | None = None
) -> _core.Receiver[Any]:
    """Applies a function to each value of a source, up to `n` values at once, on tasks of the running loop.

    `f` is async for what waits; a plain function works too, and one that computes or blocks for long belongs into
    `threads` or `processes`. The source is a channel, any async iterator or any iterable; a channel may have other
    consumers. The tasks start now and go on while the consumer works, until `n` values are in work and `capacity`
    results (`n`, unless it is given) wait in the receiver that is returned.

    Values are taken in order. Results come in the order in which they are done or, with `ordered`, of their values.

    The stage ends after its source. An exception of `f` or of the source ends it too: what was done before (with
    `ordered`: what comes before) can still be got, then every get raises the exception. When the receiver is closed or
    the last handle of it is gone, calls of `f` that wait are cancelled, nothing more is taken, and an iterator as source
    is closed: no task is left, and no value that `f` has not begun with is lost from a channel.

    Raises `ValueError` for an `n` below 1, `TypeError` for what is no source, `RuntimeError` without a running loop.
    Cancelling a task that gets from the receiver loses nothing. If the stage's own tasks are cancelled, because the
    loop is shut down, the consumer gets an `Error` that says so. The idea is aiochan's `async_pipe` and aiter's
    `map_aiter`.

        pages = ms.tasks(8, fetch, urls, ordered=True)
        async for page in pages: ...
    """
    return _start(n, f, source, ordered, capacity, flat=False)


@overload
def flat_tasks(
    n: int, f: Callable[[T], Awaitable[Many[R]]], source: Source[T], *, ordered: bool = ..., capacity: int | None = ...
) -> _core.Receiver[R]: ...
@overload
def flat_tasks(
    n: int, f: Callable[[T], Many[R]], source: Source[T], *, ordered: bool = ..., capacity: int | None = ...
) -> _core.Receiver[R]: ...
def flat_tasks(
    n: int, f: Callable[[Any], Any], source: Source[Any], *, ordered: bool = False, capacity: int | None = None
) -> _core.Receiver[Any]:
    """`tasks` with a function that gives any number of results for one value.

    `f` returns an iterable or an async iterable, or is an async generator function, or an async function that returns
    one of them. Results are drawn one by one, as there is room for them; with `ordered` the first is drawn ahead of its
    turn and the others in it. Generators that are left early are closed.

        words = ms.flat_tasks(4, lines_of, paths)
    """
    return _start(n, f, source, ordered, capacity, flat=True)


def _start(
    n: int, f: Callable[[Any], Any], source: Source[Any], ordered: bool, capacity: int | None, *, flat: bool
) -> _core.Receiver[Any]:
    output: _core.Sender[Any]
    results: _core.Receiver[Any]
    positive(n, "the number of tasks")
    output, results = _core.pair(room(capacity, n))
    Stage(input_of(source), output, f, workers=n, ordered=ordered, flat=flat, name="millstream tasks")
    return results
