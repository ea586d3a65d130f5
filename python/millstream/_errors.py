"""What channels raise."""

from __future__ import annotations

import asyncio
import queue
from typing import Any

__all__ = ["Closed", "Empty", "Error", "Full"]


class Error(Exception):
    """What millstream's own errors have in common."""


class _OfChannel(Error):
    _says = ""

    def __init__(self, chan: Any = None, value: Any = None) -> None:
        super().__init__(chan, value)
        self.chan = chan
        self.value = value

    def __str__(self) -> str:
        name = getattr(self.chan, "name", None)
        return f"channel {name!r} {self._says}" if name else f"the channel {self._says}"


class Closed(_OfChannel):
    """The channel is closed: it takes no more values, and there is none left to get.

    ``chan`` is the channel's object on which the operation was called. A put that was refused has its value in
    ``value``, so that it is not lost; if the channel was closed with an error, that error is the ``__cause__``.
    """

    _says = "is closed"


class Empty(_OfChannel, asyncio.QueueEmpty, queue.Empty):
    """A ``get_nowait`` found no value. It is also what ``asyncio.Queue`` and ``queue.Queue`` would raise."""

    _says = "is empty"


class Full(_OfChannel, asyncio.QueueFull, queue.Full):
    """A ``put_nowait`` found no room; its value is in ``value``. It is also what the standard queues would raise."""

    _says = "is full"
