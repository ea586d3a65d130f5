"""Beginnings of streams: iterators, ranges, and functions that emit."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar, overload

from ._generate import Emit, Generated
from ._stream import Stream

T = TypeVar("T")


def from_iter(items: Iterable[T]) -> Stream[T]:
    """A stream of the items of an iterable.

    Nothing is taken from it before it is asked for, so an endless one is fine. After every 256 items in a row it gives
    way to sibling tasks. An iterator that blocks, blocks the event loop: put such items into a channel from a thread.

    Errors: what the iterator raises comes in its place. Cancellation: loses nothing.

    >>> await ms.from_iter("ab").collect()
    ['a', 'b']
    """
    return Stream(iter(items))


@overload
def from_range(stop: int | None = None, /) -> Stream[int]: ...
@overload
def from_range(start: int, stop: int | None, step: int = 1, /) -> Stream[int]: ...
def from_range(*bounds: int | None) -> Stream[int]:
    """A stream of numbers, as of `range`: `from_range(stop)`, `from_range(start, stop)`, `from_range(start, stop, step)`.

    Without an argument, or with None for the stop, it is endless: `from_range(1, None)`.

    Raises `ValueError` if `step` is 0. The idea is aiochan's `from_range`.

    >>> await ms.from_range(3).collect(), await ms.from_range(1, None, 2).take(3).collect()
    ([0, 1, 2], [1, 3, 5])
    """
    if len(bounds) < 2:
        start, stop, step = 0, bounds[0] if bounds else None, 1
    else:
        start, stop, step = bounds[0] or 0, bounds[1], 1 if len(bounds) < 3 or bounds[2] is None else bounds[2]
    if not step:
        raise ValueError("step must not be zero")
    return Stream(itertools.count(start, step) if stop is None else iter(range(start, stop, step)))


def generate(block: Callable[[Emit[T]], Awaitable[object]]) -> Stream[T]:
    """A stream of what an async function emits, from wherever in its calls it likes.

    The function is called with `emit`, which hands out an item and waits until the one after it is wanted. It runs in a
    task, from the first wish for an item up to the next item: what follows an emit is not run before it is needed.

    Errors: the exception of the function comes after what it emitted. Cancellation: cancelling whoever waits loses
    nothing, and leaves the function alone; closing the stream, or letting go of it, cancels the function.

    The idea is the async generator, which can emit from its own body alone and does not survive a cancelled wait.

    >>> async def count(emit):
    ...     for number in range(3):
    ...         await emit(number)
    >>> await ms.generate(count).collect()
    [0, 1, 2]
    """
    return Stream(Generated(block))
