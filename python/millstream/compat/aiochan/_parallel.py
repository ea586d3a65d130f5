"""Functions of the user's that run in threads or processes between two channels."""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any

from ..._executors import process_pool
from ._base import BaseChan, new_chan
from ._jobs import Jobs, run_jobs
from ._pump import Pump, launch

if TYPE_CHECKING:
    from .channel import Chan

__all__ = ["ParallelPipes"]

# The arguments of multiprocessing's pools after the number of workers, as far as there is something like them here.
_POOL_ARGUMENTS = ("initializer", "initargs", "maxtasksperchild")


class ParallelPipes:
    """Pools between two channels."""

    __slots__ = ()

    def parallel_pipe(
        self: Any,
        n: int,
        f: Callable[[Any], Any],
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
        flatten: bool = False,
        mode: str = "process",
        mp_module: Any = multiprocessing,
        pool_args: Any = None,
        pool_kwargs: Any = None,
        error_cb: Callable[[BaseException], Any] | None = None,
        pool_buffer: int | None = None,
    ) -> Chan[Any]:
        """``f(v)`` for each value, in ``n`` threads or processes, in the order of the values.

        :param f: a plain function that does not give ``None``. For processes it has to be picklable, and so do the
            values and results.
        :param out: where the results go, by default a new channel, for which ``buffer`` and ``buffer_size`` are.
        :param close: whether ``out`` is closed at the end.
        :param flatten: ``f`` gives an iterable, and each of its items is put.
        :param mode: ``'process'`` or ``'thread'``.
        :param mp_module: a module like ``multiprocessing``, whose ``get_context()`` starts the processes.
        :param pool_args: ``initializer``, ``initargs`` and ``maxtasksperchild`` for the pool, in this order.
        :param pool_kwargs: the same by name. Others are a ``TypeError``.
        :param error_cb: is called on the event loop with an error of ``f``; the value is left out, and the pipe goes
            on. Without it, the first error ends the pipe: ``out`` is closed with it, after the results before it. A
            worker process that dies ends it in any case.
        :param pool_buffer: how many values more than ``n`` may have been taken without their results having been
            accepted, by default 1, or 0 with ``flatten``.
        """
        call = _Call(f, mode, mp_module, _pool_options(mode, pool_args, pool_kwargs))
        return _pipe(self, n, call, out, buffer, buffer_size, close, flatten, error_cb, pool_buffer, True)

    def parallel_pipe_unordered(
        self: Any,
        n: int,
        f: Callable[[Any], Any],
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
        flatten: bool = False,
        mode: str = "process",
        mp_module: Any = multiprocessing,
        pool_args: Any = None,
        pool_kwargs: Any = None,
        error_cb: Callable[[BaseException], Any] | None = None,
        pool_buffer: int | None = None,
    ) -> Chan[Any]:
        """As ``parallel_pipe``, but each result goes out as soon as it is there."""
        call = _Call(f, mode, mp_module, _pool_options(mode, pool_args, pool_kwargs))
        return _pipe(self, n, call, out, buffer, buffer_size, close, flatten, error_cb, pool_buffer, False)


def _pipe(
    source: BaseChan[Any],
    n: int,
    call: _Call,
    out: Any,
    buffer: Any,
    buffer_size: Any,
    close: bool,
    flatten: bool,
    error_cb: Callable[[BaseException], Any] | None,
    pool_buffer: int | None,
    ordered: bool,
) -> Chan[Any]:
    if n < 1:
        raise ValueError(f"a pool has one worker at least, not {n}")
    if pool_buffer is None:
        pool_buffer = 0 if flatten else 1
    limit = n + max(pool_buffer, 0)
    if out is None:
        out = new_chan(buffer, buffer_size)
    receiver = source._core.receiver()
    sender = out._core.sender()

    async def body(pump: Pump) -> None:
        with _Closing(call.pool(n)) as pool:

            def submit(value: Any) -> asyncio.Future[Any]:
                return asyncio.wrap_future(pool.submit(call.f, value), loop=pump.loop)

            jobs = Jobs(limit, submit, ordered, flatten=flatten, error_cb=error_cb, fatal=(BrokenExecutor,))
            await run_jobs(pump, receiver, sender, jobs)

    launch((source, out), (sender,), body, close=close)
    result: Chan[Any] = out
    return result


class _Call:
    """What is called, and where."""

    __slots__ = ("_mode", "_mp_module", "_options", "f")

    def __init__(self, f: Callable[[Any], Any], mode: str, mp_module: Any, options: dict[str, Any]) -> None:
        if mode not in ("process", "thread"):
            raise ValueError(f"the mode of a pool is 'process' or 'thread', not {mode!r}")
        self.f = f
        self._mode = mode
        self._mp_module = mp_module
        self._options = options

    def pool(self, n: int) -> Executor:
        if self._mode == "thread":
            return ThreadPoolExecutor(n, "millstream-pipe", **self._options)
        try:
            ForkingPickler.dumps(self.f)
        except Exception as error:
            raise TypeError(
                f"{self.f!r} cannot be sent to another process: {error}. "
                "Define it at the top of a module, or use mode='thread'"
            ) from error
        context = self._mp_module.get_context()
        if "max_tasks_per_child" in self._options and context.get_start_method() == "fork":
            # A process that is replaced must not be a copy of one that has threads by then.
            context = self._mp_module.get_context("spawn")
        return process_pool(n, mp_context=context, **self._options)


class _Closing:
    """Lets go of a pool without waiting for it: what it has begun it finishes, and nothing else."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def __enter__(self) -> Executor:
        return self._pool

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _pool_options(mode: str, args: Any, kwargs: Any) -> dict[str, Any]:
    """What was given for a pool of ``multiprocessing``, for an executor."""
    args = tuple(args or ())
    if len(args) > len(_POOL_ARGUMENTS):
        raise TypeError(f"pool_args has too many arguments: {args!r}; a pool takes {', '.join(_POOL_ARGUMENTS)}")
    options = dict(zip(_POOL_ARGUMENTS, args))
    for name, value in dict(kwargs or {}).items():
        if name not in _POOL_ARGUMENTS:
            raise TypeError(f"a pool has no argument {name!r} here; it takes {', '.join(_POOL_ARGUMENTS)}")
        if name in options:
            raise TypeError(f"the pool's argument {name!r} is given twice")
        options[name] = value
    limit = options.pop("maxtasksperchild", None)
    if limit is not None:
        if mode == "thread":
            raise TypeError("maxtasksperchild is for processes; threads are not replaced")
        if "max_tasks_per_child" not in inspect.signature(ProcessPoolExecutor).parameters:
            raise TypeError(f"maxtasksperchild needs Python 3.11; this is {sys.version.split()[0]}")
        options["max_tasks_per_child"] = limit
    return options
