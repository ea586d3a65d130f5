"""Servers that tell when they are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ["stopping"]

S = TypeVar("S", bound=asyncio.AbstractServer)


def stopping(server: S, stop: Callable[[], object]) -> S:
    """The server, whose `close` now also calls `stop`; its own end comes only when all clients have gone."""
    close = server.close

    def close_and_stop() -> None:
        close()
        stop()

    try:
        setattr(server, "close", close_and_stop)  # noqa: B010
    except AttributeError:
        # Servers of other event loops may not allow that; then there is another in front of it.
        return cast("S", Front(server, close_and_stop))
    return server


class Front(asyncio.AbstractServer):
    """A server in front of another, which does all but the closing."""

    def __init__(self, server: asyncio.AbstractServer, close: Callable[[], None]) -> None:
        self._server = server
        self._close = close

    def close(self) -> None:
        """Closes the server."""
        self._close()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the server."""
        return self._server.get_loop()

    def is_serving(self) -> bool:
        """Whether the server accepts connections."""
        return self._server.is_serving()

    async def start_serving(self) -> None:
        """Accepts connections, unless the server does so already."""
        await self._server.start_serving()

    async def serve_forever(self) -> None:
        """Accepts connections until it is cancelled, and then closes the server."""
        try:
            await self._server.serve_forever()
        finally:
            self.close()

    async def wait_closed(self) -> None:
        """Waits until the server is closed and its connections have ended."""
        await self._server.wait_closed()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)
