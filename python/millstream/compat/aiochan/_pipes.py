"""Functions of the user's that run as tasks between two channels: ``async_apply`` and ``async_pipe``."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ._base import BaseChan, new_chan
from ._jobs import Jobs, run_jobs
from ._pump import Pump, launch
from ._steps import Same
from ._tasks import release
from ._transform import apply

if TYPE_CHECKING:
    from .channel import Chan

__all__ = ["Pipes"]


async def _pipe_worker(inp: Chan[Any], out: Chan[Any]) -> None:
    """Passes the values on as they are, and closes ``out`` when ``inp`` is closed."""
    async for value in inp:
        if not await out.put(value):
            break
    out.close()


class Pipes:
    """Tasks between two channels."""

    __slots__ = ()

    _pipe_worker = _pipe_worker

    def async_apply(
        self: Any,
        f: Callable[[Any, Any], Awaitable[Any]] = _pipe_worker,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
    ) -> Chan[Any]:
        """Runs ``f(inp, out)`` as a task, ``inp`` being this channel, and returns ``out``.

        What ``f`` takes and puts, and when it closes ``out``, is its own business; by default it passes everything on.
        If it fails, ``out`` is closed with its error. If nobody holds an ``out`` that was made here any more, its puts
        give ``False``.
        """
        if f is _pipe_worker:
            return apply(self, Same(), out, buffer, buffer_size, True)
        given = out
        if out is None:
            out = new_chan(buffer, buffer_size)
            given = _sending_view(out)
        _launch_function(self, f, given, out)
        result: Chan[Any] = out
        return result

    def async_pipe(
        self: Any,
        n: int,
        f: Callable[[Any], Awaitable[Any]],
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        *,
        close: bool = True,
    ) -> Chan[Any]:
        """``await f(v)`` for each value, ``n`` of them beside each other, in the order of the values.

        ``f`` must not give ``None``. The first error ends it: ``out`` is closed with it, after the results before it.

        :param out: where the results go, by default a new channel, for which ``buffer`` and ``buffer_size`` are.
        :param close: whether ``out`` is closed at the end.
        :raises ValueError: if ``n`` is less than 1.
        """
        return _pipe(self, n, f, out, buffer, buffer_size, close, ordered=True)

    def async_pipe_unordered(
        self: Any,
        n: int,
        f: Callable[[Any], Awaitable[Any]],
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        *,
        close: bool = True,
    ) -> Chan[Any]:
        """As ``async_pipe``, but each result goes out as soon as it is there."""
        return _pipe(self, n, f, out, buffer, buffer_size, close, ordered=False)


def _pipe(
    source: BaseChan[Any],
    n: int,
    f: Callable[[Any], Awaitable[Any]],
    out: Any,
    buffer: Any,
    buffer_size: Any,
    close: bool,
    *,
    ordered: bool,
) -> Chan[Any]:
    if n < 1:
        raise ValueError(f"a pipe has one worker at least, not {n}")
    if out is None:
        out = new_chan(buffer, buffer_size)
    receiver = source._core.receiver()
    sender = out._core.sender()

    async def call(value: Any) -> Any:
        result: Any = f(value)
        return await result if inspect.isawaitable(result) else result

    async def body(pump: Pump) -> None:
        await run_jobs(pump, receiver, sender, Jobs(n, lambda value: pump.loop.create_task(call(value)), ordered))

    launch((source, out), (sender,), body, close=close)
    result: Chan[Any] = out
    return result


def _sending_view(chan: BaseChan[Any]) -> Any:
    """The channel for whoever only puts into it: it does not count as somebody who could still get."""
    from .channel import Chan

    view: Any = Chan.__new__(Chan)
    sender = chan._core.sender()
    view._name = chan._name
    view._loop = chan._loop
    view._is_loop_given = chan._is_loop_given
    view._core = sender
    view._set_up(sender)
    view._is_unbound = view._loop is None
    view._core_put_nowait = sender.put_nowait
    view._core_is_full = sender.is_full
    view._core_get_nowait = view._core_is_empty = _only_puts
    view._starters = None
    return view


def _only_puts() -> Any:
    raise TypeError("this is the out channel of async_apply: the function that was given it can only put")


def _launch_function(inp: BaseChan[Any], f: Callable[[Any, Any], Awaitable[Any]], given: Any, out: Any) -> None:
    sender = out._core.sender()

    async def body(pump: Pump) -> None:
        task = asyncio.current_task()
        assert task is not None
        # When nobody takes anything from it any more, it lives on only as long as something may wake it.
        pump.on_stop = lambda: release(task)
        if pump.stopped:
            release(task)
        await f(inp, given)

    launch((inp, out), (sender,), body, close=False)
