"""One output of a hub: a channel that is told apart from the others by being closed, slow or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar, Union

from .. import _core
from .._background import Watch
from .._errors import Closed

T = TypeVar("T")
Output = Union["_core.Sender[T]", "_core.Chan[T]"]


def own_end(output: Output[T]) -> _core.Sender[T]:
    """A sending end of one's own, which keeps no receiver alive."""
    return output.sender() if isinstance(output, _core.Chan) else output.clone()


class Outlet(Generic[T]):
    """A sender, the put that waits at it, and whether anybody is left to receive.

    All of it happens on the hub's loop, but for the end of a put that waited, which only rings: `rings` gets a value for
    each put that is settled.
    """

    __slots__ = ("_closes", "_gone", "_put", "_rings", "_sender", "_watch", "is_closed")

    def __init__(
        self,
        sender: _core.Sender[T],
        loop: asyncio.AbstractEventLoop,
        *,
        closes: bool,
        gone: Callable[[Outlet[T]], object],
    ) -> None:
        self._sender = sender
        self._closes = closes
        self._gone = gone
        self._put: _core.Operation[None] | None = None
        self._rings: _core.Chan[None] | None = None
        self.is_closed = False
        self._watch = Watch(sender, loop, self._went)

    def offer(self, value: T, rings: _core.Chan[None]) -> bool | None:
        """Puts a value, and says whether it was taken; `None` means that it waits for room.

        `rings` will get a value then, and after that `settle` says it.
        """
        put = self._sender.put(value)
        self._put, self._rings = put, rings
        if put.start(lambda _: rings.put_nowait(None)):
            return self.settle()
        return None

    def settle(self) -> bool:
        """Whether the value that waited was taken."""
        put, self._put = self._put, None
        if put is None:
            return False
        try:
            put.result()
        except Closed:
            self.is_closed = True
            return False
        finally:
            # The error refers to this frame, and to the value.
            del put
        return True

    def withdraw(self) -> bool:
        """Takes back the value that waits for room; false if there is none, and if it is settled, as `settle` says."""
        if self._put is None or not self._put.cancel():
            return False
        self._put = None
        return True

    def end(self, error: BaseException | None) -> None:
        """Ends the output after what it was sent, a value that waits for room included."""
        self._watch.stop()
        if self._closes:
            self._sender.close(error=error)
        self._sender.detach()

    def _went(self) -> None:
        self.is_closed = True
        # Closed by its receiver, with a value that this has not asked for: nobody has to wait for that.
        if self.withdraw() and self._rings is not None:
            self._rings.put_nowait(None)
        self._gone(self)


def rings() -> _core.Chan[Any]:
    """A channel for the puts of one hub to ring."""
    return _core.unbounded()
