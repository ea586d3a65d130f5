"""The two ends of a channel on which each side sends and receives in turn."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Final, NoReturn

from ... import _core
from ..._duplex import Abandoned
from ..._errors import Closed

__all__ = ["Abandoned", "End", "create"]

ASK: Final = object()
"""What goes to the peer when a value is wanted from it and none is sent."""


class End(AsyncGenerator[Any, Any]):
    """One end, with the methods of an async generator: what is sent into it is yielded by the other, and vice versa.

    A value is handed over when the peer waits for one, and `asend` returns when the peer asks for the next, with what
    the peer sent. Several tasks can use one end: they take turns. A wait that is cancelled leaves the channel as it
    was; a value was then sent or not, and an answer that nobody got is what the next receives.

    How an end goes is told to the peer: after `aclose` it finds that the iteration is over; after an error, it raises
    that error, and when an end is left without a word, `Abandoned`.
    """

    def __init__(self, out: _core.Sender[Any], into: _core.Receiver[Any], has_turn: bool) -> None:
        self._out = out
        self._in = into
        # The ends send in turn: who has sent waits for the other.
        self._has_turn = has_turn
        self._sent = 0
        self._is_started = False
        self._is_over = False
        self._error: BaseException | None = None
        # Answers to sends that were cancelled while they waited for them.
        self._late: deque[Any] = deque()
        self._free: _core.Chan[None] = _core.bounded(1)
        self._free.put_nowait(None)
        self._loops = 0
        self._keepers = 0
        self.peer: weakref.ref[End] | None = None
        self.is_cut_off = False
        """Whether the peer ended the channel before this end did."""

    # What async generators can do.

    def __aiter__(self) -> AsyncGenerator[Any, Any]:
        return _Loop(self)

    async def __anext__(self) -> Any:
        return await self._exchange(ASK)

    async def asend(self, value: Any) -> Any:
        """Sends a value and waits for the next from the peer, which is None if that only iterates.

        The first must be None: it waits until the peer has been started as well, or until it has sent a value.
        """
        if not self._is_started:
            if value is not None:
                raise TypeError("the first value that is sent into an end must be None, to start it")
            value = ASK
        return await self._exchange(value)

    async def athrow(
        self, typ: type[BaseException] | BaseException, val: object = None, tb: TracebackType | None = None
    ) -> Any:
        """Ends the channel with an exception, which is raised here and to the peer; a `GeneratorExit` closes it."""
        if isinstance(typ, BaseException):
            error = typ
        elif isinstance(val, BaseException):
            error = val
        else:
            error = typ() if val is None else typ(val)
        self.finish(None if isinstance(error, GeneratorExit) else shown(error))
        raise error.with_traceback(tb)

    async def aclose(self) -> None:
        """Ends the channel properly: the peer's iteration is over."""
        self.finish(None)

    # The exchange.

    async def _exchange(self, value: Any) -> Any:
        self._is_started = True
        await self._free.get()
        try:
            if value is ASK and self._late:
                return _shown_value(self._late.popleft())
            if not self._has_turn and value is not ASK:
                await self._turn_for(value)
            if self._has_turn:
                await self._send(value)
            self._late.append(await self._receive())
            return _shown_value(self._late.popleft())
        finally:
            self._free.put_nowait(None)

    async def give(self, value: Any) -> None:
        """Sends a value as soon as the peer asks for one, and returns once it has it."""
        self._is_started = True
        await self._free.get()
        try:
            if not self._has_turn:
                await self._turn_for(value)
            await self._send(value)
        finally:
            self._free.put_nowait(None)

    async def settle(self) -> None:
        """Waits until a peer that loops over its end has asked for more than it was given, or has left.

        A peer that asks for one item after the other, in no loop, may never ask again, and is not waited for.
        """
        peer = None if self.peer is None else self.peer()
        if peer is None or not peer.is_iterated:
            return
        del peer
        await self._free.get()
        try:
            if not self._has_turn and not self._is_over:
                await self._wait_for_turn()
        except (StopAsyncIteration, Abandoned):
            pass
        finally:
            self._free.put_nowait(None)

    async def _turn_for(self, value: Any) -> None:
        """Waits for the turn to send a value, which is lost if the peer closes first: then it comes back in
        `Closed`."""
        try:
            await self._wait_for_turn()
        except StopAsyncIteration:
            if self.is_cut_off:
                raise Closed(self, value) from None
            raise

    async def _wait_for_turn(self) -> None:
        """Waits for an answer that nobody waits for any more, or for the first question."""
        late = await self._receive()
        if late is not ASK:
            self._late.append(late)

    async def _receive(self) -> Any:
        if self._is_over:
            self._raise_end()
        try:
            value = await self._in.get()
        except Closed as closed:
            if self._is_over or self._in.error is not closed:
                self._is_cut_off_by(None)
                self._raise_end()
            self._is_cut_off_by(closed)
            raise
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._is_cut_off_by(error)
            raise
        self._has_turn = True
        return value

    async def _send(self, value: Any) -> None:
        if not self._is_over:
            try:
                await self._out.put(value)
            except asyncio.CancelledError:
                # It can have been taken just before, or even given back by a peer that was cancelled as well.
                stats = self._out.stats()
                if stats.delivered + stats.len > self._sent:
                    self._sent += 1
                    self._has_turn = False
                raise
            except Closed:
                self._is_cut_off_by(self._in.error if not self._is_over else None)
            else:
                self._sent += 1
                self._has_turn = False
                return
        if value is ASK or self._error is not None or not self.is_cut_off:
            self._raise_end()
        raise Closed(self, value)

    def _raise_end(self) -> NoReturn:
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    # The end.

    def _is_cut_off_by(self, error: BaseException | None) -> None:
        """Notes that the peer has ended the channel."""
        if not self._is_over:
            self.is_cut_off = True
            self._error = error
            self.finish(None)

    def finish(self, error: BaseException | None) -> None:
        """Ends the channel, from whatever thread; the peer is told the error. Later calls do nothing."""
        if self._is_over:
            return
        self._is_over = True
        self._out.close(error)
        self._in.close()
        # A value that the peer is about to send goes back to it.
        self._in.detach()

    def keep(self, change: int) -> None:
        """Notes that a block has begun or ended which sees to the end of this; inside, a loop may be left."""
        self._keepers += change

    @property
    def is_over(self) -> bool:
        """Whether the channel has ended, as far as is known here."""
        return self._is_over

    def begin_loop(self) -> None:
        """Notes that somebody iterates."""
        self._loops += 1

    def end_loop(self) -> None:
        """Notes that somebody iterates no longer; if it was the last, and nobody will close this, it was abandoned."""
        self._loops -= 1
        if not self._loops and not self._keepers:
            self.finish(Abandoned())

    @property
    def is_iterated(self) -> bool:
        """Whether somebody is in the midst of a loop over this."""
        return self._loops > 0

    def __del__(self) -> None:
        self.finish(Abandoned())


class _Loop(AsyncGenerator[Any, Any]):
    """One loop over an end: when it is left before its end, this object goes, and the peer has to be told."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._is_begun = False

    def __aiter__(self) -> AsyncGenerator[Any, Any]:
        return self

    async def __anext__(self) -> Any:
        if not self._is_begun:
            self._is_begun = True
            self._end.begin_loop()
        try:
            return await self._end.__anext__()
        except asyncio.CancelledError:
            # No loop goes on after that, but what was raised may keep the frame of a comprehension, and so this object.
            self._leave()
            raise

    def _leave(self) -> None:
        if self._is_begun:
            self._is_begun = False
            self._end.end_loop()

    async def asend(self, value: Any) -> Any:
        """Sends into the end."""
        return await self._end.asend(value)

    async def athrow(
        self, typ: type[BaseException] | BaseException, val: object = None, tb: TracebackType | None = None
    ) -> Any:
        """Ends the channel with an exception."""
        error: Any = typ
        return await self._end.athrow(error, val, tb)

    async def aclose(self) -> None:
        """Closes the end."""
        await self._end.aclose()

    def __del__(self) -> None:
        self._leave()


def _shown_value(value: Any) -> Any:
    return None if value is ASK else value


def shown(error: BaseException) -> BaseException:
    """What the peer is told of an exception: errors as they are, and that this end was abandoned for all else."""
    return error if isinstance(error, Exception) and not isinstance(error, StopAsyncIteration) else Abandoned()


def create() -> tuple[AsyncGenerator[Any, Any], AsyncGenerator[Any, Any]]:
    """Makes a channel: two ends that are used like async generators.

    What is sent into one is yielded by the other. The first begins with receiving and the second with sending; either
    may be started first.
    """
    to_first, from_second = _core.pair(0)
    to_second, from_first = _core.pair(0)
    first, second = End(to_second, from_second, True), End(to_first, from_first, False)
    first.peer, second.peer = weakref.ref(second), weakref.ref(first)
    return first, second
