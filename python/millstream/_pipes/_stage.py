"""The engine of the pipes that run on an event loop: workers that pull, call and send, in order or not."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .. import _core
from .._background import Watch, shown, start
from .._errors import Closed
from .._inputs import END, Input
from .._streams._sources import close, iterator_of

T = TypeVar("T")


class Worker:
    """One task of a stage."""

    __slots__ = ("is_sending", "task")

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.is_sending = False


class Stage(Generic[T]):
    """Up to so many workers between an input and a channel.

    The right to pull passes from worker to worker, so that values are taken in order and from any async iterator. In an
    ordered stage it carries the place in the order: a future that is done when the results before have left. A worker
    is started when all others are busy. The stage's own task waits for the workers, lets go of the input and then tells
    the consumers the end, so that when they know it nothing is left.
    """

    def __init__(
        self,
        source: Input[T],
        output: _core.Sender[Any],
        function: Callable[[T], Any],
        *,
        workers: int,
        ordered: bool,
        flat: bool,
        name: str,
        cleanup: Callable[[], object] = lambda: None,
    ) -> None:
        self._source = source
        self._output = output
        self._function = function
        self._most = workers
        self._ordered = ordered
        self._send = self._send_all if flat else self._send_one
        self._name = name
        self._cleanup = cleanup
        self._error: BaseException | None = None
        self._is_over = False
        self._loop = asyncio.get_running_loop()
        self._workers: set[Worker] = set()
        self._idle = 0
        self._turn: _core.Chan[asyncio.Future[None] | None] = _core.bounded(1)
        self._all_ended: _core.Chan[None] = _core.rendezvous()
        self._turn.put_nowait(None)
        self._watch = Watch(output, self._loop, self._stop)
        self._main: asyncio.Task[None] | None = None
        self._main = start(self._run(), self._ended, name=name)

    async def _run(self) -> None:
        try:
            self._add_worker()
            await self._all_ended.closed()
        finally:
            self._is_over = True
            self._turn.close()
            await self._no_worker_left()
            self._cleanup()
            await self._source.release()

    async def _no_worker_left(self) -> None:
        cancelled: asyncio.CancelledError | None = None
        while self._workers:
            self._cancel(including_senders=True)
            try:
                await self._all_ended.closed()
            except asyncio.CancelledError as again:
                cancelled = again
        if cancelled is not None:
            raise cancelled

    def _ended(self, error: BaseException | None) -> None:
        self._watch.stop()
        self._source.detach()
        self._cleanup()
        error, self._error = self._error or error, None
        self._output.close(error=shown(error, "the pipe")) if error is not None else self._output.detach()

    def _stop(self) -> None:
        """Nobody receives any more."""
        self._is_over = True
        if self._main is not None:
            self._main.cancel()

    def _fail(self, error: BaseException) -> None:
        """Ends the stage with an error. Results that were done before, and wait for room, still leave."""
        self._end_pulling()
        if self._error is None:
            self._error = error
            self._cancel(including_senders=False)

    def _end_pulling(self) -> None:
        self._is_over = True
        self._turn.close()

    def _cancel(self, *, including_senders: bool) -> None:
        mine = asyncio.current_task()
        for worker in self._workers:
            if worker.task is not None and worker.task is not mine and (including_senders or not worker.is_sending):
                worker.task.cancel()

    def _add_worker(self) -> None:
        worker = Worker()
        self._workers.add(worker)
        self._idle += 1

        def ended(error: BaseException | None) -> None:
            self._workers.discard(worker)
            if error is not None and not self._is_over:
                # Somebody else cancelled it, or it was told to stop the whole program.
                self._fail(error)
            if not self._workers:
                self._all_ended.close()

        task = start(self._work(worker), ended, name=f"{self._name} worker")
        worker.task = task

    async def _work(self, worker: Worker) -> None:
        turn = self._turn
        while True:
            try:
                before = await turn.get()
            except Closed:
                return
            try:
                value = await self._source.pull()
            except Exception as error:
                await self._fail_in_order(error, before)
                return
            if value is END:
                self._end_pulling()
                return
            if self._is_over:
                self._source.give_back(value)  # type: ignore[arg-type]
                return
            mine = self._loop.create_future() if self._ordered else None
            turn.put_nowait(mine)
            self._idle -= 1
            if not self._idle and len(self._workers) < self._most:
                self._add_worker()
            try:
                result = self._function(value)  # type: ignore[arg-type]
                # Neither is kept while the results wait: they may be large, or hold what others wait for.
                del value
                if inspect.isawaitable(result):
                    result = await result
                if not await self._send(worker, result, before):
                    return
                del result
            except Exception as error:
                self._end_pulling()
                await self._fail_in_order(error, before)
                return
            if mine is not None:
                mine.set_result(None)
            if self._is_over:
                return
            self._idle += 1

    async def _fail_in_order(self, error: Exception, before: asyncio.Future[None] | None) -> None:
        if before is not None:
            await before
        self._fail(error)

    async def _put(self, worker: Worker, result: Any) -> bool:
        worker.is_sending = True
        try:
            await self._output.put(result)
        except Closed:
            return False
        worker.is_sending = False
        return True

    async def _send_one(self, worker: Worker, result: Any, before: asyncio.Future[None] | None) -> bool:
        """Sends the result in its turn; false if nobody wants it."""
        if before is not None:
            await before
        return await self._put(worker, result)

    async def _send_all(self, worker: Worker, results: Any, before: asyncio.Future[None] | None) -> bool:
        """Sends the results in their turn; the first is drawn before, so that work in a generator gets under way."""
        iterator = iterator_of(results)
        try:
            try:
                result = await iterator.__anext__()
            except StopAsyncIteration:
                if before is not None:
                    await before
                return True
            if before is not None:
                await before
            while await self._put(worker, result):
                if self._error is not None:
                    return False
                try:
                    result = await iterator.__anext__()
                except StopAsyncIteration:
                    return True
            return False
        finally:
            await close(iterator)
