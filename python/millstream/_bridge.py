"""Bridges between threads that block and loops that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from functools import partial
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

from . import _core
from ._accept import Connection, accept
from ._background import Watch, shown, start
from ._daemons import start_thread
from ._errors import Closed, Error
from ._inputs import END, input_of
from ._streams._sources import Source

__all__ = ["BlockingIterator", "Connection", "accept", "from_blocking_iter", "run_in_thread", "to_iter"]

T = TypeVar("T")


class BlockingIterator(Generic[T]):
    """What `to_iter` gives: an iterator whose `next` blocks its thread until there is an item."""

    __slots__ = ("_is_over", "_loop", "_receiver")

    def __init__(self, receiver: _core.Receiver[T], loop: asyncio.AbstractEventLoop | None) -> None:
        self._receiver = receiver
        self._loop = loop
        self._is_over = False

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if self._loop is not None and _running_loop() is self._loop:
            raise RuntimeError("the loop that makes the items would wait for itself: read them in another thread")
        if self._is_over:
            raise StopIteration
        try:
            return self._receiver.get_blocking()
        except Closed as closed:
            if self._receiver.error is closed:
                raise
            raise StopIteration from None

    def close(self) -> None:
        """Ends it: the source is let go of, and closed if it is an iterator."""
        self._is_over = True
        if self._loop is not None:
            # Not a channel of the author's, which may have other consumers.
            self._receiver.close()
        self._receiver.detach()

    def __enter__(self) -> BlockingIterator[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def to_iter(source: Source[T], capacity: int = 1, *, loop: asyncio.AbstractEventLoop | None = None) -> Iterator[T]:
    """Reads a source of a loop in a thread: an iterator whose `next` blocks that thread until there is an item.

    Call it on the loop and give the iterator to the thread, or call it in the thread and name the `loop`. A task of the
    loop drives the source and waits, as tasks do, when the iterator is `capacity` items behind: its pace costs the loop
    nothing. The iterator has `close` and can be a context; when it is closed or gone, the task ends and the source is
    closed. No thread is made, so none keeps the interpreter alive. A channel needs no task, and is read as it is.

    After the items an exception of the source is raised by `next`, and an `Error` if the loop was shut down before the
    end. In the thread of the loop itself `next` raises `RuntimeError`. Raises `RuntimeError` if there is no loop. The idea
    is aiochan's `to_iterable` and aiter's `aiter_to_iter`, which stall the loop.

        rows = ms.to_iter(stream)
        await asyncio.to_thread(write_csv, rows)
    """
    if isinstance(source, _core.Chan):
        return BlockingIterator(source.receiver(), None)
    if isinstance(source, _core.Receiver):
        return BlockingIterator(source.clone(), None)
    if capacity < 0:
        raise ValueError(f"capacity must not be negative, and is {capacity}")
    here = _running_loop()
    loop = loop if loop is not None else here
    if loop is None:
        raise RuntimeError("no loop is running: name the one that the source belongs to")
    sender: _core.Sender[T]
    receiver: _core.Receiver[T]
    sender, receiver = _core.pair(capacity)
    pump = partial(_pump, source, sender, loop)
    if loop is here:
        pump()
    else:
        loop.call_soon_threadsafe(pump)
    return BlockingIterator(receiver, loop)


def _pump(source: Source[T], sender: _core.Sender[T], loop: asyncio.AbstractEventLoop) -> None:
    """Starts a task that puts what a source gives into a channel."""
    try:
        pulled = input_of(source)
    except BaseException as error:
        sender.close(error=shown(error, "the source"))
        return

    async def run() -> None:
        try:
            while True:
                item = await pulled.pull()
                if item is END:
                    return
                await sender.put(cast(T, item))
        except Closed:
            # Nobody reads any more; unless it is an error of the source that says the same.
            if not sender.is_closed():
                raise
        finally:
            await pulled.release()

    def ended(error: BaseException | None) -> None:
        watch.stop()
        sender.close(error=shown(error, "the source")) if error is not None else sender.detach()

    watch = Watch(sender, loop, lambda: task.cancel())
    task = start(run(), ended, loop=loop, name="millstream to_iter")


def from_blocking_iter(source: Iterable[T], capacity: int = 1) -> _core.Receiver[T]:
    """Reads an iterable that blocks on a thread of its own.

    For lines of a pipe, rows of a query, files of a directory; what only computes needs no thread. At most `capacity`
    items (at least one) are read ahead. The thread is a daemon in a copy of the caller's context. It ends, and closes
    the iterator if that can be closed, when the iterator ends or the receiver is closed or gone; if it is inside the
    iterator at that moment, when that is over: nothing can interrupt it.

    An exception of the iterator is raised by every get after the items before it. Raises `ValueError` for a capacity below
    1. Cancelling a task that gets from the receiver loses nothing. The idea is aiter's `iter_to_aiter`, which blocks the
    loop.

        async for line in ms.from_blocking_iter(process.stdout, 100): ...
    """
    if capacity < 1:
        raise ValueError(f"capacity must be at least 1, and is {capacity}")
    sender: _core.Sender[T]
    receiver: _core.Receiver[T]
    # The item that waits to be put is one of those that were read ahead.
    sender, receiver = _core.pair(capacity - 1)
    items: list[Iterator[T] | Iterable[T]] = [source]

    def read() -> None:
        try:
            iterator = iter(items.pop())
            try:
                for item in iterator:
                    sender.put_blocking(item)
                    if sender.is_closed():
                        break
            except Closed:
                if not sender.is_closed():
                    raise
            finally:
                close: Any = getattr(iterator, "close", None)
                if close is not None:
                    close()
        except BaseException as error:
            sender.close(error=shown(error, "the iterator"))
        finally:
            sender.detach()

    exiting = partial(sender.close, Error("the interpreter is about to exit"))
    start_thread(read, exiting, name="millstream iterator")
    return receiver


def run_in_thread(work: Coroutine[Any, Any, T]) -> _core.Receiver[T]:
    """Runs a coroutine on a loop and a thread of its own, and gives what it returns.

    For what computes for long between its awaits, or must go on while this loop is busy. The receiver gets the result
    and is closed then; an exception of the coroutine is raised by get. If the receiver is closed or gone before, the
    coroutine is cancelled, so keep it if the coroutine is to run to its end. The thread is a daemon in a copy of the
    caller's context; what the coroutine leaves behind is cancelled, and the loop is closed.

    The idea is aiochan's `run_in_thread`, which only prints an exception, and its `run`, which hangs at one.

        result = ms.run_in_thread(crunch(numbers))
        total = await result.get()  # or result.get_blocking()
    """
    sender: _core.Sender[T]
    receiver: _core.Receiver[T]
    sender, receiver = _core.pair(1)
    works = [work]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(works.pop())
        watch = Watch(sender, loop, task.cancel)
        try:
            result = await task
        finally:
            watch.stop()
        try:
            sender.put_nowait(result)
        except Closed:  # Nobody wants it any more.
            pass

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            sender.close(error=shown(error, "the coroutine"))
        finally:
            sender.detach()

    exiting = partial(sender.close, Error("the interpreter is about to exit"))
    try:
        start_thread(run, exiting, name="millstream coroutine")
    except BaseException:
        work.close()
        raise
    return receiver


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
