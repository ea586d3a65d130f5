"""The book in which every value of a run stands, and the law that it must keep.

What was put was got, given back or dropped, exactly once, and no value outlives its run.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 20.0
"""Seconds that what was told to end may take for it, on a machine that does other things too."""


class Deliberate(Exception):
    """An error that a run makes on purpose."""


class Value:
    """What goes through the channels. Its end is written down, and some raise at it."""

    __slots__ = ("__weakref__", "book", "id", "is_hostile", "number", "producer")

    def __init__(self, book: Book, producer: int, number: int, *, is_hostile: bool = False) -> None:
        self.book = book
        self.producer = producer
        self.number = number
        self.is_hostile = is_hostile
        self.id = book.enter()

    def __del__(self) -> None:
        self.book.gone.append(self.id)
        if self.is_hostile:
            raise Deliberate("a value that raises at its end")

    def __repr__(self) -> str:
        return f"<value {self.id}: {self.number} of {self.producer}>"


@dataclass(frozen=True)
class Loss:
    """What may have become of values that were put and not got: none is missing, so many are, or it cannot be said.

    Whichever it is, they must have been dropped.
    """

    least: int = 0
    most: int | None = 0

    @classmethod
    def said(cls, count: int) -> Loss:
        """As many as the channel says that it has dropped."""
        return cls(count, count)


NONE = Loss()
ANY = Loss(0, None)


class Book:
    """The values of one run. What is written from several threads is appended, which the interpreter's lock guards."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gone: list[int] = []
        self.wrong: list[str] = []
        self._made: list[int] = []
        self._put: list[int] = []
        self._returned: list[int] = []
        self._got: list[int] = []

    def enter(self) -> int:
        # Numbers are given out by an iterator of C, so that no two threads get the same.
        number = next(_numbers)
        self._made.append(number)
        return number

    def put(self, *values: Value) -> None:
        """A put has said that it was put. What nobody says anything of is in doubt: its put was cancelled."""
        self._put.extend([value.id for value in values])

    def returned(self, *values: Value) -> None:
        """It was given back, or withdrawn: it must not be got."""
        self._returned.extend([value.id for value in values])

    def got(self, *values: Value) -> None:
        self._got.extend([value.id for value in values])

    def counts(self) -> tuple[int, int, int, int]:
        """How many were made, put, got, given back."""
        return len(self._made), len(self._put), len(self._got), len(self._returned)

    def settle(self, loss: Loss, drain: Callable[[], object]) -> list[str]:
        """Closes the book, when everything is over. Returns what is wrong."""
        end = time.monotonic() + PATIENCE
        drain()
        gc.collect()
        # A thread that has done its work may be about to let go of the last value: there is no event for that.
        while len(self.gone) < len(self._made) and time.monotonic() < end:
            drain()
            time.sleep(0.001)
            gc.collect()
        wrong = list(self.wrong)
        made, put, returned, got = set(self._made), set(self._put), set(self._returned), Counter(self._got)
        if len(made) != len(self._made):
            wrong.append("two values have the same number")
        ends = Counter(self.gone)
        _complain(wrong, "values are still alive", made - ends.keys())
        if made - ends.keys():
            wrong += self._holders()
        _complain(wrong, "values ended twice", {id for id, times in ends.items() if times > 1})
        _complain(wrong, "values were put twice", {id for id, times in Counter(self._put).items() if times > 1})
        _complain(wrong, "values were got twice", {id for id, times in got.items() if times > 1})
        _complain(wrong, "values were got and given back", returned & got.keys())
        _complain(wrong, "values were put and given back", returned & put)
        _complain(wrong, "values were got and never made", got.keys() - made)
        missing = put - got.keys()
        in_doubt = made - put - returned - got.keys()
        if loss.most is not None and not loss.least - len(in_doubt) <= len(missing) <= loss.most:
            _complain(
                wrong, f"values were put and not got, {loss} may be, {len(in_doubt)} are in doubt", missing or {-1}
            )
        return [f"{self.name}: {text}" for text in wrong]

    def _holders(self) -> list[str]:
        """What keeps values alive, for whoever looks for the reason."""
        texts = []
        alive = [thing for thing in gc.get_objects() if isinstance(thing, Value) and thing.book is self]
        for held in alive:
            text = f"{held!r} is held"
            for _ in range(5):
                holders = gc.get_referrers(held)
                # Not by what looks for it.
                others = [holder for holder in holders if holder is not alive and type(holder).__name__ != "frame"]
                del holders
                if not others:
                    break
                held = others[0]
                text += f" by {type(held).__name__} {str(held)[:300]}"
                del others
            texts.append(text)
            if len(texts) == 3:
                break
        return texts


def _complain(wrong: list[str], what: str, ids: set[int]) -> None:
    if ids:
        shown = ", ".join(map(str, sorted(ids)[:10]))
        wrong.append(f"{len(ids)} {what}: {shown}")


_numbers = itertools.count()
