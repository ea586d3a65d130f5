"""What pumps take items from: a channel, which takes items back, or any other source, which cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, Generic, TypeVar, final

from . import _core
from ._errors import Closed
from ._streams._sources import Source, iterator_of

T = TypeVar("T")


@final
class End:
    """The type of `END`."""


END: Final = End()
"""What is pulled from an input that has come to its end."""


class Input(Generic[T]):
    """An input of one pump: items are pulled one after the other, by one task at a time."""

    __slots__ = ()

    async def pull(self) -> T | End:
        """The next item, or `END`; raises what the source raises. A pull that is cancelled takes nothing from a channel."""
        raise NotImplementedError

    def give_back(self, item: T) -> bool:
        """Puts an item that could not be used back in front of the others, if that can be done."""
        raise NotImplementedError

    def detach(self) -> None:
        """Lets go of a channel; what more there is to do takes `release`."""

    async def release(self) -> None:
        """Lets go of the source, and closes what the pump alone read."""
        self.detach()


class FromChannel(Input[T]):
    """A channel as input: a receiving end of its own, so that the pump keeps no sender alive."""

    __slots__ = ("receiver",)

    def __init__(self, source: _core.Chan[T] | _core.Receiver[T]) -> None:
        self.receiver: _core.Receiver[T] = source.receiver() if isinstance(source, _core.Chan) else source.clone()

    async def pull(self) -> T | End:
        try:
            item: T = await self.receiver.get()
        except Closed as closed:
            if self.receiver.error is closed:
                raise
            return END
        return item

    def give_back(self, item: T) -> bool:
        self.receiver.unget(item)
        return True

    def detach(self) -> None:
        self.receiver.detach()


class FromIterator(Input[T]):
    """Any other source as input: the pump is its only reader, and closes it."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: AsyncIterator[T]) -> None:
        self._iterator = iterator

    async def pull(self) -> T | End:
        try:
            item: T = await self._iterator.__anext__()
        except StopAsyncIteration:
            return END
        return item

    def give_back(self, item: T) -> bool:
        return False

    async def release(self) -> None:
        close: Any = getattr(self._iterator, "aclose", None)
        if close is None:
            return
        try:
            await close()
        except Exception as error:
            # The pump is over, and its consumers were told how; this is news that has no other way.
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "closing the source of a pump failed", "exception": error})


def input_of(source: Source[T]) -> Input[T]:
    """The input that a source makes; raises `TypeError` for what is neither a channel nor iterable."""
    if isinstance(source, (_core.Chan, _core.Receiver)):
        return FromChannel(source)
    return FromIterator(iterator_of(source))
