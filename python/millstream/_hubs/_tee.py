"""Every value to every tap."""

from __future__ import annotations

from types import TracebackType
from typing import Generic, TypeVar

from .. import _core
from .._streams._sources import Source
from ._bound import AnyBound, Bound, channel
from ._hub import Hub
from ._outlet import Output, own_end

T = TypeVar("T")


class Tee(Generic[T]):
    """Gives every value of a source to every tap.

    The source is a channel, any async iterator or any iterable. Taps come and go while it runs: a new one gets the
    values that come after it, and one leaves by closing its receiver or letting go of it. Each has a `Bound` of its own:
    it holds nobody up until it is that far behind, and then its bound says what happens. Taps that are waited for are
    waited for side by side. All taps get the same object.

    The first tap starts a task on the running loop. While there is no tap, nothing is taken. When the source ends the
    taps end, and an exception of it is raised by every tap, after what it was sent. When the `Tee` is gone the taps go on,
    and when the last of them has left, the source is let go of; an iterator is closed. If the task is cancelled, because
    the loop is shut down, the taps get an `Error` that says so, after the value that was being given out.

    The idea is aiochan's `Dup`, which waits for its taps one after the other, and for taps that have gone.

        tee = ms.Tee(events)
        log, work = tee.tap(100), tee.tap(ms.Bound.LOCKSTEP)
        async for event in work: ...
    """

    __slots__ = ("__weakref__", "_hub")

    def __init__(self, source: Source[T]) -> None:
        self._hub: Hub[T] = Hub(source, None, "tee")

    def tap(self, bound: AnyBound = Bound.LOCKSTEP) -> _core.Receiver[T]:
        """A new tap. It belongs to whoever has it: when it is closed or gone, the tee forgets it.

        After the end of the tee it is closed from the start. Raises `RuntimeError` if it is the first and no loop is
        running; later ones can be made in any thread.

            rx = tee.tap(ms.Bound.drop_oldest(1))
        """
        sender: _core.Sender[T]
        sender, receiver = channel(bound)
        self._hub.add(None, sender, closes=True)
        return receiver

    def tap_into(self, output: Output[T], *, close: bool = True) -> None:
        """Makes a channel of the author's a tap. At the end it is closed, unless `close` is false.

        tee.tap_into(archive, close=False)
        """
        self._hub.add(None, own_end(output), closes=close)

    def close(self) -> None:
        """Ends the taps after what they were sent, and lets go of the source; what is left in a channel stays there."""
        self._hub.stop()

    async def __aenter__(self) -> Tee[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        hub = getattr(self, "_hub", None)
        if hub is not None:
            hub.let_go()
