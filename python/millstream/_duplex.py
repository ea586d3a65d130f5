"""Two ends, each of which puts what the other gets, in step with each other."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

from . import _core
from ._background import shown
from ._errors import Closed, Error

__all__ = ["Abandoned", "Crossed", "End", "duplex"]

S = TypeVar("S")
R = TypeVar("R")


class Abandoned(Error):
    """The other end has gone without a word: collected, or left by a cancellation, and never closed.

    What was received is not all that there was to be. A put that was refused has its value in ``value``; if the peer had
    taken it, and went before it had dealt with it, `was_taken` is true.
    """

    def __init__(self, value: Any = None, was_taken: bool = False) -> None:
        super().__init__(value, was_taken)
        self.value = value
        self.was_taken = was_taken

    def __str__(self) -> str:
        if self.was_taken:
            return "the other end took the value, and went without being closed"
        return "the other end went without being closed"


class Crossed(Error):
    """Both ends put at once, and would wait for each other for ever: one has to get first. The value is in ``value``."""

    def __init__(self, value: Any = None) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return "both ends put at once: one has to get first"


class _Way:
    """One direction. The numbers count the values that went it."""

    __slots__ = ("dealt_with", "has_value", "offered", "taken", "value")

    def __init__(self) -> None:
        self.has_value = False
        self.value: Any = None
        self.offered = 0
        self.taken = 0
        self.dealt_with = 0

    def take_out(self) -> Any:
        value, self.value, self.has_value = self.value, None, False
        return value


class _Side:
    """What concerns one end: how it went, and the bell that has it look again."""

    __slots__ = ("bell", "error", "has_ended", "is_closed", "sends")

    def __init__(self) -> None:
        self.sends = _Way()
        self.bell: _core.Chan[None] = _core.sliding(1)
        self.has_ended = False
        self.is_closed = False
        self.error: BaseException | None = None


class _Pair:
    """Both ends, under a lock where nothing of the author's runs."""

    __slots__ = ("lock", "sides")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.sides = (_Side(), _Side())


def duplex() -> tuple[End[Any, Any], End[Any, Any]]:
    """A pair of ends: what one puts the other gets. Either may start; they can be in different tasks, loops or threads.

    There is no buffer: a put returns when the peer has moved on from its value. How an end went is part of what its peer
    gets: `close` is a normal end, ``close(error=…)`` a failure that is raised there, and an end that was just dropped
    is an `Abandoned`; no operation outlasts the peer. For many producers and consumers, buffers and `select` there are
    channels. It is sav.channels' pair of generators, where only the first of the three is told.

        letters, numbers = ms.duplex()  # annotate them: ms.End[str, int], ms.End[int, str]
        await letters.put("c")          # while another task does: place = ord(await numbers.get())
    """
    pair = _Pair()
    return End._of(pair, 0), End._of(pair, 1)


class End(Generic[S, R]):
    """One end of a pair: puts `S`, gets `R`, iterates over what the peer puts, closes at the end of an ``async with``.

    It is used by one task or thread at a time; another one that comes meanwhile gets a `RuntimeError`. An ``async with``
    (or ``with``, on a thread) closes it: with the error if its body raised one, and without a word if that was a
    cancellation.
    """

    __slots__ = ("__weakref__", "_is_used", "_mine", "_pair", "_peer")

    _pair: _Pair
    _mine: _Side
    _peer: _Side
    _is_used: bool

    def __init__(self) -> None:
        raise TypeError("the ends of a pair come from duplex()")

    @classmethod
    def _of(cls, pair: _Pair, number: int) -> End[Any, Any]:
        end = cls.__new__(cls)
        end._pair = pair
        end._mine = pair.sides[number]
        end._peer = pair.sides[1 - number]
        end._is_used = False
        return end

    async def put(self, value: S) -> None:
        """Gives the peer a value, and waits until it has dealt with it: until it next gets, puts or closes.

        Raises, when the peer has gone, `Closed` (with the ``value``), `Abandoned`, or the error that it closed with; and
        `Crossed` if the peer is putting too, and its value waits here. Cancelled before the peer took it, the value was
        not put; cancelled later, only the waiting is over. The pair is as good as before.

            await end.put("hello")
        """
        number = self._offer(value)
        try:
            while not self._is_put(value, number):
                await self._mine.bell.get()
        finally:
            self._no_longer_offer(number)

    async def get(self) -> R:
        """The next value of the peer, which thereby may go on from the one before.

        Raises, once the peer has gone, `Closed`, `Abandoned`, or the error that it closed with. Cancelling it loses
        nothing.

            answer = await end.get()
        """
        self._begin()
        try:
            while not self._is_there():
                await self._mine.bell.get()
            return self._take()
        finally:
            self._is_used = False

    def put_blocking(self, value: S) -> None:
        """`put` for threads.

        end.put_blocking("hello")
        """
        number = self._offer(value)
        try:
            while not self._is_put(value, number):
                self._mine.bell.get_blocking()
        finally:
            self._no_longer_offer(number)

    def get_blocking(self) -> R:
        """`get` for threads.

        answer = end.get_blocking()
        """
        self._begin()
        try:
            while not self._is_there():
                self._mine.bell.get_blocking()
            return self._take()
        finally:
            self._is_used = False

    def close(self, error: BaseException | None = None) -> bool:
        """Ends this end in good order, or with an error, which the peer gets now and whenever it asks.

        What was received counts as dealt with, unless there is an error. A put of the peer that was not taken is
        refused. Gives false if it was closed before.

            end.close(error=ValueError("no such letter"))
        """
        return self._end(True, shown(error, "the other end"))

    def is_closed(self) -> bool:
        """Whether this end was closed."""
        return self._mine.has_ended

    def peer_is_closed(self) -> bool:
        """Whether the other end has gone, in whatever way; a value of it may still be here."""
        return self._peer.has_ended

    def __aiter__(self) -> End[S, R]:
        return self

    async def __anext__(self) -> R:
        try:
            return await self.get()
        except Closed:
            if self._peer.error is not None:
                raise
            raise StopAsyncIteration from None

    async def __aenter__(self) -> End[S, R]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __enter__(self) -> End[S, R]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            self._end(False, None)
        else:
            self.close(error)

    def __del__(self) -> None:
        if getattr(self, "_pair", None) is not None:
            self._end(False, None)

    def __repr__(self) -> str:
        return f"<millstream.End{' closed' if self._mine.has_ended else ''}>"

    def _begin(self) -> None:
        """Takes the end into use. Whoever does the next thing with it has dealt with what it got before."""
        with self._pair.lock:
            if self._is_used:
                raise RuntimeError("this end is in use by another task")
            if self._mine.has_ended:
                raise Closed(self)
            self._is_used = True
            incoming = self._peer.sends
            is_news = incoming.dealt_with < incoming.taken
            incoming.dealt_with = incoming.taken
        if is_news:
            _ring(self._peer)

    def _offer(self, value: S) -> int:
        """Lays the value where the peer can take it, and gives its number."""
        self._begin()
        with self._pair.lock:
            out = self._mine.sends
            crossed = self._peer.sends.has_value
            gone = self._peer.has_ended
            number = out.offered + 1
            if not crossed and not gone:
                out.offered = number
                out.has_value, out.value = True, value
        if crossed or gone:
            self._is_used = False
            raise self._gone(value, was_taken=False) if gone else Crossed(value)
        _ring(self._peer)
        return number

    def _is_put(self, value: S, number: int) -> bool:
        """Whether the peer has dealt with the value; raises if it never will."""
        with self._pair.lock:
            out = self._mine.sends
            if out.dealt_with >= number:
                return True
            if not self._peer.has_ended and not self._mine.has_ended:
                return False
            was_taken = out.taken >= number
        raise self._gone(value, was_taken=was_taken)

    def _no_longer_offer(self, number: int) -> None:
        """Takes back a value that was not taken."""
        with self._pair.lock:
            out = self._mine.sends
            dropped = out.take_out() if out.has_value and out.offered == number else None
            self._is_used = False
        del dropped

    def _is_there(self) -> bool:
        with self._pair.lock:
            if self._peer.sends.has_value:
                return True
            if not self._peer.has_ended and not self._mine.has_ended:
                return False
        raise self._gone(None, was_taken=False)

    def _take(self) -> R:
        with self._pair.lock:
            way = self._peer.sends
            way.taken = way.offered
            return cast(R, way.take_out())

    def _gone(self, value: Any, *, was_taken: bool) -> BaseException:
        """What is raised because of how the peer went, or because this end was closed meanwhile."""
        if self._mine.has_ended and not self._peer.has_ended:
            return Closed(self, value)
        if self._peer.error is not None:
            return self._peer.error
        if self._peer.is_closed:
            return Closed(self, value)
        return Abandoned(value, was_taken)

    def _end(self, is_closed: bool, error: BaseException | None) -> bool:
        with self._pair.lock:
            mine = self._mine
            if mine.has_ended:
                return False
            mine.has_ended, mine.is_closed, mine.error = True, is_closed, error
            incoming = self._peer.sends
            if is_closed and error is None:
                incoming.dealt_with = incoming.taken
        _ring(self._peer)
        # A task that waits at this end learns that it is over, too.
        _ring(mine)
        return True


def _ring(side: _Side) -> None:
    # There is always room: a ring that is not heard yet is as good as two.
    side.bell.put_nowait(None)
