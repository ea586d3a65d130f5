"""Servers whose connections come out of an iterator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ._closing import stopping
from ._connection import make_patient
from .push_aiter import push_aiter

__all__ = ["aiter_server", "start_server_aiter", "start_unix_server_aiter"]

S = TypeVar("S", bound=asyncio.AbstractServer)

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Connections(push_aiter[Connection]):
    """The connections of a server, until it is closed. `task` ends once the server has closed them all."""

    task: asyncio.Task[None]


async def aiter_server(
    start_f: Callable[..., Awaitable[S]], *args: Any, abrupt_end: bool = True, **kwargs: Any
) -> tuple[S, Connections]:
    """Starts a server with `start_f(*args, client_connected_cb=..., **kwargs)`, and iterates over its connections.

    Returns the server and an iterator over pairs of a reader and a writer. The iterator ends when the server is closed,
    after the connections that were accepted before; `await server.wait_closed()` to wait for their end.

    A client that goes away abruptly ends its reader like one that leaves properly, and what is written to it then is
    lost without an error, as long as it is not more than 64 KiB. With `abrupt_end=False` readers raise
    `ConnectionResetError` and `drain` does so at once.
    """
    connections = Connections()

    def connected(reader: Any, writer: Any) -> None:
        if connections.is_stopped():
            # The server was closed while this one was on its way, and nobody will look at it.
            writer.close()
            return
        if abrupt_end:
            make_patient(reader, writer)
        connections.push((reader, writer))

    server = await start_f(*args, client_connected_cb=connected, **kwargs)

    async def over() -> None:
        try:
            await server.wait_closed()
        finally:
            connections.stop()

    connections.task = asyncio.ensure_future(over())
    return stopping(server, connections.stop), connections


async def start_server_aiter(
    port: Any, *args: Any, abrupt_end: bool = True, **kwargs: Any
) -> tuple[asyncio.Server, Connections]:
    """`aiter_server` for `asyncio.start_server` on a port."""
    return await aiter_server(asyncio.start_server, *args, abrupt_end=abrupt_end, port=port, **kwargs)


async def start_unix_server_aiter(
    path: Any, *args: Any, abrupt_end: bool = True, **kwargs: Any
) -> tuple[asyncio.Server, Connections]:
    """`aiter_server` for `asyncio.start_unix_server` on a path."""
    return await aiter_server(asyncio.start_unix_server, *args, abrupt_end=abrupt_end, path=path, **kwargs)
