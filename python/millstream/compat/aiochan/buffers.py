"""The buffers of aiochan: what a channel does with values that nobody has taken yet.

They work alone, can be subclassed, and any object with ``add``, ``take``, ``can_add`` and ``can_take`` will do as well.
A buffer that was given to a channel belongs to that channel.
"""

from __future__ import annotations

import abc
import collections
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

__all__ = [
    "AbstractBuffer",
    "DroppingBuffer",
    "FixedLengthBuffer",
    "IterBuffer",
    "PromiseBuffer",
    "SlidingBuffer",
]

T = TypeVar("T")


class AbstractBuffer(abc.ABC, Generic[T]):
    """What a buffer has to have. A subclass says how values are kept."""

    __slots__ = ()

    @abc.abstractmethod
    def add(self, el: T) -> None:
        """Keeps ``el``. Called only while ``can_add`` is true."""

    @abc.abstractmethod
    def take(self) -> T:
        """Hands out the next value. Called only while ``can_take`` is true."""

    @property
    @abc.abstractmethod
    def can_add(self) -> bool:
        """Whether ``add`` would be accepted now; puts wait while it is false."""

    @property
    @abc.abstractmethod
    def can_take(self) -> bool:
        """Whether there is a value to ``take`` now; gets wait while it is false."""


class _Queue(AbstractBuffer[T]):
    """Values in the order in which they came, and how many of them there may be."""

    __slots__ = ("_maxsize", "_queue")

    def __init__(self, maxsize: int | None) -> None:
        self._maxsize = maxsize
        self._queue: collections.deque[T] = collections.deque()

    def take(self) -> T:
        return self._queue.popleft()

    @property
    def can_take(self) -> bool:
        return bool(self._queue)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self._queue)!r} of {self._maxsize}>"


class FixedLengthBuffer(_Queue[T]):
    """Keeps up to ``maxsize`` values; when it is full, puts wait."""

    __slots__ = ()

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)

    def add(self, el: T) -> None:
        self._queue.append(el)

    @property
    def can_add(self) -> bool:
        return self._maxsize is None or len(self._queue) < self._maxsize


class DroppingBuffer(_Queue[T]):
    """Keeps up to ``maxsize`` values; when it is full, a new value is dropped and its put succeeds."""

    __slots__ = ()

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)

    def add(self, el: T) -> None:
        if self._maxsize is None or len(self._queue) < self._maxsize:
            self._queue.append(el)

    @property
    def can_add(self) -> bool:
        return True


class SlidingBuffer(_Queue[T]):
    """Keeps the newest ``maxsize`` values; when it is full, the oldest is dropped. ``None`` keeps all."""

    __slots__ = ()

    def __init__(self, maxsize: int | None) -> None:
        super().__init__(maxsize)

    def add(self, el: T) -> None:
        self._queue.append(el)
        if self._maxsize is not None and len(self._queue) > self._maxsize:
            self._queue.popleft()

    @property
    def can_add(self) -> bool:
        return True


class PromiseBuffer(AbstractBuffer[T]):
    """Keeps the first value for good, whatever it is: every ``take`` gives it, and later values are ignored."""

    __slots__ = ("_has", "_val")

    def __init__(self, _: object = None) -> None:
        self._has = False
        self._val: Any = None

    def add(self, el: T) -> None:
        if not self._has:
            self._has = True
            self._val = el

    def take(self) -> T:
        value: T = self._val
        return value

    @property
    def can_add(self) -> bool:
        return True

    @property
    def can_take(self) -> bool:
        return self._has


class IterBuffer(AbstractBuffer[T]):
    """The items of an iterable, one after the other; it accepts nothing.

    An item is pulled when somebody asks whether there is one, and none before that. An error of the iterable comes out
    in its place; what an item is does not matter, ``None`` included.
    """

    __slots__ = ("_held", "_iter")

    def __init__(self, it: Iterable[T]) -> None:
        self._iter: Iterator[T] | None = iter(it)
        self._held: list[T] = []

    def add(self, el: T) -> None:
        raise TypeError("an IterBuffer accepts no values")

    @property
    def can_add(self) -> bool:
        return False

    @property
    def can_take(self) -> bool:
        if self._held:
            return True
        if self._iter is None:
            return False
        try:
            self._held.append(next(self._iter))
        except StopIteration:
            self._iter = None
            return False
        except BaseException:
            self._iter = None
            raise
        return True

    def take(self) -> T:
        if not self.can_take:
            raise IndexError("take from an IterBuffer that has ended")
        return self._held.pop()
