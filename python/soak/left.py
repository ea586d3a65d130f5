"""What must not be left when a run is over: threads, file descriptors, memory."""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from array import array
from collections.abc import Callable

from .book import PATIENCE


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _files() -> str:
    files = []
    for entry in _entries("/proc/self/fd"):
        try:
            files.append(f"{entry}: " + os.readlink(f"/proc/self/fd/{entry}"))
        except OSError:
            pass
    return ", ".join(files)


def settled(what: str, count: Callable[[], int], bound: int, names: Callable[[], object]) -> list[str]:
    """Waits until there are no more than so many; there is no event for the end of a thread that nobody joins."""
    end = time.monotonic() + PATIENCE
    while count() > bound:
        if time.monotonic() > end:
            return [f"{count()} {what} left, {bound} expected: {names()}"]
        time.sleep(0.0005)
    return []


class Left:
    """What there was before any run."""

    def __init__(self) -> None:
        self._threads = len(_entries("/proc/self/task"))
        self._descriptors = len(_entries("/proc/self/fd"))

    def nothing_more(self) -> list[str]:
        """What is left that was not there before."""
        return settled(
            "threads", lambda: len(_entries("/proc/self/task")), self._threads, threading.enumerate
        ) + settled("file descriptors", lambda: len(_entries("/proc/self/fd")), self._descriptors, _files)


class Memory:
    """How much there is after each run."""

    LEAST_RUNS = 200
    """A few runs say nothing: caches of the interpreter fill, and the first topologies are small by chance."""

    def __init__(self) -> None:
        # Not of objects, which would be blocks themselves.
        self._blocks = array("q")
        self._resident = array("q")

    def look(self) -> None:
        self._blocks.append(sys.getallocatedblocks())
        try:
            with open("/proc/self/statm") as statm:
                self._resident.append(int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        except OSError:
            self._resident.append(0)

    def grown(self) -> tuple[str, list[str]]:
        """What became of it, and what is wrong with that: the end of the soak against its second quarter."""
        count = len(self._blocks)
        if count < 8:
            return "memory: too few runs to tell", []
        quarter = count // 4
        blocks = [statistics.median(self._blocks[quarter : 2 * quarter]), statistics.median(self._blocks[-quarter:])]
        resident = [max(self._resident[: count // 2]) >> 10, max(self._resident[count // 2 :]) >> 10]
        text = f"memory: {blocks[0]:.0f} -> {blocks[1]:.0f} blocks, {resident[0]} -> {resident[1]} KiB at most"
        wrong = []
        if count >= self.LEAST_RUNS:
            # What is leaked by every tenth run would be more than this.
            if blocks[1] - blocks[0] > 500 + count / 20:
                wrong.append("the number of allocated blocks grows")
            if resident[1] - resident[0] > 4096 + resident[0] / 8:
                wrong.append("the memory grows")
        return text, wrong
