"""aiochan's channel and the functions around it.

A program written for ``aiochan.channel`` changes its import and nothing else. The engine is millstream's: channels may
be used from any thread and any event loop, cancelling loses no value, and an error in a function of the user's closes
the channel behind it, so that whoever reads there gets the error.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, TypeVar

from . import buffers

__all__ = (
    "Chan",
    "Dup",
    "Pub",
    "combine_latest",
    "from_iter",
    "from_range",
    "go",
    "merge",
    "nop",
    "run",
    "run_in_thread",
    "select",
    "tick_tock",
    "timeout",
    "zip_chans",
)

MAX_OP_QUEUE_SIZE = 1024
"""How many puts, and how many gets, that nobody awaits may wait on one channel. It may be assigned."""

MAX_DIRTY_SIZE = 256
"""Without effect: an operation that is withdrawn leaves its channel at once."""

# The modules below look up what stands above in this one, so they come after it.
from ._base import BaseChan
from ._base import ChanIterator as ChanIterator
from ._base import ChanStat as ChanStat
from ._base import MisuseError as MisuseError
from ._base import QueueLimitError as QueueLimitError
from ._combine import Distributing, combine_latest, merge, zip_chans
from ._hubs import Dup, Hubs, Pub
from ._parallel import ParallelPipes
from ._pipes import Pipes
from ._running import Bridges, go, nop, run, run_in_thread
from ._select import SelectResult as SelectResult
from ._select import select
from ._time import tick_tock, timeout
from ._transform import Transforms

T = TypeVar("T")


class Chan(BaseChan[T], Transforms, Pipes, ParallelPipes, Hubs, Distributing, Bridges):
    """A channel: values go in at one side and come out at the other, in order, each to one receiver.

    ``async for`` goes through the values up to the end.

    :param buffer: ``None`` for none: a put is accepted when somebody gets it. A whole number: so many values are kept
        before puts wait. ``'f'``, ``'d'``, ``'s'`` or ``'p'``: a fixed buffer of ``buffer_size``, a dropping one, a
        sliding one, or a promise. Otherwise an object with ``add``, ``take``, ``can_add`` and ``can_take``, as in
        :mod:`.buffers`.
    :param loop: the event loop for what the channel starts, by default the one that first waits for it.
        ``'no_loop'`` is accepted, and means no more than that.
    :param name: shown by ``repr``.
    :raises TypeError: for an object that cannot be a buffer, or a size that is not a whole number.
    """

    __slots__ = ()


def from_iter(it: Iterable[T], *, loop: Any = None) -> Chan[T]:
    """The items of an iterable, which may be endless, as a channel. It is closed: it accepts nothing.

    An error of the iterable is raised in its place. Items are pulled where they are got, so an iterable that blocks
    blocks there.
    """
    chan: Chan[T] = Chan(buffers.IterBuffer(it), loop=loop)
    chan.close()
    return chan


def from_range(
    start: int | None = None, end: int | None = None, step: int | None = None, *, loop: Any = None
) -> Chan[int]:
    """Whole numbers as a channel that is closed.

    ``from_range(start)`` and ``from_range(end=end)`` count from 0 to below that, ``from_range(start, end)`` and
    ``from_range(start, end, step)`` are as for ``range``. Without ``end`` and with ``step`` it does not end, nor does
    ``from_range()``.
    """
    numbers: Iterable[int]
    if end is None and start is None:
        numbers = itertools.count(0, 1 if step is None else step)
    elif end is None:
        assert start is not None
        numbers = range(start) if step is None else itertools.count(start, step)
    else:
        numbers = range(start or 0, end, 1 if step is None else step)
    return from_iter(numbers, loop=loop)
