"""What the hubs have in common that give values to several outputs: the pump, and who comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

from .. import _core
from .._background import call_soon, shown, start
from .._errors import Closed
from .._inputs import END, End, FromChannel, input_of
from .._streams._sources import Source
from ._outlet import Outlet, rings

T = TypeVar("T")


class _Nothing:
    pass


_NOTHING = _Nothing()


class Hub(Generic[T]):
    """The outputs, in groups, and the task that gives them values.

    The task refers to this and not to the object that the author has in hand: when that is gone no output can be added,
    and the task ends with the last one. It runs on the loop of the first output; everything here happens on that loop.
    While there is no output, nothing is taken from the input.
    """

    def __init__(self, source: Source[T], group_of: Callable[[T], Hashable] | None, what: str) -> None:
        self._input = input_of(source)
        self._group_of = group_of
        self._what = what
        self._groups: dict[Hashable, list[Outlet[T]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._bell: _core.Chan[None] = _core.sliding(1)
        self._rings = rings()
        self._held: T | _Nothing = _NOTHING
        self._may_grow = True
        self._is_stopped = False
        self._is_over = False
        self._pulls_from_iterator = False
        self._error: BaseException | None = None

    def add(self, group: Hashable, sender: _core.Sender[T], *, closes: bool) -> None:
        """Adds an output, from whatever thread once there is one; the first starts the task on the running loop."""
        hash(group)
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        self._on_loop(partial(self._add, group, sender, closes=closes))

    def end_group(self, group: Hashable) -> None:
        """Ends the outputs of a group, after what they were sent."""
        self._on_loop(partial(self._end_group, group))

    def stop(self) -> None:
        """Ends all outputs after what they were sent, and lets go of the input."""
        if self._loop is None:
            self._is_stopped = self._is_over = True
            self._input.detach()
        else:
            self._on_loop(self._stop)

    def let_go(self) -> None:
        """No output will be added any more; called in the midst of a garbage collection."""
        if self._loop is not None:
            call_soon(self._loop, self._stop_growing)

    def _on_loop(self, do: Callable[[], None]) -> None:
        if self._loop is None:  # There is nothing yet that could be done something with.
            return
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self._loop:
            do()
        else:
            call_soon(self._loop, do)

    def _add(self, group: Hashable, sender: _core.Sender[T], *, closes: bool) -> None:
        assert self._loop is not None
        outlet = Outlet(sender, self._loop, closes=closes, gone=partial(self._gone, group))
        if self._is_stopped or self._is_over:
            outlet.end(self._error)
            return
        self._groups.setdefault(group, []).append(outlet)
        if self._task is None:
            self._task = start(self._run(), self._ended, name=f"millstream {self._what}")
        self._bell.put_nowait(None)

    def _gone(self, group: Hashable, outlet: Outlet[T]) -> None:
        outlets = self._groups.get(group)
        if outlets is None or outlet not in outlets:
            return
        outlets.remove(outlet)
        outlet.end(None)
        if not outlets:
            del self._groups[group]
        self._look_again()

    def _end_group(self, group: Hashable) -> None:
        for outlet in self._groups.pop(group, ()):
            outlet.end(None)
        self._look_again()

    def _stop(self) -> None:
        self._is_stopped = True
        self._look_again()

    def _stop_growing(self) -> None:
        self._may_grow = False
        self._look_again()

    def _look_again(self) -> None:
        """Has the task look at what has changed, if it waits for a value that may not be wanted."""
        self._bell.put_nowait(None)
        if self._pulls_from_iterator and self._task is not None and self._is_at_end():
            self._task.cancel()

    def _is_at_end(self) -> bool:
        return self._is_stopped or not (self._groups or self._may_grow)

    async def _run(self) -> None:
        try:
            while not self._is_at_end():
                if not self._groups:
                    if not isinstance(self._held, _Nothing) and self._input.give_back(self._held):
                        self._held = _NOTHING
                    await self._bell.get()
                    continue
                if isinstance(self._held, _Nothing):
                    value = await self._pull()
                    if isinstance(value, End):
                        return
                    self._held = value
                else:
                    await self._deliver(self._held)
        finally:
            self._is_over = True
            if not isinstance(self._held, _Nothing):
                self._input.give_back(self._held)
            await self._input.release()

    async def _pull(self) -> T | End | _Nothing:
        """The next value, or nothing if the bell rang first."""
        if isinstance(self._input, FromChannel):
            receiver: _core.Receiver[T] = self._input.receiver
            chosen = await _core.select(self._bell, receiver, biased=True)
            if chosen.index == 0:
                return _NOTHING
            try:
                value: T = chosen.value
                return value
            except Closed as closed:
                if receiver.error is closed:
                    raise
                return END
        # What an iterator is about to yield cannot be left there: it is held until there is an output again.
        self._pulls_from_iterator = True
        try:
            return await self._input.pull()
        finally:
            self._pulls_from_iterator = False

    async def _deliver(self, value: T) -> None:
        """Gives a value to its outputs; it is held if nobody took it who should have."""
        group = None if self._group_of is None else self._group_of(value)
        outlets = list(self._groups.get(group, ()))
        # From here on it belongs to them: one that waits for room stays there, even if the task is cancelled.
        self._held = _NOTHING
        slow: list[Outlet[T]] = []
        is_taken = False
        for outlet in outlets:
            taken = outlet.offer(value, self._rings)
            if taken is None:
                slow.append(outlet)
            else:
                is_taken = is_taken or taken
        for _ in slow:
            await self._rings.get()
        for outlet in slow:
            is_taken = outlet.settle() or is_taken
        for outlet in outlets:
            if outlet.is_closed:
                # Nothing more is taken for it, even if the loop gets to know of its end only later.
                self._gone(group, outlet)
        # A topic may have nobody who asks for it, but a value of a tee is for whoever comes next.
        if not is_taken and self._group_of is None:
            self._held = value

    def _ended(self, error: BaseException | None) -> None:
        self._is_over = True
        if not (isinstance(error, asyncio.CancelledError) and self._is_at_end()):
            self._error = shown(error, f"the {self._what}")
        self._input.detach()
        self._task = None
        groups, self._groups = self._groups, {}
        for outlets in groups.values():
            for outlet in outlets:
                outlet.end(self._error)
