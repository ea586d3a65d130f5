"""A channel and its operations; what is built from them stands in the modules beside this one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from ... import _core
from ..._errors import Closed, Empty, Full
from . import channel as _settings
from ._callbacks import dispatch, report
from ._engine import make_core
from ._future import CallFuture

__all__ = ["BaseChan", "ChanIterator", "ChanStat", "MisuseError", "QueueLimitError", "new_chan"]

T = TypeVar("T")

_running = asyncio._get_running_loop

# What the engine makes for every put and get.
_core._adopt_future(CallFuture)

# What the engine's states are called here.
_STATES = {"puts": "PENDING_PUTS", "gets": "PENDING_GETS", "nobody": "FLUENT"}


class QueueLimitError(AssertionError):
    """More than ``MAX_OP_QUEUE_SIZE`` operations that nobody awaits would wait on one channel."""


class MisuseError(AssertionError):
    """Arguments that contradict each other."""


class ChanStat(NamedTuple):
    """How a channel is doing.

    ``state`` is ``'PENDING_PUTS'`` if puts wait, ``'PENDING_GETS'`` if gets wait, and ``'FLUENT'`` otherwise.
    The others count the values that were delivered: ``buffered`` out of the buffer, ``queued`` to a get that waited,
    ``immediate`` from a put that waited.
    """

    state: str
    buffered: int
    queued: int
    immediate: int


class ChanIterator(Generic[T]):
    """The values of a channel, for ``async for``. A promise gives its value once."""

    __slots__ = ("_chan", "_values")

    def __init__(self, chan: BaseChan[T]) -> None:
        self._chan = chan
        self._values: AsyncIterator[T] = chan._core.__aiter__()

    def __aiter__(self) -> ChanIterator[T]:
        return self

    def __anext__(self) -> Any:
        return self._values.__anext__()


def _outcome_of_put(op: _core.Operation[None]) -> bool:
    try:
        op.result()
    except Closed:
        return False
    return True


class BaseChan(_core._CallChan, Generic[T]):
    """A channel with its operations."""

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_core",
        "_core_get_nowait",
        "_core_is_empty",
        "_core_is_full",
        "_core_put_nowait",
        "_is_loop_given",
        "_loop",
        "_name",
        "_starters",
    )

    _count: ClassVar[int] = 0

    def __init__(
        self,
        buffer: Any = None,
        buffer_size: Any = None,
        *,
        loop: Any = None,
        name: str | None = None,
    ) -> None:
        self._name = name or f"_unk_{BaseChan._count}"
        self._loop: asyncio.AbstractEventLoop | None = None if loop == "no_loop" else loop
        self._is_loop_given = self._loop is not None
        core: _core.Chan[T] = make_core(buffer, buffer_size, name)
        self._core = core
        self._set_up(core)
        self._is_unbound = self._loop is None
        self._core_put_nowait = core.put_nowait
        self._core_get_nowait = core.get_nowait
        self._core_is_full = core.is_full
        self._core_is_empty = core.is_empty
        # Pumps to be started as soon as there is a loop.
        self._starters: list[Callable[[asyncio.AbstractEventLoop], None]] | None = None
        BaseChan._count += 1

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that was given, or else the one that first waited for the channel."""
        return self._loop or _running()

    @loop.setter
    def loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self._loop = loop
        self._is_loop_given = loop is not None
        self._is_unbound = loop is None or bool(self._starters)

    def __repr__(self) -> str:
        return f"Chan<{self._name} {id(self)}>"

    def __aiter__(self) -> ChanIterator[T]:
        if self._starters:
            running = _running()
            if running is not None:
                self._bind(running)
        return ChanIterator(self)

    if TYPE_CHECKING:
        # What the engine does.
        def put(self, val: T) -> asyncio.Future[bool]: ...
        def get(self) -> asyncio.Future[T | None]: ...

    def put_nowait(
        self, val: T, cb: Callable[[bool], Any] | None = None, *, immediate_only: bool = True
    ) -> bool | None:
        """Puts without waiting for it.

        :param val: anything but ``None``.
        :param cb: is called with the result, at once or later; it may be a coroutine function, which runs as a task.
            What it raises goes to the exception handler of the loop.
        :param immediate_only: do nothing if it cannot be done now; otherwise the put stays in line.
        :return: ``True`` if it was accepted, ``False`` if the channel is closed, ``None`` if it could not be done now.
        :raises QueueLimitError: if ``MAX_OP_QUEUE_SIZE`` puts wait already that nobody awaits.
        """
        if val is None:
            raise TypeError("None cannot be put on a channel")
        if immediate_only:
            if cb is not None:
                raise MisuseError("a callback needs immediate_only=False")
            try:
                self._core_put_nowait(val)
            except Full:
                return None
            except Closed:
                return False
            return True
        if self._core_is_full():
            self._admit_put()

        def complete(op: _core.Operation[None]) -> None:
            self._count_put(-1)
            if cb is not None:
                dispatch(cb, (_outcome_of_put(op),), self._loop)

        op = self._core.put(val)
        self._count_put(1)
        if not op.start(complete):
            self._bind_to_running()
            return None
        self._count_put(-1)
        result = _outcome_of_put(op)
        if cb is not None:
            dispatch(cb, (result,), self._loop)
        return result

    def add(self, *vals: T) -> Any:
        """Puts all of ``vals`` without waiting; those for which there is no room stay in line. Returns the channel.

        For a few values: what waits is bounded by ``MAX_OP_QUEUE_SIZE``.
        """
        for val in vals:
            self.put_nowait(val, immediate_only=False)
        return self

    def get_nowait(self, cb: Callable[[Any], Any] | None = None, *, immediate_only: bool = True) -> T | None:
        """Gets without waiting for it.

        :param cb: is called with the value, at once or later, also if it is returned; as for ``put_nowait``.
        :param immediate_only: do nothing if it cannot be done now; otherwise the get stays in line.
        :return: the value, or ``None`` if there is none now or the channel is closed.
        :raises QueueLimitError: if ``MAX_OP_QUEUE_SIZE`` gets wait already that nobody awaits.
        """
        if immediate_only:
            if cb is not None:
                raise MisuseError("a callback needs immediate_only=False")
            try:
                return self._core_get_nowait()
            except (Empty, Closed):
                return None
        if self._core_is_empty():
            self._admit_get()

        def complete(op: _core.Operation[T]) -> None:
            self._count_get(-1)
            value = self._value_for_callback(op, later=True)
            if cb is not None:
                dispatch(cb, (value,), self._loop)

        op = self._core.get()
        self._count_get(1)
        if not op.start(complete):
            self._bind_to_running()
            return None
        self._count_get(-1)
        value = self._value_for_callback(op, later=cb is not None)
        if cb is not None:
            dispatch(cb, (value,), self._loop)
        return value

    def _value_for_callback(self, op: _core.Operation[T], *, later: bool) -> T | None:
        try:
            return op.result()
        except Closed:
            return None
        except Exception as error:
            if not later:
                raise
            report(error, "A channel that a callback waits for was closed with an error", self._loop)
            return None

    def close(self) -> Any:
        """Closes the channel, if it is not closed already, and returns it.

        Gets that wait complete with ``None``. What is in the channel, puts that wait included, can still be got.
        """
        self._core.close()
        return self

    @property
    def closed(self) -> bool:
        """Whether the channel is closed. It may have values left."""
        return self._core.is_closed()

    def join(self) -> Coroutine[Any, Any, bool]:
        """Waits until the channel is closed and everything in it has been got. A promise only has to be closed.

        If the channel was closed by an error, that error is raised.
        """
        self._bind_to_running()
        return self._join()

    async def _join(self) -> bool:
        with contextlib.suppress(Closed):
            await self._core.join()
        return True

    def stats(self) -> ChanStat:
        """How the channel is doing. Operations that were withdrawn do not count."""
        stats = self._core.stats()
        return ChanStat(_STATES[stats.state], stats.buffered, stats.queued, stats.immediate)

    def _admit_put(self) -> None:
        if self._queued_puts >= _settings.MAX_OP_QUEUE_SIZE and not self._core.is_closed():
            raise QueueLimitError(_too_many("puts", self._queued_puts))

    def _admit_get(self) -> None:
        if self._queued_gets >= _settings.MAX_OP_QUEUE_SIZE and not self._core.is_closed():
            raise QueueLimitError(_too_many("gets", self._queued_gets))

    def _bind_to_running(self) -> None:
        if self._loop is None or self._starters:
            running = _running()
            if running is not None:
                self._bind(running)

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """The channel is used on ``loop``: pumps that had no loop yet run there."""
        if self._loop is None or self._loop.is_closed():
            self._loop = loop
        starters, self._starters = self._starters, None
        self._is_unbound = False
        for start in starters or ():
            start(loop)


def _too_many(what: str, number: int) -> str:
    return (
        f"{number} {what} that nobody awaits are waiting on this channel already (MAX_OP_QUEUE_SIZE); "
        "await them, or give the channel a buffer"
    )


def new_chan(buffer: Any = None, buffer_size: Any = None, loop: Any = None) -> Any:
    """A ``Chan``, for those that ``Chan`` itself is made of."""
    return _settings.Chan(buffer, buffer_size, loop=loop)
