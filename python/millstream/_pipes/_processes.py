"""A stage on worker processes: a plain function applied to everything that comes out of a source."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import BaseContext
from multiprocessing.reduction import ForkingPickler
from pickle import PicklingError
from typing import Any, TypeVar, overload

from .. import _core
from .._background import call_soon, shown
from .._daemons import call_in_thread
from .._executors import process_pool
from .._inputs import input_of
from .._streams._sources import Source
from . import _in_process
from ._stage import Stage
from ._tasks import positive, room

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
Context = BaseContext | str | None


class _Pool:
    """The processes of a stage: one executor, or one for each process if they are replaced now and then.

    The standard executor can replace processes itself, but only since Python 3.11, and it may come to wait for ever for
    one that is gone.
    """

    def __init__(self, make: Callable[[int], ProcessPoolExecutor], processes: int, calls: int | None) -> None:
        self._make = make
        self._calls = calls
        self._is_over = False
        self._shared = make(processes) if calls is None else None
        self._free: list[tuple[ProcessPoolExecutor, int]] = []
        self._is_warm = False
        self._warming = asyncio.Lock()

    async def call(self, function: Callable[[Any], Any], value: Any) -> Any:
        if self._shared is not None:
            return await _result_of(await self._submit(self._shared, function, value))
        executor, left = self._free.pop() if self._free else (self._make(1), self._calls or 1)
        is_good = False
        try:
            result = await _result_of(await self._submit(executor, function, value))
            is_good = left > 1 and not self._is_over
            return result
        finally:
            if is_good:
                self._free.append((executor, left - 1))
            else:
                executor.shutdown(wait=False, cancel_futures=True)

    async def _submit(self, executor: ProcessPoolExecutor, function: Callable[[Any], Any], value: Any) -> Future[Any]:
        """Begins a call. The first one starts what starts processes, which takes too long for the loop's thread."""
        if not self._is_warm:
            async with self._warming:
                if not self._is_warm:
                    submit: Callable[[], Future[Any]] = lambda: executor.submit(function, value)
                    submitted = await _result_of(call_in_thread(submit, name="millstream start of processes"))
                    self._is_warm = True
                    return submitted
        return executor.submit(function, value)

    def shutdown(self) -> None:
        """Lets the processes end, each after the call that it is in."""
        self._is_over = True
        if self._shared is not None:
            self._shared.shutdown(wait=False, cancel_futures=True)
        while self._free:
            self._free.pop()[0].shutdown(wait=False)


def _result_of(call: Future[T]) -> asyncio.Future[T]:
    """The result of a call, for the running loop. Cancelling this leaves the call alone.

    An executor whose process dies while somebody cancels a call stumbles over that, and leaves its other processes.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def copy() -> None:
        if result.done():
            return
        error = None if call.cancelled() else call.exception()
        if call.cancelled():
            result.cancel()
        elif error is not None:
            result.set_exception(shown(error, "the pipe") or error)
        else:
            result.set_result(call.result())

    call.add_done_callback(lambda _: call_soon(loop, copy))
    return result


def _context(given: Context) -> BaseContext:
    if isinstance(given, BaseContext):
        return given
    if given is None:
        # A forked process inherits locks that other threads held at that moment, and nobody gives them back.
        given = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    return multiprocessing.get_context(given)


def _sendable(f: Callable[..., Any], init: Callable[..., Any] | None) -> bytes:
    try:
        return bytes(ForkingPickler.dumps((f, init)))
    except Exception as error:
        what = "the function" if init is None else "the function or its init"
        raise PicklingError(
            f"{what} cannot be sent to another process; define it at the top level of a module: {error}"
        ) from error


def _start(
    n: int,
    f: Callable[..., Any],
    source: Source[Any],
    ordered: bool,
    init: Callable[..., Any] | None,
    initargs: tuple[Any, ...],
    mp_context: Context,
    max_tasks_per_child: int | None,
    capacity: int | None,
    *,
    flat: bool,
) -> _core.Receiver[Any]:
    positive(n, "the number of processes")
    if max_tasks_per_child is not None:
        positive(max_tasks_per_child, "max_tasks_per_child")
    context = _context(mp_context)
    functions = _sendable(f, init)
    kept = room(capacity, n)
    asyncio.get_running_loop()

    def make(processes: int) -> ProcessPoolExecutor:
        return process_pool(processes, context, _in_process.prepare, (functions, initargs))

    # A process that has done its call finds the next one waiting: as many as there is room for their results.
    ahead = min(n, kept) if max_tasks_per_child is None else 0
    output: _core.Sender[Any]
    results: _core.Receiver[Any]
    output, results = _core.pair(kept - ahead)
    pulled = input_of(source)
    pool = _Pool(make, n, max_tasks_per_child)
    function = _in_process.call_flat if flat else _in_process.call
    Stage(
        pulled,
        output,
        lambda value: pool.call(function, value),
        workers=n + ahead,
        ordered=ordered,
        flat=flat,
        name="millstream processes",
        cleanup=pool.shutdown,
    )
    return results


@overload
def processes(
    n: int,
    f: Callable[[T], R],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: None = ...,
    mp_context: Context = ...,
    max_tasks_per_child: int | None = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
@overload
def processes(
    n: int,
    f: Callable[[S, T], R],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: Callable[..., S],
    initargs: tuple[Any, ...] = ...,
    mp_context: Context = ...,
    max_tasks_per_child: int | None = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
def processes(
    n: int,
    f: Callable[..., Any],
    source: Source[Any],
    *,
    ordered: bool = False,
    init: Callable[..., Any] | None = None,
    initargs: tuple[Any, ...] = (),
    mp_context: Context = None,
    max_tasks_per_child: int | None = None,
    capacity: int | None = None,
) -> _core.Receiver[Any]:
    """Applies a plain function to each value of a source, on `n` processes of its own.

    For functions that compute in Python. The function, its values and its results are pickled: it is defined at the top
    level of a module, and a program that is run as a script has its start under ``if __name__ == "__main__"``. With
    `init` each process makes a state once, ``init(*initargs)``, and `f` gets it as its first argument. A process is
    replaced after `max_tasks_per_child` calls. `mp_context` is a start method or a context of `multiprocessing`; without
    it processes are started by ``forkserver`` or, where there is none, ``spawn``. At most ``n + capacity`` values are
    between the source and the consumer; `capacity` is `n` unless it is given.

    Results come in the order in which they are done or, with `ordered`, of their values. The stage ends after its
    source. An exception of `f`, of `init` or of the source ends it too: what was done before (with `ordered`: what comes
    before) can still be got, then every get raises the exception. It is
    `concurrent.futures.process.BrokenProcessPool` when a process dies, and what pickle says when a value or a result
    cannot be sent. When the receiver is closed or the last handle of it is gone the processes end, each after the call
    that it is in; values that no process has begun with stay in a channel, unless they were sent ahead.

    Raises `PicklingError` for a function that cannot be sent, `ValueError` for an `n` below 1, `TypeError` for what is
    no source, `RuntimeError` without a running loop. The idea is aiochan's `parallel_pipe`.

        async for thumbnail in ms.processes(4, shrink, images): ...
    """
    return _start(n, f, source, ordered, init, initargs, mp_context, max_tasks_per_child, capacity, flat=False)


@overload
def flat_processes(
    n: int,
    f: Callable[[T], Iterable[R]],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: None = ...,
    mp_context: Context = ...,
    max_tasks_per_child: int | None = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
@overload
def flat_processes(
    n: int,
    f: Callable[[S, T], Iterable[R]],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: Callable[..., S],
    initargs: tuple[Any, ...] = ...,
    mp_context: Context = ...,
    max_tasks_per_child: int | None = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
def flat_processes(
    n: int,
    f: Callable[..., Any],
    source: Source[Any],
    *,
    ordered: bool = False,
    init: Callable[..., Any] | None = None,
    initargs: tuple[Any, ...] = (),
    mp_context: Context = None,
    max_tasks_per_child: int | None = None,
    capacity: int | None = None,
) -> _core.Receiver[Any]:
    """`processes` with a function that gives any number of results for one value, as an iterable.

    The results of a value are drawn in the worker process and come together.

        async for word in ms.flat_processes(4, words_of, paths, ordered=True): ...
    """
    return _start(n, f, source, ordered, init, initargs, mp_context, max_tasks_per_child, capacity, flat=True)
