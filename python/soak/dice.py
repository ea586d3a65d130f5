"""Choices that a seed repeats."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A source of choices. Each member of a run has one of its own, since members take turns as they like."""

    __slots__ = ("_random",)

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, end: int) -> int:
        return self._random.randrange(end) if end > 0 else 0

    def between(self, first: int, last: int) -> int:
        return self._random.randint(first, last)

    def once_in(self, n: int) -> bool:
        return not self._random.randrange(n)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self._random.randrange(len(choices))]

    def moment(self) -> float:
        """Some seconds: none, hardly any, or few."""
        return self.pick((0.0, 0.00001, 0.0001, 0.0005, 0.002))

    def fork(self) -> Dice:
        return Dice(self._random.getrandbits(62))
