"""Messages of many connections as one stream of events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from typing import Any, TypeVar

from .join_aiters import join_aiters
from .map_aiter import map_aiter

__all__ = ["message_stream_to_event_stream", "rws_to_event_aiter"]

T = TypeVar("T")

Event = dict[str, Any]


def message_stream_to_event_stream(
    event_template: Mapping[str, Any], message_stream: AsyncIterable[object]
) -> AsyncGenerator[Event, Any]:
    """Yields for each message a copy of the template, as it is now, with the message under "message"."""
    template = dict(event_template)

    def event_of(message: object) -> Event:
        return {**template, "message": message}

    return map_aiter(event_of, message_stream)


def rws_to_event_aiter(
    rws_aiter: AsyncIterable[Mapping[str, Any]], reader_to_message_stream: Callable[[Any], AsyncIterable[object]]
) -> AsyncGenerator[Event, Any]:
    """Yields the messages of all connections as events.

    A connection is a mapping with a "reader", which `reader_to_message_stream` makes a stream of messages from. Each
    event has what is in the mapping of its connection, and the message.
    """

    def events_of(rws: Mapping[str, Any]) -> AsyncGenerator[Event, Any]:
        return message_stream_to_event_stream(rws, reader_to_message_stream(rws["reader"]))

    return join_aiters(map_aiter(events_of, rws_aiter))
