"""Where coroutines run, and how values get out to threads."""

from __future__ import annotations

import asyncio
import collections
import queue
import threading
from collections.abc import Awaitable, Coroutine, Generator, Iterator
from typing import Any, TypeVar

from ... import _core
from ..._errors import Closed
from ._callbacks import report
from ._leaving import wait_at_exit
from ._tasks import keep

__all__ = ["Bridges", "go", "nop", "run", "run_in_thread"]

T = TypeVar("T")


def go(coro: Awaitable[T], loop: asyncio.AbstractEventLoop | None = None) -> asyncio.Future[T]:
    """Runs ``coro`` as a task of ``loop``, by default the running one, and returns the task.

    The task is held until it is done, whether or not the caller keeps it.
    """
    return keep(asyncio.ensure_future(coro, loop=loop))


def nop() -> Coroutine[Any, Any, None]:
    """To be awaited in order to let other tasks run."""
    return asyncio.sleep(0)


def run(coro: Awaitable[T], loop: asyncio.AbstractEventLoop | None = None) -> T:
    """Runs ``coro`` and returns its result, or raises its error.

    It runs on ``loop``, by default a new one that is closed in the end. If an event loop is running in this thread
    already, it runs in another, and this one waits. Tasks that are left over are cancelled.
    """
    if asyncio._get_running_loop() is None:
        return _complete(coro, loop)
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(_complete(coro, loop))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="millstream-run", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors.pop()
    return results[0]


def run_in_thread(
    coro: Awaitable[Any], loop: asyncio.AbstractEventLoop | None = None
) -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    """Runs ``coro`` in a thread of its own, and returns the loop that it runs on and the thread.

    The thread ends with ``coro``, whose error it prints as threads do. When the program ends before that, it is waited
    for, unless all that is left waits for channels. A loop that was not given is closed in the end.
    """
    is_given = loop is not None
    target = loop or asyncio.new_event_loop()

    def work() -> None:
        _complete(coro, target, close=not is_given)

    thread = threading.Thread(target=work, name="millstream-run-in-thread", daemon=True)
    wait_at_exit(thread, target)
    thread.start()
    return target, thread


def _complete(coro: Awaitable[T], loop: asyncio.AbstractEventLoop | None, close: bool = False) -> T:
    if loop is None:
        loop = asyncio.new_event_loop()
        close = True
    try:
        return loop.run_until_complete(coro)
    finally:
        if not loop.is_closed():
            _clean(loop)
            if close:
                loop.close()


def _clean(loop: asyncio.AbstractEventLoop) -> None:
    """Cancels what is left on the loop, and waits for it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())


class Bridges:
    """A channel's values for threads."""

    __slots__ = ()

    def to_queue(self: Any, q: Any = None) -> Any:
        """Puts the values into ``q``, by default a new ``queue.Queue``, and ``None`` at the end. Returns ``q``.

        A thread does it, so that a queue that is full blocks nobody else. It does not keep the interpreter from exiting.
        """
        if q is None:
            q = queue.Queue()
        receiver = self._core.receiver()
        self._bind_to_running()
        thread = threading.Thread(target=_fill, args=(receiver, q), name="millstream-to-queue", daemon=True)
        thread.start()
        return q

    def to_iterable(self: Any, buffer_size: int = 1) -> Iterator[Any]:
        """The values, for a thread without an event loop: it waits for each.

        Up to ``buffer_size`` values are taken ahead. They go back to the channel when the iterator is closed or nobody
        holds it any more. An error that the channel was closed with is raised at the end.
        """
        self._bind_to_running()
        return _Values(self._core.receiver(), buffer_size)


def _fill(receiver: _core.Receiver[Any], q: Any) -> None:
    try:
        while True:
            q.put(receiver.get_blocking())
    except Closed:
        pass
    except Exception as error:
        report(error, "The channel behind to_queue was closed with an error")
    q.put(None)


class _Values(Generator[Any, None, None]):
    """Gets that were started ahead, in order."""

    __slots__ = ("_ahead", "_arrived", "_receiver")

    def __init__(self, receiver: _core.Receiver[Any], ahead: int) -> None:
        self._receiver = receiver
        self._arrived = threading.Semaphore(0)
        self._ahead: collections.deque[_core.Operation[Any]] = collections.deque()
        for _ in range(max(ahead, 1)):
            self._get_one_more()

    def _get_one_more(self) -> None:
        arrived = self._arrived
        op = self._receiver.get()
        self._ahead.append(op)
        op.start(lambda _op: arrived.release())

    def send(self, _value: None = None) -> Any:
        if not self._ahead:
            raise StopIteration
        op = self._ahead[0]
        while not op.done():
            self._arrived.acquire()
        self._ahead.popleft()
        try:
            value = op.result()
        except Closed:
            self.close()
            raise StopIteration from None
        except BaseException:
            self.close()
            raise
        self._get_one_more()
        return value

    def throw(self, *error: Any) -> Any:
        self.close()
        return super().throw(*error)

    def close(self) -> None:
        """Ends it: values that were taken ahead go back."""
        while self._ahead:
            op = self._ahead.pop()
            if not op.cancel():
                try:
                    value = op.result()
                except Exception:
                    continue
                self._receiver.unget(value)

    def __del__(self) -> None:
        self.close()
