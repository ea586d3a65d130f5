"""Structured concurrency: a scope owns the tasks started in it, and they end before it does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from . import _core

__all__ = ["Scope"]

T = TypeVar("T")

_INTERRUPTED = "a task of the scope has failed"


class Scope:
    """Owns the tasks started in it: ``async with ms.Scope() as scope`` ends when its body and all of them have ended.

    | What happens | What the scope does |
    |---|---|
    | the body ends | it waits for the tasks |
    | the body or a task raises | it cancels the rest, waits until they are gone, and raises the first error |
    | `cancel` is called | it cancels the tasks; the body goes on |
    | its own task is cancelled, or times out | it cancels everything, waits until all are gone, and passes that on |

    The first error comes out as it is, never wrapped, so that ``except`` clauses mean what they say however many tasks
    failed; errors that came after it, while the others were being cancelled, are notes on it (`__notes__`; before
    Python 3.11 the last of them is its `__context__`, if it had none). If a cancellation from outside came first, errors
    of tasks during it go to the loop's exception handler. A task that is cancelled by itself is no error.

    `grace` limits in seconds how long tasks of `spawn_cooperative` may go on after a cancellation. Tasks are held until
    they have ended, run in a copy of the context of whoever starts them, and may be eager. All methods belong to the
    scope's loop. Rust's `attach` has no counterpart: every task may use what surrounds the scope.

    The shape is that of Trio's nurseries; asyncio's `TaskGroup` differs in that it wraps even a single error in a group.

        async with ms.Scope() as scope:
            scope.spawn(produce(ch))
            async for value in ch: ...
    """

    def __init__(self, *, grace: float | None = None) -> None:
        self._grace = grace
        self._tasks: dict[asyncio.Task[Any], bool] = {}
        self._parent: asyncio.Task[Any] | None = None
        self._before = 0
        self._is_in_body = False
        self._is_over = False
        self._is_cancelled = False
        self._is_grace_over = False
        self._is_interrupted = False
        self._is_cancelled_from_outside = False
        self._error: BaseException | None = None
        self._later_errors: list[BaseException] = []
        self._signal: _core.Chan[Any] = _core.rendezvous()
        self._all_ended: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Scope:
        if self._parent is not None:
            raise RuntimeError("a scope is entered once")
        self._parent = asyncio.current_task()
        if self._parent is None:
            raise RuntimeError("a scope is entered in a task")
        self._before = _cancellations(self._parent)
        self._is_in_body = True
        return self

    def spawn(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Starts a task that the scope does not end before.

        If it raises, the scope cancels all others; to await the task is not needed for that. If the scope was cancelled,
        the task is cancelled before its first step. Raises `RuntimeError` when the scope has ended or was not entered.

            scope.spawn(ch.put(1))
        """
        return self._spawn(work, name, is_cooperative=False)

    def spawn_cooperative(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Starts a task that a cancellation does not interrupt: it learns of it by `cancelled`, and ends by itself.

        The scope waits for it, up to the scope's `grace` if it has one, and cancels it then. So it does if its own task
        is cancelled from outside a second time. Everything else is as for `spawn`.

            async def save(scope):
                await scope.cancelled()
                await store()

            scope.spawn_cooperative(save(scope))
        """
        return self._spawn(work, name, is_cooperative=True)

    def cancel(self) -> None:
        """Cancels the tasks. The body goes on, and nothing is raised because of it.

        scope.cancel()
        """
        if self._is_cancelled:
            return
        self._is_cancelled = True
        self._signal.close()
        self._cancel_tasks()
        if self._grace is not None and self._tasks:
            self._timer = asyncio.get_running_loop().call_later(self._grace, self._end_grace)

    def is_cancelled(self) -> bool:
        """Whether the scope was cancelled, by a failure, by `cancel` or from outside, or has ended."""
        return self._is_cancelled or self._is_over

    def cancelled(self) -> _core.Operation[None]:
        """Waits until `is_cancelled`; cancelling that waiting does nothing.

        await scope.cancelled()
        """
        return self._signal.closed()

    @property
    def cancellation(self) -> _core.Receiver[Any]:
        """A receiver that never has a value and is closed when `is_cancelled`, to be an arm of a `select`.

        chosen = await ms.select(scope.cancellation, jobs)
        """
        return self._signal.receiver()

    async def drain(self, limit: float | None = None) -> bool:
        """Waits until no task of the scope is left, for `limit` seconds at most; then cancels what is left.

        Returns whether all have ended by themselves; tasks that were started meanwhile count. It is for the body: a task
        of the scope that calls it waits for itself. Cancelling it cancels no task.

            if not await scope.drain(10): log("some were not ready")
        """
        loop = asyncio.get_running_loop()
        end = None if limit is None else loop.time() + limit
        while self._tasks:
            left = None if end is None else end - loop.time()
            if left is not None and left <= 0:
                self.cancel()
                return False
            await asyncio.wait(list(self._tasks), timeout=left)
            # The tasks are done, but the scope hears of that in callbacks that come later in this turn of the loop.
            await asyncio.sleep(0)
        return True

    def _spawn(self, work: Coroutine[Any, Any, T], name: str | None, *, is_cooperative: bool) -> asyncio.Task[T]:
        if self._parent is None or self._is_over:
            work.close()
            raise RuntimeError("the scope has ended" if self._is_over else "the scope was not entered")
        task = asyncio.get_running_loop().create_task(work, name=name)
        if task.done():  # An eager task can be.
            self._note(task)
            return task
        self._tasks[task] = is_cooperative
        task.add_done_callback(self._ended)
        if self._is_cancelled and (not is_cooperative or self._is_grace_over):
            task.cancel()
        return task

    def _cancel_tasks(self) -> None:
        for task, is_cooperative in list(self._tasks.items()):
            if not is_cooperative or self._is_grace_over:
                task.cancel()

    def _end_grace(self) -> None:
        self._is_grace_over = True
        self._cancel_tasks()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        self._note(task)
        if not self._tasks and self._all_ended is not None and not self._all_ended.done():
            self._all_ended.set_result(None)

    def _note(self, task: asyncio.Task[Any]) -> None:
        """Takes notice of how a task has ended."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if self._is_cancelled_from_outside:
            task.get_loop().call_exception_handler(
                {"message": "a task failed while its scope was being cancelled", "exception": error, "task": task}
            )
            return
        self._fail(error)
        self.cancel()
        if self._is_in_body and not self._is_interrupted and self._parent is not None:
            # The body is to end as well. The scope takes this cancellation back when it has come through.
            self._is_interrupted = True
            self._parent.cancel(_INTERRUPTED)

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        elif error is not self._error:
            self._later_errors.append(error)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_in_body = False
        assert self._parent is not None
        outside: asyncio.CancelledError | None = None
        if isinstance(error, asyncio.CancelledError):
            if not self._was_interrupted(error):
                outside = error
        elif error is not None:
            self._fail(error)
        if self._is_interrupted and not isinstance(error, asyncio.CancelledError):
            # The body has ended before the interruption came through, or has swallowed it: here it may come.
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError as late:
                if not self._was_interrupted(late):
                    outside = late
        if self._is_interrupted and sys.version_info >= (3, 11):
            self._parent.uncancel()
        self._is_cancelled_from_outside = outside is not None and self._error is None
        if error is not None or outside is not None:
            self.cancel()
        outside = await self._no_task_left(outside)
        self._is_over = True
        self._signal.close()
        if self._timer is not None:
            self._timer.cancel()
        first, self._error = self._error, None
        try:
            if first is not None:
                self._raise(first, error, outside)
            elif outside is not None and outside is not error:
                raise outside
        finally:
            # What is raised refers to this frame, and would be kept alive by it.
            del first, error, outside

    def _was_interrupted(self, error: asyncio.CancelledError) -> bool:
        """Whether a cancellation of the body was the scope's doing alone."""
        if not self._is_interrupted or self._parent is None:
            return False
        if sys.version_info >= (3, 11):
            return self._parent.cancelling() - 1 <= self._before
        return not error.args or error.args == (_INTERRUPTED,)

    async def _no_task_left(self, outside: asyncio.CancelledError | None) -> asyncio.CancelledError | None:
        """Waits for the tasks, however often that is cancelled; gives the first cancellation from outside."""
        while self._tasks:
            self._all_ended = asyncio.get_running_loop().create_future()
            try:
                await self._all_ended
            except asyncio.CancelledError as again:
                if outside is not None:
                    self._is_grace_over = True
                outside = outside or again
                self._is_cancelled_from_outside = self._error is None
                self.cancel()
                self._cancel_tasks()
        return outside

    def _raise(
        self, first: BaseException, of_body: BaseException | None, outside: asyncio.CancelledError | None
    ) -> None:
        later, self._later_errors = self._later_errors, []
        if sys.version_info >= (3, 11):
            for error in later:
                first.add_note(f"Another error in the same scope: {type(error).__name__}: {error}")
        elif later and first.__context__ is None:
            first.__context__ = later[-1]
        if outside is not None and sys.version_info >= (3, 13) and self._parent is not None:
            # The error tells more than the cancellation, which is not lost: the next await of this task is cancelled.
            self._parent.uncancel()
            self._parent.cancel()
        if first is of_body:
            return
        context = first.__context__
        try:
            raise first
        finally:
            # The interruption of the body is no part of the story.
            first.__context__ = context
            del first, of_body, outside, later


def _cancellations(task: asyncio.Task[Any]) -> int:
    if sys.version_info >= (3, 11):
        return task.cancelling()
    return 0
