"""A coroutine that is run once, when its result is first wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ... import _core
from ..._streams._tasks import Owner

__all__ = ["deferred_coroutine"]

T = TypeVar("T")


class deferred_coroutine(Generic[T]):
    """The result, or the error, of `lambda_coroutine()`, which is called when it is first waited for.

    It runs in a task, so any of those that wait can be cancelled without harm to the others. The task is cancelled when
    nobody refers to this object any more.
    """

    def __init__(self, lambda_coroutine: Callable[[], Awaitable[T]]) -> None:
        self._lambda_coroutine: Callable[[], Awaitable[T]] | None = lambda_coroutine
        self._result: _core.Chan[T] = _core.promise()
        self._owner = Owner()

    async def wait(self, is_active: bool = True) -> T:
        """Returns or raises what the coroutine does; unless `is_active`, waits for somebody else to have it run."""
        if is_active and self._lambda_coroutine is not None:
            function, self._lambda_coroutine = self._lambda_coroutine, None
            self._owner.tasks.start(_run(function, self._result))
        return await self._result.get()


async def _run(function: Callable[[], Awaitable[T]], result: _core.Chan[T]) -> None:
    try:
        result.put_nowait(await function())
    except BaseException as error:
        result.close(error)
        if not isinstance(error, Exception):
            raise
