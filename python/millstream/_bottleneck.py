"""Which stage of a pipeline the others wait for, told from how long who waited at the channels between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_CLEAR = 10.0
"""How many times as long as the other a stage has to wait for that to be clear."""
_NOISE = 100.0
"""A wait is noise if it is shorter than the longest one by this factor."""
_PREFERENCE = 10.0
"""Waiting to put tells more than waiting to get, unless it is shorter by this factor."""


@dataclass(frozen=True)
class Waits:
    """How long the two stages at a channel have waited there, in seconds: the one before to put, the one behind to get."""

    before: int
    behind: int
    to_put: float
    to_get: float


@dataclass(frozen=True)
class _Wait:
    waiter: int
    waited_for: int
    seconds: float
    is_to_put: bool
    is_clear: bool


def bottleneck(channels: Iterable[Waits]) -> int | None:
    """The stage that others wait for and that waits for nobody; `None` if nobody waited.

    Of two stages, the one that waited ten times as long as the other waited *for* it; if no two differ so much, the
    longer wait decides. It begins with the stage that was waited for longest by those who put (only a slow stage fills
    the channel before it, while one behind it may be empty for want of anything to do), and goes on from each stage to
    the one that it waited for longest itself. In a circle it is the stage that kept others most, less its own waiting.
    """
    waits = _waits(channels)
    clear = [wait for wait in waits if wait.is_clear] or waits
    if not clear:
        return None
    longest = max(wait.seconds for wait in clear)
    clear = [wait for wait in clear if wait.seconds >= longest / _NOISE]
    path = [_start(clear, longest).waited_for]
    while True:
        onward = [wait for wait in clear if wait.waiter == path[-1]]
        if not onward:
            return path[-1]
        following = _first_greatest(onward, lambda wait: wait.seconds).waited_for
        if following in path:
            return _first_greatest(path[path.index(following) :], lambda stage: _balance(clear, stage))
        path.append(following)


def _waits(channels: Iterable[Waits]) -> list[_Wait]:
    sides: dict[tuple[int, int], tuple[float, float]] = {}
    for channel in channels:
        if channel.before != channel.behind:
            to_put, to_get = sides.get((channel.before, channel.behind), (0.0, 0.0))
            sides[channel.before, channel.behind] = (to_put + channel.to_put, to_get)
            to_put, to_get = sides.get((channel.behind, channel.before), (0.0, 0.0))
            sides[channel.behind, channel.before] = (to_put, to_get + channel.to_get)
    waits: list[_Wait] = []
    for (waiter, waited_for), (to_put, to_get) in sorted(sides.items()):
        mine, other = to_put + to_get, sum(sides.get((waited_for, waiter), (0.0, 0.0)))
        if mine > other:
            waits.append(_Wait(waiter, waited_for, mine - other, to_put > to_get, mine / _CLEAR >= other))
    return waits


def _start(waits: Sequence[_Wait], longest: float) -> _Wait:
    to_put = [wait for wait in waits if wait.is_to_put]
    to_get = [wait for wait in waits if not wait.is_to_put]
    if to_put:
        first = _first_greatest(to_put, lambda wait: wait.seconds)
        if first.seconds >= longest / _PREFERENCE or not to_get:
            return first
    return _first_greatest(to_get, lambda wait: wait.seconds)


def _balance(waits: Iterable[_Wait], stage: int) -> float:
    return sum(
        wait.seconds if wait.waited_for == stage else -wait.seconds if wait.waiter == stage else 0.0 for wait in waits
    )


def _first_greatest(items: Sequence[T], key: Callable[[T], float]) -> T:
    # `max` keeps the first of equals, so that the same figures always give the same picture.
    return max(items, key=key)
