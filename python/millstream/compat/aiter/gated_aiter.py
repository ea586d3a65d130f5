"""An iterator that lets as many items pass as it is told to."""

from __future__ import annotations

import operator
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from typing import NoReturn, TypeVar

from ... import _core
from ..._errors import Closed
from ..._streams._supply import Supply
from ._source import Kept, Safe

__all__ = ["gated_aiter"]

T = TypeVar("T")


class gated_aiter(AsyncIterator[T], Safe):
    """The items of an iterator, each of which needs a permission that is given with `push`.

    It ends with its source, and after a `stop` once all permissions are used. A task that waits for a permission has
    one item pulled meanwhile, since that is how the end of the source is noticed; if a stop comes instead of the
    permission, `rest` has that item.
    """

    def __init__(self, aiter: AsyncIterable[T]) -> None:
        self._supply = Supply(Kept(aiter))
        self._permits: _core.Chan[int] = _core.unbounded()
        self._over: _core.Operation[None] | None = None
        self._waiting = 0
        self._pulled = 0

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        self._waiting += 1
        try:
            if self._permits.is_empty() and self._permits.is_closed():
                self._end()
            if self._pulled < self._waiting:
                self._pull()
            await self._permit()
            try:
                item = await self._supply.rx.get()
            except BaseException as error:
                # Somebody else may want the permission, if only to see the end.
                self._permits.unget(1)
                if isinstance(error, Closed):
                    self._end()
                raise
            self._pulled -= 1
            return item
        finally:
            self._waiting -= 1

    async def _permit(self) -> None:
        """Waits for a permission; ends the iteration if there will be none."""
        try:
            count = await self._permits.get()
        except Closed:
            self._end()
        if count > 1:
            self._permits.unget(count - 1)

    def _pull(self) -> None:
        """Has one more item pulled. Once the source is over and all of it was yielded, nobody has to wait any more."""
        self._pulled += 1
        self._supply.ask()
        if self._over is None:
            permits = self._permits
            self._over = self._supply.rx.join()
            if self._over.start(lambda _: permits.close()):
                permits.close()

    def _end(self) -> NoReturn:
        """Raises the error of a source that is over, otherwise `StopAsyncIteration`."""
        rx = self._supply.rx
        if rx.error is not None and rx.is_drained():
            raise rx.error
        raise StopAsyncIteration

    def push(self, count: int) -> None:
        """Lets `count` more items pass, from whatever thread; none if it is not positive, or after the stop."""
        count = operator.index(count)
        if count > 0 and not self._permits.is_closed():
            self._permits.put_nowait(count)

    def stop(self) -> None:
        """Ends the iteration after what was permitted; later permissions count for nothing."""
        self._permits.close()

    async def rest(self) -> AsyncGenerator[T, None]:
        """What did not pass: an item that was pulled without being permitted, and whatever the source still has."""
        rx = self._supply.rx
        while True:
            if not self._pulled:
                self._pull()
            try:
                item = await rx.get()
            except Closed:
                if rx.error is not None:
                    raise
                return
            self._pulled -= 1
            yield item
