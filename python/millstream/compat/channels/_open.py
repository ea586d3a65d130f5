"""A block at whose end a channel's end, or any async generator, is closed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from ..._errors import Closed
from ._end import Abandoned, End, shown

__all__ = ["open"]

_AG = TypeVar("_AG", bound=AsyncGenerator[Any, Any])


@asynccontextmanager
async def open(ag: _AG, *, start: bool = True, clear: bool = True, close: bool = True) -> AsyncIterator[_AG]:
    """Starts and closes an async generator, in particular an end of a channel, as `async with`.

    `start` waits until the generator has been started by sending None into it. `clear` ends the block quietly when the
    peer has closed the channel; the end's `is_cut_off` says so afterwards. `close` closes the generator with the block.
    If an error ends the block, the peer raises it; if the task is cancelled, the peer raises `Abandoned`. The peer's
    errors come out of the block.
    """
    end = ag if isinstance(ag, End) else None
    if end is not None:
        end.keep(1)
    try:
        if start:
            try:
                await ag.asend(None)
            except StopAsyncIteration:
                # There is no way to leave out the body of the block.
                if end is not None:
                    raise Closed(end) from None
                raise RuntimeError(f"{ag!r} had ended before it could be started") from None
        yield ag
    except BaseException as error:
        is_end = isinstance(error, StopAsyncIteration)
        if end is not None and close:
            # If it was another generator that came to its end, what was to be sent here is cut short.
            end.finish(Abandoned() if is_end else shown(error))
        if not is_end or not clear:
            raise
    finally:
        if end is not None:
            end.keep(-1)
        if close:
            await ag.aclose()
