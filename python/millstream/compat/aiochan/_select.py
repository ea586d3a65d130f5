"""``select``: several operations of which one happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, overload

from ... import _core
from ._base import BaseChan
from ._callbacks import dispatch, report
from ._future import CallFuture, done_future, nobody

__all__ = ["SelectResult", "select"]


class SelectResult(NamedTuple):
    """What ``select`` gives: the result of the operation that happened, and its channel (``None`` for a default)."""

    val: Any
    chan: Any


class _Ask:
    """The operations of one select, and how to tell which of them happened."""

    __slots__ = ("_chans", "_default", "arms", "is_put")

    def __init__(self, chan_ops: tuple[Any, ...], default: Any) -> None:
        self._default = default
        self._chans: list[BaseChan[Any]] = []
        self.is_put: list[bool] = []
        self.arms: list[Any] = []
        # Everything is looked at before anything is begun, so that a mistake leaves no trace.
        for chan_op in chan_ops:
            if isinstance(chan_op, BaseChan):
                self._chans.append(chan_op)
                self.is_put.append(False)
                self.arms.append(chan_op._core)
                continue
            chan, value = chan_op
            if not isinstance(chan, BaseChan):
                raise TypeError(f"select takes channels and pairs of a channel and a value, not {chan_op!r}")
            if value is None:
                raise TypeError("None cannot be put on a channel")
            self._chans.append(chan)
            self.is_put.append(True)
            self.arms.append((chan._core, value))

    def chans(self) -> list[tuple[BaseChan[Any], bool]]:
        """The channels, and whether it would put into them."""
        return list(zip(self._chans, self.is_put))

    def admit(self) -> None:
        for chan, is_put in self.chans():
            if is_put:
                chan._admit_put()
            else:
                chan._admit_get()

    def count(self, change: int) -> None:
        for chan, is_put in self.chans():
            if is_put:
                chan._count_put(change)
            else:
                chan._count_get(change)

    def owner(self) -> BaseChan[Any] | None:
        """The first of the channels that has a loop."""
        return next((chan for chan in self._chans if chan._loop is not None), None)

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        for chan in self._chans:
            chan._bind(loop)

    def outcome(self, selected: _core.Selected) -> SelectResult:
        """Raises what the channel was closed with, if it was closed with an error and a get of it was chosen."""
        index = selected.index
        if index < 0:
            return SelectResult(self._default, None)
        chan = self._chans[index]
        if self.is_put[index]:
            return SelectResult(not selected.closed, chan)
        if selected.closed:
            if chan._core.error is not None:
                raise chan._core.error
            return SelectResult(None, chan)
        return SelectResult(selected.value, chan)

    def give_back(self, selected: _core.Selected) -> None:
        """Nobody reads what came."""
        index = selected.index
        if index >= 0 and not self.is_put[index] and not selected.closed:
            self._chans[index]._core.unget(selected.value)


class _Call:
    """A callback of a select, and what it is waiting for."""

    __slots__ = ("_ask", "_function", "_loop")

    def __init__(self, ask: _Ask, function: Callable[[Any, Any], Any], loop: Any) -> None:
        self._ask = ask
        self._function = function
        self._loop = loop

    def complete(self, op: _core.Operation[_core.Selected]) -> None:
        self._ask.count(-1)
        self.tell(op)

    def tell(self, op: _core.Operation[_core.Selected]) -> None:
        selected = op.result()
        try:
            result = self._ask.outcome(selected)
        except Exception as error:
            report(error, "A channel that was chosen by a select with a callback was closed with an error", self._loop)
            result = SelectResult(None, self._ask._chans[selected.index])
        dispatch(self._function, tuple(result), self._loop)


@overload
def select(
    *chan_ops: BaseChan[Any] | tuple[BaseChan[Any], Any],
    priority: bool = False,
    default: Any = None,
    cb: None = None,
    loop: asyncio.AbstractEventLoop | None = None,
) -> asyncio.Future[SelectResult]: ...
@overload
def select(
    *chan_ops: BaseChan[Any] | tuple[BaseChan[Any], Any],
    priority: bool = False,
    default: Any = None,
    cb: Callable[[Any, Any], Any],
    loop: asyncio.AbstractEventLoop | None = None,
) -> None: ...
def select(
    *chan_ops: BaseChan[Any] | tuple[BaseChan[Any], Any],
    priority: bool = False,
    default: Any = None,
    cb: Callable[[Any, Any], Any] | None = None,
    loop: asyncio.AbstractEventLoop | None = None,
) -> asyncio.Future[SelectResult] | None:
    """Does exactly one of several operations: the first that can be done.

    :param chan_ops: a channel, to get from it, or a pair of a channel and a value, to put the value.
    :param priority: of several that can be done now, take the first as they are given; otherwise one at random.
    :param default: if it is not ``None`` and nothing can be done now, nothing is done, and this is the result.
    :param cb: is called with the result and the channel, and nothing is returned.
    :param loop: the event loop of the future.
    :return: a future of a :class:`SelectResult`. A get gives the value, or ``None`` if its channel is closed and
        empty; a put gives ``True``, or ``False`` if its channel is closed. Cancelling the future withdraws all of it.
    :raises ValueError: if there is nothing to choose from.
    :raises TypeError: for a put of ``None``, before anything has happened.
    """
    ask = _Ask(chan_ops, default)
    running = asyncio._get_running_loop()
    given = loop
    if loop is None:
        owner = ask.owner()
        loop = running or (None if owner is None else owner._loop)
    if not ask.arms:
        if default is None:
            raise ValueError("select of nothing would never complete")
        if cb is not None:
            dispatch(cb, (default, None), loop)
            return None
        return done_future(loop or nobody, SelectResult(default, None))
    if running is not None:
        ask.bind(running)
    if default is None:
        op = _core.select(*ask.arms, biased=priority)
    else:
        op = _core.select(*ask.arms, biased=priority, default=False)
    if cb is not None:
        _with_callback(ask, op, _Call(ask, cb, loop))
        return None
    ask.admit()
    future = _core._begin(op, ask, ask.chans())
    if given is not None:
        assert isinstance(future, CallFuture)
        future._home = given
    return future


def _with_callback(ask: _Ask, op: _core.Operation[_core.Selected], call: _Call) -> None:
    ask.admit()
    ask.count(1)
    if op.start(call.complete):
        ask.count(-1)
        call.tell(op)
