"""Several channels into one, and one into several that share its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import _core
from ..._errors import Closed
from ._base import BaseChan, MisuseError, new_chan
from ._pump import Pump, Stopped, give_back, launch

if TYPE_CHECKING:
    from .channel import Chan

__all__ = ["Distributing", "combine_latest", "merge", "zip_chans"]


def _receivers(inputs: tuple[BaseChan[Any], ...]) -> list[_core.Receiver[Any]]:
    return [chan._core.receiver() for chan in inputs]


async def _next_of(pump: Pump, sources: list[_core.Receiver[Any]]) -> tuple[_core.Receiver[Any], Any]:
    """A value of any of them, and whose it is; those that have ended leave the list, until all have."""
    while True:
        if pump.stopped:
            raise Stopped
        op = _core.select(*sources)
        try:
            await pump.drive(op)
        except BaseException:
            _take_back(op)
            raise
        if pump.stopped:
            _take_back(op)
            raise Stopped
        selected = op.result()
        source = sources[selected.index]
        try:
            return source, selected.value
        except Closed:
            sources.remove(source)
            if not sources:
                raise


def _take_back(op: _core.Operation[_core.Selected]) -> None:
    if not op.cancel():
        selected = op.result()
        if not selected.closed:
            selected.chan.unget(selected.value)


def merge(
    *inputs: BaseChan[Any],
    out: Chan[Any] | None = None,
    buffer: Any = None,
    buffer_size: Any = None,
    close: bool = True,
) -> Chan[Any]:
    """The values of all ``inputs`` in one channel, as they come; of several that are ready, one at random.

    :param out: where they go, by default a new channel, for which ``buffer`` and ``buffer_size`` are.
    :param close: whether ``out`` is closed when all inputs have ended. Without inputs that is at once.

    If an input was closed with an error, so is ``out``.
    """
    if out is None:
        out = new_chan(buffer, buffer_size)
    inputs = tuple(dict.fromkeys(inputs))
    sources = _receivers(inputs)
    sender = out._core.sender()

    async def body(pump: Pump) -> None:
        while sources:
            try:
                source, value = await _next_of(pump, sources)
            except Closed:
                return
            if not await pump.put(sender, value):
                source.unget(value)
                raise Stopped

    launch((*inputs, out), (sender,), body, close=close)
    return out


def zip_chans(
    *inputs: BaseChan[Any],
    out: Chan[Any] | None = None,
    buffer: Any = None,
    buffer_size: Any = None,
    close: bool = True,
) -> Chan[Any]:
    """Lists of one value of each of ``inputs``. It goes on until all have ended, with ``None`` for those that have.

    The arguments are as for ``merge``. What was taken for a list that nobody accepted goes back.

    :raises AssertionError: without inputs.
    """
    if not inputs:
        raise MisuseError("zip_chans needs one channel at least")
    if out is None:
        out = new_chan(buffer, buffer_size)
    sources: list[_core.Receiver[Any] | None] = [*_receivers(inputs)]
    sender = out._core.sender()

    async def body(pump: Pump) -> None:
        while any(source is not None for source in sources):
            values = await _one_of_each(pump, sources)
            if all(source is None for source in sources):
                return
            if not await pump.put(sender, values):
                for source, value in reversed([*zip(sources, values)]):
                    if source is not None:
                        source.unget(value)
                raise Stopped

    launch((*inputs, out), (sender,), body, close=close)
    return out


async def _one_of_each(pump: Pump, sources: list[_core.Receiver[Any] | None]) -> list[Any]:
    """All are asked at the same time. Those that have ended are replaced by ``None``, as are their values."""
    ops = [None if source is None else source.get() for source in sources]
    live = [op for op in ops if op is not None]
    try:
        await pump.drive_all(live, lambda: all(op.done() for op in live))
        if pump.stopped:
            raise Stopped
    except BaseException:
        for source, op in reversed([*zip(sources, ops)]):
            if source is not None and op is not None:
                give_back(source, op)
        raise
    values: list[Any] = []
    for index, op in enumerate(ops):
        try:
            values.append(None if op is None else op.result())
        except Closed:
            sources[index] = None
            values.append(None)
    return values


def combine_latest(
    *inputs: BaseChan[Any],
    out: Chan[Any] | None = None,
    buffer: Any = None,
    buffer_size: Any = None,
    close: bool = True,
) -> Chan[Any]:
    """For each value of any of ``inputs`` a list of the latest value of each, ``None`` where there was none yet.

    The arguments are as for ``merge``.

    :raises AssertionError: without inputs.
    """
    if not inputs:
        raise MisuseError("combine_latest needs one channel at least")
    if out is None:
        out = new_chan(buffer, buffer_size)
    sources = _receivers(inputs)
    places = {id(source): index for index, source in enumerate(sources)}
    # Nothing is removed from this one, so that the numbers above stay unique.
    kept = tuple(sources)
    sender = out._core.sender()

    async def body(pump: Pump) -> None:
        latest: list[Any] = [None] * len(kept)
        while True:
            try:
                source, value = await _next_of(pump, sources)
            except Closed:
                return
            latest[places[id(source)]] = value
            if not await pump.put(sender, latest.copy()):
                source.unget(value)
                raise Stopped

    launch((*inputs, out), (sender,), body, close=close)
    return out


class Distributing:
    """One channel into several."""

    __slots__ = ()

    def distribute(self: Any, *outs: BaseChan[Any], close: bool = True) -> Any:
        """Puts each value into one of ``outs``: one that takes it now, or else the first that does.

        An out that is closed is left out from then on. When all are, nothing more is taken, and a value that was on
        its way goes back to the front. With ``close`` those that are left are closed when this channel has ended.
        Returns the channel.
        """
        receiver = self._core.receiver()
        senders = [out._core.sender() for out in outs]

        async def body(pump: Pump) -> None:
            left = list(senders)
            while left:
                try:
                    value = await pump.get(receiver)
                except Closed:
                    return
                await _put_into_one(pump, left, value, receiver)

        if senders:
            launch((self, *outs), senders, body, close=close)
        return self


async def _put_into_one(pump: Pump, outs: list[_core.Sender[Any]], value: Any, source: _core.Receiver[Any]) -> None:
    """If nobody takes the value, it goes back to its source."""
    while outs:
        op = _core.select(*((out, value) for out in outs))
        try:
            await pump.drive(op)
        finally:
            if op.cancel():
                source.unget(value)
                raise Stopped
        selected = op.result()
        if not selected.closed:
            return
        del outs[selected.index]
    source.unget(value)
    raise Stopped
