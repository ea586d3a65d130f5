"""Every value to the subscribers of its topic."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Generic, TypeVar

from .. import _core
from .._streams._sources import Source
from ._bound import AnyBound, Bound, channel
from ._hub import Hub
from ._outlet import Output, own_end

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Topics(Generic[K, T]):
    """Gives every value of a source to the subscribers of its topic.

    ``topic(value)`` says which topic a value belongs to. Subscriptions come and go while it runs, each with a `Bound` of
    its own: a subscriber holds nobody up until it is that far behind, and then its bound says what happens; by default
    every value waits until its subscribers have taken it, so nothing is lost. A value whose topic nobody subscribed to is
    dropped; while there is no subscriber at all nothing is taken.

    The first subscription starts a task on the running loop. When the source ends the subscriptions end; an exception of
    the source or of `topic` is raised by all of them after what they were sent. When the `Topics` is gone the
    subscriptions go on, and when the last of them has left, the source is let go of; an iterator is closed. If the task
    is cancelled, because the loop is shut down, the subscribers get an `Error` that says so.

    The idea is aiochan's `Pub`, whose subscribers never learn of the end.

        topics = ms.Topics(messages, lambda message: message.room)
        async for message in topics.subscribe("lobby", 16): ...
    """

    __slots__ = ("__weakref__", "_hub")

    def __init__(self, source: Source[T], topic: Callable[[T], K]) -> None:
        self._hub: Hub[T] = Hub(source, topic, "hub")

    def subscribe(self, topic: K, bound: AnyBound = Bound.LOCKSTEP) -> _core.Receiver[T]:
        """Subscribes to a topic. The subscription ends when the receiver is closed or gone.

        After the end of the hub it is closed from the start. Raises `TypeError` for a topic that cannot be hashed,
        `RuntimeError` if it is the first and no loop is running; later ones can be made in any thread.

            lobby = topics.subscribe("lobby", ms.Bound.drop_oldest(100))
        """
        sender: _core.Sender[T]
        sender, receiver = channel(bound)
        self._hub.add(topic, sender, closes=True)
        return receiver

    def subscribe_into(self, topic: K, output: Output[T], *, close: bool = True) -> None:
        """Subscribes a channel of the author's. At the end it is closed, unless `close` is false.

        topics.subscribe_into("errors", log, close=False)
        """
        self._hub.add(topic, own_end(output), closes=close)

    def unsubscribe_all(self, topic: K) -> None:
        """Ends all subscriptions of a topic, after what they were sent.

        topics.unsubscribe_all("lobby")
        """
        self._hub.end_group(topic)

    def close(self) -> None:
        """Ends all subscriptions after what they were sent, and lets go of the source; what is left in a channel stays."""
        self._hub.stop()

    async def __aenter__(self) -> Topics[K, T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        hub = getattr(self, "_hub", None)
        if hub is not None:
            hub.let_go()
