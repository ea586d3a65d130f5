"""What the tests have worker processes call: they find it by the name of this module."""

from __future__ import annotations

import os
from collections.abc import Callable


def negative(n: int) -> int:
    return -n


def with_state(state: str, n: int) -> str:
    return f"{state}{n}{os.getpid()}"


def make_state(prefix: str) -> str:
    return prefix


def fail_to_make_state() -> str:
    raise ValueError("init in a process")


def until_three(n: int) -> int:
    if n == 3:
        raise ValueError(n)
    return n


def die_at_three(n: int) -> int:
    if n == 3:
        os._exit(1)
    return n


def give_a_lambda(n: int) -> Callable[[], int]:
    return lambda: n


class Unloadable(Exception):
    """Can be pickled, but not loaded again."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


def raise_unloadable(n: int) -> int:
    raise Unloadable(n, n)
