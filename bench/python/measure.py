"""Runs subjects interleaved, checks what they have delivered, and keeps what it took."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Work = Callable[[int], Awaitable["tuple[int, int]"]]
"""Delivers the numbers below `n`, and returns how many arrived and their sum."""


class Ready(NamedTuple):
    """A subject that has made what it needs: its body alone is measured."""

    body: Callable[[], Awaitable[tuple[int, int]]]


class Missing(Exception):
    """A peer is not installed, or does not work with this interpreter."""


@dataclass
class Cell:
    """One thing to do, and who does it in what way."""

    name: str
    about: str
    items: int
    subjects: dict[str, Callable[[int], Awaitable[Ready]]]
    targets: dict[str, float]
    """How many times as long as ours a peer has to take."""
    clock: str = "thread"
    """``thread`` for the time of this thread on the processor, ``process`` for that of all threads, or ``wall``."""
    versus: dict[str, str] = field(default_factory=dict)
    """Whom a peer is measured by, if not by `ours`."""
    ours: str = "millstream"


CLOCKS = {"thread": time.thread_time_ns, "process": time.process_time_ns, "wall": time.perf_counter_ns}


class Figures(NamedTuple):
    """What a subject took per item in each round, in nanoseconds."""

    rounds: list[float]

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.rounds)


class Ratio(NamedTuple):
    """How many times as long as ours a peer took: in each round, and over all."""

    rounds: list[float]

    @property
    def median(self) -> float:
        """The median over the rounds. Both run in each, so what the machine does meanwhile happens to both."""
        return statistics.median(self.rounds)


@dataclass
class Outcome:
    """The figures of a cell."""

    cell: Cell
    figures: dict[str, Figures]
    missing: dict[str, str]

    def ratio(self, peer: str) -> Ratio:
        """A peer by the one that it is measured by."""
        ours = self.figures[self.cell.versus.get(peer, self.cell.ours)]
        return Ratio([theirs / mine for theirs, mine in zip(self.figures[peer].rounds, ours.rounds)])


def measure(cell: Cell, rounds: int, items: int) -> Outcome:
    """Runs a cell: one round to warm up, then `rounds` in which every subject runs once, each time from another on."""
    taken: dict[str, list[float]] = {name: [] for name in cell.subjects}
    missing: dict[str, str] = {}
    for number in range(rounds + 1):
        names = list(taken)
        start = number % len(names)
        for name in names[start:] + names[:start]:
            try:
                nanoseconds = _run(cell, name, items)
            except (Missing, ImportError) as error:
                missing[name] = str(error)
                del taken[name]
                continue
            if number:
                taken[name].append(nanoseconds / items)
    return Outcome(cell, {name: Figures(values) for name, values in taken.items()}, missing)


def _run(cell: Cell, name: str, items: int) -> float:
    clock = CLOCKS[cell.clock]

    async def main() -> float:
        ready = await cell.subjects[name](items)
        start = clock()
        delivered = await asyncio.wait_for(ready.body(), 300)
        taken = clock() - start
        if delivered != (items, items * (items - 1) // 2):
            raise AssertionError(
                f"{cell.name}: {name} has delivered {delivered[0]} of {items}, or others than were sent"
            )
        return taken

    gc.collect()
    return asyncio.run(main())
