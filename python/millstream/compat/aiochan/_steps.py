"""What the transforming methods do with one value after the other: plain objects, without channels or tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = [
    "Distinct",
    "Drop",
    "DropWhile",
    "Filter",
    "Group",
    "GroupBy",
    "Map",
    "MapMany",
    "Reduce",
    "Same",
    "Scan",
    "Step",
    "Take",
    "TakeWhile",
]

Function = Callable[[Any], Any]


class Step:
    """Takes values, gives results, and remembers which values are in no result that anyone has accepted."""

    __slots__ = ("is_over", "kept")

    def __init__(self) -> None:
        # Whether it wants no more.
        self.is_over = False
        self.kept: list[Any] = []

    def begin(self) -> Iterable[Any]:
        """The results that there are before any value."""
        return ()

    def feed(self, value: Any) -> Iterable[Any]:
        """The results that ``value`` leads to."""
        raise NotImplementedError

    def finish(self) -> Iterable[Any]:
        """The results when there are no more values."""
        return ()

    def delivered(self) -> None:
        """A result was accepted."""
        self.kept.clear()


class Map(Step):
    __slots__ = ("_f",)

    def __init__(self, f: Function) -> None:
        super().__init__()
        self._f = f

    def feed(self, value: Any) -> Iterable[Any]:
        self.kept.append(value)
        return (self._f(value),)


class MapMany(Map):
    __slots__ = ()

    def feed(self, value: Any) -> Iterable[Any]:
        self.kept.append(value)
        yield from self._f(value)
        # It may have led to nothing at all.
        self.kept.clear()


class Same(Step):
    __slots__ = ()

    def feed(self, value: Any) -> Iterable[Any]:
        self.kept.append(value)
        return (value,)


class Filter(Map):
    __slots__ = ()

    def feed(self, value: Any) -> Iterable[Any]:
        if not self._f(value):
            return ()
        self.kept.append(value)
        return (value,)


class Take(Step):
    __slots__ = ("_left",)

    def __init__(self, n: int) -> None:
        super().__init__()
        self._left = n
        self.is_over = n <= 0

    def feed(self, value: Any) -> Iterable[Any]:
        self._left -= 1
        self.is_over = self._left <= 0
        self.kept.append(value)
        return (value,)


class Drop(Step):
    __slots__ = ("_left",)

    def __init__(self, n: int) -> None:
        super().__init__()
        self._left = n

    def feed(self, value: Any) -> Iterable[Any]:
        if self._left > 0:
            self._left -= 1
            return ()
        self.kept.append(value)
        return (value,)


class TakeWhile(Map):
    __slots__ = ()

    def feed(self, value: Any) -> Iterable[Any]:
        if not self._f(value):
            self.is_over = True
            return ()
        self.kept.append(value)
        return (value,)


class DropWhile(Map):
    __slots__ = ("_dropping",)

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self._dropping = True

    def feed(self, value: Any) -> Iterable[Any]:
        if self._dropping and self._f(value):
            return ()
        self._dropping = False
        self.kept.append(value)
        return (value,)


class Group(Step):
    __slots__ = ("_n",)

    def __init__(self, n: int) -> None:
        super().__init__()
        if n < 1:
            raise ValueError(f"a group has one value at least, not {n}")
        self._n = n

    def feed(self, value: Any) -> Iterable[Any]:
        self.kept.append(value)
        return (list(self.kept),) if len(self.kept) == self._n else ()

    def finish(self) -> Iterable[Any]:
        return (list(self.kept),) if self.kept else ()


class GroupBy(Map):
    __slots__ = ("_key", "_run")

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self._run: list[Any] = []
        self._key: Any = None

    def feed(self, value: Any) -> Iterable[Any]:
        self.kept.append(value)
        key = self._f(value)
        if self._run and key == self._key:
            self._run.append(value)
            return ()
        key, self._key = self._key, key
        run, self._run = self._run, [value]
        return ((key, run),) if run else ()

    def finish(self) -> Iterable[Any]:
        run, self._run = self._run, []
        return ((self._key, run),) if run else ()

    def delivered(self) -> None:
        self.kept = list(self._run)


class Distinct(Step):
    __slots__ = ("_last",)

    def __init__(self) -> None:
        super().__init__()
        self._last: list[Any] = []

    def feed(self, value: Any) -> Iterable[Any]:
        if self._last and not value != self._last[0]:
            return ()
        self._last = [value]
        self.kept.append(value)
        return (value,)


class Reduce(Step):
    __slots__ = ("_accumulator", "_f", "_has")

    def __init__(self, f: Callable[[Any, Any], Any], init: Any) -> None:
        super().__init__()
        self._f = f
        self._accumulator = init
        self._has = init is not None

    def feed(self, value: Any) -> Iterable[Any]:
        self._accumulate(value)
        return ()

    def finish(self) -> Iterable[Any]:
        return (self._accumulator,) if self._has else ()

    def _accumulate(self, value: Any) -> None:
        if self._has:
            self._accumulator = self._f(self._accumulator, value)
        else:
            self._accumulator = value
            self._has = True


class Scan(Reduce):
    __slots__ = ("_first",)

    def __init__(self, f: Callable[[Any, Any], Any], init: Any) -> None:
        super().__init__(f, init)
        # The accumulator that there is before any value is a result as well.
        self._first = self._has

    def begin(self) -> Iterable[Any]:
        return (self._accumulator,) if self._first else ()

    def feed(self, value: Any) -> Iterable[Any]:
        self._accumulate(value)
        self.kept.append(value)
        return (self._accumulator,)

    def finish(self) -> Iterable[Any]:
        return ()
