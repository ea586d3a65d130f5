"""A stage on worker threads: a plain function applied to everything that comes out of a source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, TypeVar, overload

from .. import _core
from .._background import shown
from .._daemons import start_thread
from .._errors import Closed, Error, Full
from .._inputs import END
from .._streams._sources import Source
from ._supplies import Supply, supply_of
from ._tasks import positive, room

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")


class _Stage(Generic[T]):
    """Threads between a supply and a channel.

    In an ordered stage a batch carries its place in the order: a channel that is closed when the results before it have
    left. A channel that is closed when all is over wakes threads from whatever they wait for.
    """

    def __init__(
        self,
        supply: Supply[T],
        output: _core.Sender[Any],
        function: Callable[..., Any],
        *,
        init: Callable[[], Any] | None,
        threads: int,
        ordered: bool,
        flat: bool,
        batch: int,
    ) -> None:
        self._supply = supply
        self._output = output
        self._function = function
        self._init = init
        self._ordered = ordered
        self._flat = flat
        self._batch = batch
        self._is_ending = False
        self._taking = threading.Lock()
        self._last: _core.Chan[None] | None = None
        self._over: _core.Chan[None] = _core.rendezvous()
        self._unwanted: _core.Chan[None] = _core.rendezvous()
        self._has_failed = False
        self._left = threads
        self._counting = threading.Lock()
        self._closed = output.closed()
        if self._closed.start(self._output_was_closed):
            self._output_was_closed()
        started = 0
        try:
            for _ in range(threads):
                start_thread(self._run, self._stop, name="millstream worker")
                started += 1
        except BaseException:
            self._stop()
            for _ in range(threads - started):
                self._one_left()
            raise

    def _output_was_closed(self, _: object = None) -> None:
        self._over.close()
        if not self._has_failed:
            # By the consumer, who is not going to take what waits for room.
            self._unwanted.close()

    def _stop(self) -> None:
        self._over.close()
        self._output.close(error=Error("the pipe was stopped before its input had ended"))

    def _run(self) -> None:
        try:
            function = self._function if self._init is None else partial(self._function, self._init())
            while self._do_batch(function):
                pass
        except BaseException as error:
            self._fail(error)
        finally:
            self._one_left()

    def _one_left(self) -> None:
        with self._counting:
            self._left -= 1
            if self._left:
                return
        self._closed.cancel()
        self._over.close()
        try:
            self._supply.release()
        except BaseException as error:
            self._output.close(error=shown(error, "the pipe"))
        self._output.detach()

    def _fail(self, error: BaseException) -> None:
        # Threads that wait for room still get rid of what they have done; there is nothing more to take.
        self._has_failed = True
        self._output.close(error=shown(error, "the pipe"))
        self._over.close()

    def _do_batch(self, function: Callable[[T], Any]) -> bool:
        """Takes values, calls the function with each and sends the results; false when it is over."""
        before = mine = None
        try:
            if self._ordered:
                with self._taking:
                    before, mine = self._last, _core.rendezvous()
                    self._last = mine
                    values = self._take()
            else:
                values = self._take()
        except BaseException as error:
            return self._fail_in_order(error, before)
        if not values:
            return False
        results: list[Any] = []
        values.reverse()
        while values:
            if self._over.is_closed():
                self._supply.give_back(values)
                return False
            try:
                result = function(values.pop())
            except BaseException as error:
                self._is_ending = True
                self._supply.give_back(values)
                return self._send(results, before) and self._fail_in_order(error, None)
            if mine is not None and not self._flat:
                results.append(result)
            elif not self._send_result(result, before):
                return False
            else:
                before = None
        if not self._send(results, before):
            return False
        if mine is not None:
            mine.close()
        return True

    def _take(self) -> list[T]:
        value = END if self._is_ending else self._supply.take(self._over)
        if value is END:
            # The others are to find the end by themselves: there may be values which they hold.
            return []
        values: list[Any] = [value]
        if self._batch > 1:
            values += self._supply.take_more(self._batch - 1)
        return values

    def _wait_for(self, before: _core.Chan[None] | None) -> bool:
        """Waits until the results before have left; false if it is over."""
        return before is None or _core.select_blocking(self._over, before, biased=True).index == 1

    def _fail_in_order(self, error: BaseException, before: _core.Chan[None] | None) -> bool:
        self._is_ending = True
        if self._wait_for(before):
            self._fail(error)
        return False

    def _send_result(self, result: Any, before: _core.Chan[None] | None) -> bool:
        return self._send(result if self._flat else [result], before)

    def _send(self, results: Iterable[Any], before: _core.Chan[None] | None) -> bool:
        """Sends results in their turn; false if nobody wants them."""
        iterator = iter(results)
        try:
            # The first is drawn before its turn, so that work in a generator gets under way.
            for number, result in enumerate(iterator):
                if number == 0 and not self._wait_for(before):
                    return False
                if not self._put(result):
                    return False
        except BaseException as error:
            return self._fail_in_order(error, before)
        finally:
            close: Any = getattr(iterator, "close", None)
            if close is not None:
                close()
        return self._wait_for(before)

    def _put(self, result: Any) -> bool:
        """Puts a result, and waits for room; false if nobody wants it."""
        try:
            self._output.put_nowait(result)
            return True
        except Closed:
            return False
        except Full:
            chosen = _core.select_blocking(self._unwanted, (self._output, result), biased=True)
            return chosen.index == 1 and not chosen.closed


def _start(
    n: int,
    f: Callable[..., Any],
    source: Source[Any],
    ordered: bool,
    init: Callable[[], Any] | None,
    batch: int,
    capacity: int | None,
    *,
    flat: bool,
) -> _core.Receiver[Any]:
    positive(n, "the number of threads")
    positive(batch, "the batch")
    output: _core.Sender[Any]
    results: _core.Receiver[Any]
    output, results = _core.pair(room(capacity, n))
    supply = supply_of(source)
    _Stage(supply, output, f, init=init, threads=n, ordered=ordered, flat=flat, batch=batch)
    return results


@overload
def threads(
    n: int,
    f: Callable[[T], R],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: None = ...,
    batch: int = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
@overload
def threads(
    n: int,
    f: Callable[[S, T], R],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: Callable[[], S],
    batch: int = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
def threads(
    n: int,
    f: Callable[..., Any],
    source: Source[Any],
    *,
    ordered: bool = False,
    init: Callable[[], Any] | None = None,
    batch: int = 1,
    capacity: int | None = None,
) -> _core.Receiver[Any]:
    """Applies a plain function to each value of a source, on `n` threads of its own.

    For functions that block, or that compute outside the interpreter's lock; others gain more from `processes`. The
    threads take from a channel and from a plain iterable directly, without an event loop; an async iterator is pulled
    on the running loop. With `init` each thread makes a state once, on itself, and `f` gets it as its first argument. A
    thread takes up to `batch` values at once if they are there, which saves where they cost microseconds. At most
    `n * batch` values are in work, and `capacity` results (`n`, unless it is given) wait in the receiver that is
    returned, which serves tasks and threads alike.

    Results come in the order in which they are done or, with `ordered`, of their values. The stage ends after its
    source. An exception of `f`, of `init` or of the source ends it too: what was done before (with `ordered`: what comes
    before) can still be got, then every get raises the exception. When the receiver is closed or the last handle of it
    is gone the threads end, each after the call of `f` that it is in; values that no thread has taken stay in a channel.
    The threads are daemons in a copy of the caller's context; none keeps the interpreter alive.

    Raises `ValueError` for an `n` or a `batch` below 1, `TypeError` for what is no source, `RuntimeError` for an async
    iterator without a running loop. The idea is aiochan's `parallel_pipe`.

        hashes = ms.threads(4, hash_file, paths, ordered=True)
        for digest in hashes: ...  # or `async for`
    """
    return _start(n, f, source, ordered, init, batch, capacity, flat=False)


@overload
def flat_threads(
    n: int,
    f: Callable[[T], Iterable[R]],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: None = ...,
    batch: int = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
@overload
def flat_threads(
    n: int,
    f: Callable[[S, T], Iterable[R]],
    source: Source[T],
    *,
    ordered: bool = ...,
    init: Callable[[], S],
    batch: int = ...,
    capacity: int | None = ...,
) -> _core.Receiver[R]: ...
def flat_threads(
    n: int,
    f: Callable[..., Any],
    source: Source[Any],
    *,
    ordered: bool = False,
    init: Callable[[], Any] | None = None,
    batch: int = 1,
    capacity: int | None = None,
) -> _core.Receiver[Any]:
    """`threads` with a function that gives any number of results for one value, as an iterable.

    Results are drawn one by one on the thread, as there is room for them; with `ordered` the first is drawn ahead of its
    turn and the others in it. A generator that is left early is closed.

        lines = ms.flat_threads(4, read_lines, paths)
    """
    return _start(n, f, source, ordered, init, batch, capacity, flat=True)
