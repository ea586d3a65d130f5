"""Channels, select, streams and pipelines in the CSP tradition, for asyncio and threads."""

from ._core import (
    Chan,
    Operation,
    Receiver,
    Selected,
    Sender,
    Stats,
    bounded,
    dropping,
    pair,
    promise,
    rendezvous,
    select,
    select_blocking,
    sliding,
    unbounded,
    with_buffer,
)
from ._errors import Closed, Empty, Error, Full

__all__ = [
    "Chan",
    "Closed",
    "Empty",
    "Error",
    "Full",
    "Operation",
    "Receiver",
    "Selected",
    "Sender",
    "Stats",
    "bounded",
    "dropping",
    "pair",
    "promise",
    "rendezvous",
    "select",
    "select_blocking",
    "sliding",
    "unbounded",
    "with_buffer",
]
