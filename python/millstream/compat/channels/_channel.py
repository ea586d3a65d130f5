"""A channel with a sender that is a block and a receiver that is an iterator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, TypeVar

from ._end import End, create, shown

__all__ = ["AsyncItemize", "AsyncItemizer", "Channel"]

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

AsyncItemize = Callable[[T_contra], Awaitable[None]]
"""Sends an item: returns once the receiver has it."""

AsyncItemizer = AbstractAsyncContextManager[AsyncItemize[T_contra]]
"""A block in which items are sent."""


class Channel(Generic[T]):
    """Hands items from those who send to the one who iterates.

    `async with channel.sender as itemize` gives the function that sends: `await itemize(item)` returns once the
    receiver has asked for the item and has it. Several tasks may use it. The end of the block ends the iteration over
    `channel.receiver`, once the items are dealt with. An error in the block is raised to the receiver, and if the
    block is cancelled, `Abandoned` is. A receiver that leaves its loop early has `itemize` raise `Abandoned`, and one
    that was closed has it raise `Closed` with the item.
    """

    sender: AsyncItemizer[T]
    receiver: AsyncIterator[T]

    def __init__(self) -> None:
        receiver, sender = create()
        assert isinstance(sender, End)
        self.sender = _Sender(sender)
        self.receiver = receiver


class _Sender(AbstractAsyncContextManager[AsyncItemize[T_contra]]):
    """The block of the sender, which can be entered once."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._is_used = False

    async def __aenter__(self) -> AsyncItemize[T_contra]:
        if self._is_used:
            raise RuntimeError("the sender of a channel can be entered once")
        self._is_used = True
        self._end.keep(1)
        return self._itemize

    async def _itemize(self, item: T_contra) -> None:
        await self._end.give(item)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self._end.settle()
        except BaseException as late:
            self._end.finish(shown(late))
            raise
        finally:
            self._end.finish(None if error is None else shown(error))
            self._end.keep(-1)
