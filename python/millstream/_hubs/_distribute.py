"""Each value to whichever output is free."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from .. import _core
from .._background import shown
from .._errors import Closed
from .._inputs import END, input_of
from .._streams._sources import Source
from ._outlet import Output, own_end

T = TypeVar("T")


async def distribute(source: Source[T], *outputs: Output[T], close: bool = True) -> None:
    """Gives each value of a source to whichever output takes it first; among those that are free the choice is random.

    The source is a channel, any async iterator or any iterable. An output that is closed is left out. At the end of the
    source the outputs are closed, unless `close` is false; an exception of the source is raised here and by them.

    If no output is left, raises `Closed`: the value that nobody took is back at the head of a channel, or else in the
    exception's ``value``. Cancelled, it puts the value back in the same way, and the outputs get an `Error` that says so
    unless `close` is false; what was pulled from an iterator then is lost with it.

    The idea is aiochan's `distribute`, which hangs in the end, with a value in hand.

        async with ms.Scope() as scope:
            scope.spawn(ms.distribute(jobs, one, two))
    """
    pulled = input_of(source)
    ends = [own_end(output) for output in outputs]
    open_ends = list(ends)
    # One that is closed with a value that waits for room in it does not fail, and is not to be waited for.
    bell: _core.Chan[None] = _core.sliding(1)
    placed: _core.Chan[None] = _core.unbounded()
    watches = [end.closed() for end in ends]
    for watch in watches:
        if watch.start(lambda _: bell.put_nowait(None)):
            bell.put_nowait(None)
    try:
        while True:
            value = await pulled.pull()
            if value is END:
                break
            placing: _core.Operation[_core.Selected] | None = None
            try:
                while open_ends:
                    puts: list[tuple[Any, Any]] = [(end, value) for end in open_ends]
                    placing = _core.select(bell, *puts)
                    if not placing.start(lambda _: placed.put_nowait(None)):
                        await placed.get()
                    done, placing = placing, None
                    if _has_placed(done):
                        break
                    open_ends = [end for end in open_ends if not end.is_closed()]
            except BaseException:
                # An output may have taken it at the very moment of a cancellation.
                if placing is None or placing.cancel() or not _has_placed(placing):
                    pulled.give_back(cast(T, value))
                raise
            if not open_ends:
                raise Closed(outputs[-1] if outputs else None, None if pulled.give_back(cast(T, value)) else value)
    except BaseException as error:
        _end(ends, shown(error, "the distribution"), close)
        raise
    else:
        _end(ends, None, close)
    finally:
        for watch in watches:
            watch.cancel()
        await pulled.release()


def _has_placed(placing: _core.Operation[_core.Selected]) -> bool:
    """Whether an output has taken the value; otherwise one was closed, or the bell rang."""
    chosen = placing.result()
    return chosen.index > 0 and not chosen.closed


def _end(ends: list[_core.Sender[Any]], error: BaseException | None, close: bool) -> None:
    for end in ends:
        if close:
            end.close(error=error)
        end.detach()
