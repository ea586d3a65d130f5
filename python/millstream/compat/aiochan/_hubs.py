"""One channel's values to several: all of them to each (``Dup``), or by topic (``Pub``)."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ... import _core
from ..._errors import Closed
from ._base import BaseChan, new_chan
from ._pump import Pump, Stopped, launch
from ._taps import Taps

if TYPE_CHECKING:
    from .channel import Chan

__all__ = ["Dup", "Hubs", "Pub"]

_first_item = operator.itemgetter(0)


class Dup:
    """Gives each value of ``inp`` to every channel that taps it.

    They go in step: the next value is taken when all have accepted the last one, so give slow ones a buffer. Without
    taps values are taken and dropped. A tap that is closed, or that nobody holds any more, is left out from then on. At
    the end of ``inp``, or when it fails, the taps are closed, or fail.
    """

    def __init__(self, inp: BaseChan[Any]) -> None:
        self._in: Any = inp
        self._taps = Taps(inp._core.receiver())
        launch((inp,), (), self._taps.run, close=False)
        weakref.finalize(self, self._taps.no_more_taps).atexit = False

    @property
    def inp(self) -> Chan[Any]:
        """The channel that the values come from."""
        return self._in  # type: ignore[no-any-return]

    def tap(
        self, out: Chan[Any] | None = None, buffer: Any = None, buffer_size: Any = None, close: bool = True
    ) -> Chan[Any]:
        """From now on ``out`` gets every value. Returns it.

        :param out: by default a new channel, for which ``buffer`` and ``buffer_size`` are.
        :param close: whether it is closed at the end.
        """
        if out is None:
            out = new_chan(buffer, buffer_size)
        self._taps.add(out, close)
        return out

    def untap(self, out: Chan[Any]) -> Chan[Any]:
        """``out`` gets no more values; one that waits to be accepted by it is withdrawn. Returns it."""
        self._taps.remove(out)
        return out

    def untap_all(self) -> Dup:
        """As ``untap`` for all taps. Returns the duplicator."""
        self._taps.remove_all()
        return self

    def close(self) -> Dup:
        """Ends it: nothing more is taken, and taps that were to be closed are. Returns the duplicator."""
        self._taps.close()
        return self


class _Topics:
    """The topics of a publisher and its task. It does not hold the publisher, so that it knows when that is gone."""

    def __init__(self, source: _core.Receiver[Any], topic_fn: Callable[[Any], Any], buffer: Any, size: Any) -> None:
        self._source = source
        self._topic_fn = topic_fn
        self._buffer = buffer
        self._size = size
        self._pump: Pump | None = None
        self._publisher_is_gone = False
        self.is_over = False
        self.dups: dict[Any, Dup] = {}

    async def run(self, pump: Pump) -> None:
        self._pump = pump
        if self.is_over:
            return
        error: BaseException | None = None
        try:
            while True:
                await self._publish(pump, await pump.get(self._source))
        except Closed:
            pass
        except BaseException as raised:
            if not isinstance(raised, Stopped):
                error = pump.failure(raised)
            if not self.dups or not isinstance(raised, Exception):
                raise
        finally:
            self.end(error)
            del error

    async def _publish(self, pump: Pump, value: Any) -> None:
        topic = self._topic_fn(value)
        dup = self.dups.get(topic)
        if dup is None:
            return
        op = dup.inp._core.put(value)
        # A topic that loses its last subscriber meanwhile holds nobody up.
        await pump.drive_all((op,), lambda: op.done() or self.dups.get(topic) is not dup)

    def dup(self, topic: Any) -> Dup:
        dup = self.dups.get(topic)
        if dup is None:
            dup = self.dups[topic] = Dup(new_chan(self._buffer, self._size))
            own = dup
            dup._taps.on_empty = lambda: self.retire(topic, own)
        return dup

    def retire(self, topic: Any, dup: Dup) -> None:
        """The topic has no subscribers any more. What it has accepted is still delivered to those it had."""
        if self.dups.get(topic) is dup:
            del self.dups[topic]
        dup._taps.keep_open()
        dup.inp.close()
        if self._pump is not None:
            self._pump.nudge()
        self._stop_if_useless()

    def end(self, error: BaseException | None) -> None:
        self.is_over = True
        dups, self.dups = self.dups, {}
        for dup in dups.values():
            dup.inp._core.close(error)

    def publisher_is_gone(self) -> None:
        self._publisher_is_gone = True
        self._stop_if_useless()

    def _stop_if_useless(self) -> None:
        if self._publisher_is_gone and not self.dups:
            self.stop()

    def stop(self) -> None:
        self.end(None)
        if self._pump is not None:
            self._pump.stop()


class Pub:
    """Gives each value of ``inp`` to those who have subscribed to its topic, which is ``topic_fn(value)``.

    Values without subscribers are dropped. A topic whose subscribers do not accept its last value holds up the others,
    unless it has a buffer: ``buffer`` and ``buffer_size`` are for the topics, as for ``Chan``. At the end of ``inp`` the
    subscribed channels are closed; if it or ``topic_fn`` fails, they fail.

    :param topic_fn: by default, and if it is ``None``, the first item of the value.
    """

    def __init__(
        self,
        inp: BaseChan[Any],
        *,
        topic_fn: Callable[[Any], Any] | None = _first_item,
        buffer: Any = None,
        buffer_size: Any = None,
    ) -> None:
        self._topics = _Topics(inp._core.receiver(), topic_fn or _first_item, buffer, buffer_size)
        launch((inp,), (), self._topics.run, close=False)
        weakref.finalize(self, self._topics.publisher_is_gone).atexit = False

    def sub(
        self,
        topic: Any,
        out: Chan[Any] | None = None,
        buffer: Any = None,
        buffer_size: Any = None,
        close: bool = True,
    ) -> Chan[Any]:
        """From now on ``out`` gets the values of ``topic``. Returns it.

        :param out: by default a new channel, for which ``buffer`` and ``buffer_size`` are.
        :param close: whether it is closed at the end.
        """
        if out is None:
            out = new_chan(buffer, buffer_size)
        if self._topics.is_over:
            if close:
                out.close()
        else:
            self._topics.dup(topic).tap(out, close=close)
        return out

    def unsub(self, topic: Any, out: Chan[Any]) -> Chan[Any]:
        """``out`` gets no more values of ``topic``. Returns it."""
        dup = self._topics.dups.get(topic)
        if dup is not None:
            dup.untap(out)
        return out

    def unsub_all(self, topic: Any = None) -> Pub:
        """Nobody gets more values of ``topic``; of any topic, if that is ``None``.

        Values that were accepted are still delivered; the subscribed channels stay open. Returns the publisher.
        """
        for key, dup in list(self._topics.dups.items()):
            if topic is None or key == topic:
                self._topics.retire(key, dup)
        return self

    def close(self) -> Pub:
        """Ends it: nothing more is taken, and subscribed channels that were to be closed are, after what was accepted.

        Returns the publisher.
        """
        self._topics.stop()
        return self


class Hubs:
    """Hubs over a channel."""

    __slots__ = ()

    def dup(self: Any) -> Dup:
        """A :class:`Dup` of this channel."""
        return Dup(self)

    def pub(
        self: Any,
        topic_fn: Callable[[Any], Any] | None = _first_item,
        buffer: Any = None,
        buffer_size: Any = None,
    ) -> Pub:
        """A :class:`Pub` of this channel."""
        return Pub(self, topic_fn=topic_fn, buffer=buffer, buffer_size=buffer_size)
