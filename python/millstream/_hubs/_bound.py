"""How far one output of a hub may fall behind the others, and what happens then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .. import _core


@dataclass(frozen=True)
class Bound:
    """How far one output of a hub may fall behind the others, and what happens then.

    ``Bound.LOCKSTEP``: each value must be taken before the next one comes; nobody is ever ahead.
    ``Bound.wait(n)``: it may be `n` values behind, then the others wait for it; nothing is lost.
    ``Bound.drop_newest(n)``, ``Bound.drop_oldest(n)``: it may be `n` values behind, then it misses the newest or the
    oldest; it never holds the others up.

    Where a bound is asked for, a plain `n` stands for ``Bound.wait(n)``. Raises `ValueError` for an `n` below 0.
    """

    capacity: int
    policy: Literal["wait", "drop_newest", "drop_oldest"] = "wait"

    LOCKSTEP: ClassVar[Bound]

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise ValueError(f"a bound must not be negative, and is {self.capacity}")

    @classmethod
    def wait(cls, capacity: int) -> Bound:
        """The others wait for it."""
        return cls(capacity)

    @classmethod
    def drop_newest(cls, capacity: int) -> Bound:
        """It misses the newest values."""
        return cls(capacity, "drop_newest")

    @classmethod
    def drop_oldest(cls, capacity: int) -> Bound:
        """It misses the oldest values."""
        return cls(capacity, "drop_oldest")


Bound.LOCKSTEP = Bound(0)

AnyBound = Bound | int


def channel(bound: AnyBound) -> tuple[_core.Sender[Any], _core.Receiver[Any]]:
    """A channel under a bound."""
    if not isinstance(bound, Bound):
        bound = Bound(bound)
    if bound.policy == "wait":
        return _core.pair(bound.capacity)
    make = _core.dropping if bound.policy == "drop_newest" else _core.sliding
    whole: _core.Chan[Any] = make(bound.capacity)
    return whole.split()
