"""Channels of every policy, and buffers in Python that raise."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any

import millstream as ms

from .book import Deliberate
from .run import Run

KEEPING = ("rendezvous", "bounded", "unbounded", "buffer")
LOSING = ("dropping", "sliding")


class Queue:
    """A buffer in Python: a queue, which raises in one of its methods after so many calls."""

    def __init__(self, most: int, fuse: int | None) -> None:
        self._most = most
        self._fuse = fuse
        self._values: deque[Any] = deque()

    def _burn(self) -> None:
        if self._fuse is not None:
            self._fuse -= 1
            if self._fuse < 0:
                raise Deliberate("a buffer that raises")

    def push(self, value: Any) -> None:
        self._burn()
        self._values.append(value)

    def pop(self) -> Any:
        self._burn()
        return self._values.popleft()

    def clear(self) -> None:
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)

    def is_full(self) -> bool:
        self._burn()
        return len(self._values) >= self._most


def open_channel(run: Run, policy: str) -> ms.Chan[Any]:
    """A channel of this policy, of any size."""
    chan = _open(run, policy)
    run.channels.append(weakref.ref(chan))
    return chan


def _open(run: Run, policy: str) -> ms.Chan[Any]:
    size = run.dice.pick((1, 1, 2, 7, 64))
    run.note(f"{policy}({size})")
    if policy == "rendezvous":
        return ms.rendezvous(name="soak")
    if policy == "unbounded":
        return ms.unbounded(name="soak")
    if policy == "bounded":
        return ms.bounded(size, name="soak")
    if policy == "dropping":
        return ms.dropping(size, name="soak")
    if policy == "sliding":
        return ms.sliding(size, name="soak")
    if policy == "buffer":
        return ms.with_buffer(Queue(size, None), name="soak")
    # A channel asks its buffer once when it is made, which is no time to raise.
    queue = Queue(size, 1 + run.dice.below(300))
    # What it had when it raised is left in it.
    run.at_end.append(queue.clear)
    return ms.with_buffer(queue, name="soak")
