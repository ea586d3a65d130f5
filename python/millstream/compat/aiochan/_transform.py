"""The methods of a channel that give another one: ``map``, ``filter``, ``take`` and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..._errors import Closed
from ._pump import Pump, Stopped, launch
from ._steps import Distinct, Drop, DropWhile, Filter, Group, GroupBy, Map, MapMany, Reduce, Scan, Step, Take, TakeWhile

if TYPE_CHECKING:
    from ._base import BaseChan
    from .channel import Chan

__all__ = ["Transforms"]


def apply(source: BaseChan[Any], step: Step, out: Any, buffer: Any, buffer_size: Any, close: bool) -> Chan[Any]:
    """Starts a pump that takes values through ``step`` into ``out``, which is made if it is ``None``."""
    from ._base import new_chan

    if out is None:
        out = new_chan(buffer, buffer_size)
    receiver = source._core.receiver()
    sender = out._core.sender()

    async def body(pump: Pump) -> None:
        await _move(pump, receiver, sender, step)

    launch((source, out), (sender,), body, close=close)
    result: Chan[Any] = out
    return result


async def _move(pump: Pump, source: Any, out: Any, step: Step) -> None:
    """Whatever the step has of its own when nobody wants more goes back to where it came from."""
    try:
        for result in step.begin():
            if not await pump.put(out, result):
                raise Stopped
        while not step.is_over:
            try:
                value = await pump.get(source)
            except Closed:
                break
            for result in step.feed(value):
                if not await pump.put(out, result):
                    raise Stopped
                step.delivered()
        for result in step.finish():
            if not await pump.put(out, result):
                raise Stopped
            step.delivered()
    except Stopped:
        for value in reversed(step.kept):
            source.unget(value)
        raise


class Transforms:
    """What a channel's values can be turned into. Every method starts at once and returns the out channel.

    They share these arguments: ``out`` is the channel to put the results on, by default a new one, for which ``buffer``
    and ``buffer_size`` are as for ``Chan``; with ``close=False`` it stays open at the end. An error in a function
    closes it in any case, and is raised to whoever gets from it after the results before it. When ``out`` is closed
    or nobody holds it any more, nothing more is taken from the channel.
    """

    __slots__ = ()

    def map(
        self: Any,
        f: Callable[[Any], Any],
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
        flatten: bool = False,
    ) -> Chan[Any]:
        """``f(v)`` for each value. With ``flatten``, ``f`` returns an iterable, and each of its items is put.

        ``f`` must not return ``None``; that is an error.
        """
        return apply(self, MapMany(f) if flatten else Map(f), out, buffer, buffer_size, close)

    def filter(
        self: Any,
        p: Callable[[Any], Any],
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """The values for which ``p(v)`` is true."""
        return apply(self, Filter(p), out, buffer, buffer_size, close)

    def take(
        self: Any,
        n: int,
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """The first ``n`` values, and no more is taken from the channel; 0 is none."""
        return apply(self, Take(n), out, buffer, buffer_size, close)

    def drop(
        self: Any,
        n: int,
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """All but the first ``n`` values."""
        return apply(self, Drop(n), out, buffer, buffer_size, close)

    def take_while(
        self: Any,
        p: Callable[[Any], Any],
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """The values before the first for which ``p(v)`` is false. That one is taken, and dropped."""
        return apply(self, TakeWhile(p), out, buffer, buffer_size, close)

    def drop_while(
        self: Any,
        p: Callable[[Any], Any],
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """The values from the first on for which ``p(v)`` is false."""
        return apply(self, DropWhile(p), out, buffer, buffer_size, close)

    def group(
        self: Any, n: int, out: Chan[Any] | None = None, buffer: Any = None, buffer_size: Any = None, close: bool = True
    ) -> Chan[Any]:
        """Lists of ``n`` values; the last may be shorter.

        :raises ValueError: if ``n`` is less than 1.
        """
        return apply(self, Group(n), out, buffer, buffer_size, close)

    def group_by(
        self: Any,
        f: Callable[[Any], Any],
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """Runs of values with the same ``f(v)``, as pairs of that and the list of them."""
        return apply(self, GroupBy(f), out, buffer, buffer_size, close)

    def distinct(
        self: Any, *, out: Chan[Any] | None = None, buffer: Any = None, buffer_size: Any = None, close: bool = True
    ) -> Chan[Any]:
        """The values without those that equal the one before them."""
        return apply(self, Distinct(), out, buffer, buffer_size, close)

    def reduce(
        self: Any,
        f: Callable[[Any, Any], Any],
        init: Any = None,
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """A single value, once the channel is closed: ``f`` applied to an accumulator and each value in turn.

        The accumulator begins with ``init`` or, if that is ``None``, with the first value; without either nothing is
        put.
        """
        return apply(self, Reduce(f, init), out, buffer, buffer_size, close)

    def scan(
        self: Any,
        f: Callable[[Any, Any], Any],
        init: Any = None,
        *,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """As ``reduce``, but every accumulator is put, the first one included."""
        return apply(self, Scan(f, init), out, buffer, buffer_size, close)

    async def collect(self: Any, n: int | None = None) -> list[Any]:
        """A list of the values up to the end; with ``n``, of at most that many. A promise gives its value once.

        If it is cancelled, what it had taken goes back to the channel. An error that the channel was closed with is
        raised.
        """
        return await _collect(self, n)


async def _collect(chan: BaseChan[Any], n: int | None) -> list[Any]:
    values: list[Any] = []
    if n is not None and n <= 0:
        return values
    try:
        async for value in chan:
            values.append(value)
            if n is not None and len(values) >= n:
                break
    except BaseException as error:
        if not isinstance(error, Exception):
            for value in reversed(values):
                chan._core.unget(value)
        raise
    return values
