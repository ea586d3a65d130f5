"""Several iterators over all the items of one."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TypeVar

from ... import _core
from ..._errors import Closed
from ..._streams._tasks import Owner
from ._source import Kept
from .push_aiter import push_aiter, push_aiter_head

__all__ = ["aiter_forker"]

T = TypeVar("T")


class Puller(push_aiter_head[T]):
    """What the forks read from: it pulls an item from the source when one of them wants more than there is.

    A task does that, so that a fork which is cancelled meanwhile takes nothing away from the others.
    """

    def __init__(self, source: Kept[T]) -> None:
        super().__init__(None)
        self.pulling = 0
        self._source = source
        self._wishes: _core.Sender[None] | None = None

    def ask(self, owner: Owner) -> None:
        """Wishes for one more item; the task belongs to the forks."""
        if self._wishes is None:
            wishes: _core.Receiver[None]
            self._wishes, wishes = _core.pair(None)
            owner.tasks.start(_serve(self._source, wishes, self))
        try:
            self._wishes.put_nowait(None)
            self.pulling += 1
        except Closed:  # The source has ended, and the forks know it.
            pass


async def _serve(source: Kept[T], wishes: _core.Receiver[None], puller: Puller[T]) -> None:
    try:
        async for _ in wishes:
            try:
                item = await source.__anext__()
            except StopAsyncIteration:
                break
            puller.pulling -= 1
            if not puller.is_stopping():
                puller.push(item)
            del item
    except BaseException as error:
        puller.stop(error=error)
        if not isinstance(error, Exception):
            raise
    else:
        puller.stop()


class _aiter_fork(push_aiter[T]):
    """One of several iterators over the same items.

    An active one has the source asked when it wants more than has been pulled; a passive one waits until an active one
    has done so.
    """

    def __init__(self, puller: Puller[T], owner: Owner, tail: _aiter_fork[T] | None, is_active: bool) -> None:
        super().__init__(puller if tail is None else tail)
        self._puller = puller
        self._owner = owner
        self._is_active = is_active
        self._waiting = 0
        # The number of the item that will be yielded next, among all that were pushed.
        self._number = puller.count - len(self._chan)

    def fork(self, is_active: bool = True) -> _aiter_fork[T]:
        """Another fork where this one stands, active or passive."""
        return _aiter_fork(self._puller, self._owner, self, is_active)

    async def __anext__(self) -> T:
        self._waiting += 1
        try:
            if self._is_active:
                puller = self._puller
                if puller.count - self._number + puller.pulling < self._waiting:
                    puller.ask(self._owner)
            item = await self._next()
        finally:
            self._waiting -= 1
        self._number += 1
        return item


def aiter_forker(aiter: AsyncIterable[T]) -> _aiter_fork[T]:
    """Wraps an async iterator so that it can be forked: each fork yields all its items, in the same order.

    The source is asked for an item when the first active fork wants it. Items are kept until every fork has yielded
    them; a fork that nobody refers to any more keeps none. The end and an error of the source come to every fork.
    Cancelling a task that iterates over one fork disturbs no other.
    """
    owner = Owner()
    return _aiter_fork(Puller(Kept(aiter)), owner, None, True)
