"""What the tests of streams share: event loops to run under, sources that tell what was done to them, a clock."""

from __future__ import annotations

import asyncio
import functools
import gc
import importlib
import selectors
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

LIMIT = 20.0
"""Seconds after which a test counts as hanging."""


def _new_loops() -> list[Callable[[], asyncio.AbstractEventLoop]]:
    def debugging() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_debug(True)
        return loop

    def eager() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
        return loop

    loops: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, debugging]
    if sys.version_info >= (3, 12):
        loops.append(eager)
    try:
        loops.append(importlib.import_module("uvloop").new_event_loop)
    except ImportError:
        pass
    return loops


def run(work: Coroutine[Any, Any, T], new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop) -> T:
    """`asyncio.run` on a loop of one's own. What hangs is cancelled, and what is not handled fails."""
    unhandled: list[dict[str, Any]] = []
    loop = new_loop()
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    try:
        main = loop.create_task(work)
        alarm = None if isinstance(loop, ClockLoop) else loop.call_later(LIMIT, main.cancel)
        result = loop.run_until_complete(main)
        if alarm is not None:
            alarm.cancel()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
    assert unhandled == []
    return result


def everywhere(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs an async test on every kind of event loop there is here."""

    @functools.wraps(test)
    def run_on_each(*arguments: Any, **named: Any) -> None:
        for new_loop in _new_loops():
            run(test(*arguments, **named), new_loop)

    return run_on_each


class _Skipping(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Lets the time of its loop pass at once, instead of waiting."""

    loop: ClockLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout > 0:
            self.loop.now += timeout
            timeout = 0
        return super().select(timeout)


class ClockLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer when nothing is left to do."""

    def __init__(self) -> None:
        self.now = 0.0
        selector = _Skipping()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def with_clock(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Runs an async test on a loop whose time passes without waiting."""

    @functools.wraps(test)
    def run_with_clock() -> None:
        run(test(), ClockLoop)

    return run_with_clock


class Source(Generic[T]):
    """An async iterator over items that tells how many were pulled, and whether it was closed.

    An item that is an exception is raised; one that can be awaited is awaited, and its result is the item. Cancelling
    whoever waits for an item loses nothing.
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = iter(items)
        self._waited_for: Any = None
        self.pulled = 0
        self.closed = 0

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._waited_for is None:
            try:
                self._waited_for = next(self._items)
            except StopIteration:
                raise StopAsyncIteration from None
            self.pulled += 1
        item = self._waited_for
        if isinstance(item, asyncio.Future):
            item = await asyncio.shield(item)
        elif isinstance(item, Awaitable):
            item = await item
        self._waited_for = None
        if isinstance(item, BaseException):
            raise item
        return item  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        self.closed += 1
        self._items = iter(())


async def agen(items: Iterable[T]) -> AsyncIterator[T]:
    """An async generator, which a cancelled wait would end."""
    for item in items:
        yield item


class Never:
    """Waits for ever, in a way that cannot be reached from elsewhere; tells that it was cancelled."""

    def __init__(self) -> None:
        self.cancelled = 0

    def __await__(self) -> Any:
        try:
            yield from asyncio.get_running_loop().create_future().__await__()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def settle() -> None:
    """Lets every task that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)


async def alone() -> None:
    """Waits until no other task is left, and says which are if some stay."""
    mine = {asyncio.current_task()}
    await asyncio.sleep(0)  # The loop still refers to what it is running.
    for turn in range(200):
        if not turn % 20:
            gc.collect()
        if asyncio.all_tasks() == mine:
            await asyncio.sleep(0)
            gc.collect()
            return
        await asyncio.sleep(0)
    raise AssertionError(f"tasks are left: {asyncio.all_tasks() - mine}")


async def cancelled(work: Awaitable[Any]) -> None:
    """Begins a wait, and cancels it when it has come as far as it can."""
    task = asyncio.ensure_future(work)
    await settle()
    assert not task.done(), "it should wait"
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
    raise AssertionError("the cancellation was swallowed")
