"""A server and a client in one loop, for those who have no second terminal at hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Started = Callable[[int], object]
Serve = Callable[[int, Started], Awaitable[None]]

HOST = "127.0.0.1"


async def demo(serve: Serve, client: Callable[[int], Awaitable[None]]) -> None:
    """Runs a server on a free port, and then a client that makes it end."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    serving = asyncio.ensure_future(serve(0, port.set_result))
    both: list[asyncio.Future[Any]] = [serving, port]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if port.done():
        await client(port.result())
    await serving


def port_of(server: asyncio.AbstractServer) -> int:
    """The port on which a server listens."""
    assert isinstance(server, asyncio.Server)
    port: int = server.sockets[0].getsockname()[1]
    return port


async def connect(port: int) -> Connection:
    """A client's connection."""
    return await asyncio.open_connection(HOST, port)


async def say(connection: Connection, text: str) -> str:
    """Sends a line and waits for the answer."""
    reader, writer = connection
    writer.write(text.encode() + b"\n")
    return (await reader.readline()).decode().rstrip("\n")


async def leave(connection: Connection) -> None:
    """Ends a connection properly."""
    connection[1].close()
    await connection[1].wait_closed()


async def lines_of(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of a connection."""
    while line := await reader.readline():
        yield line


async def lines_with_writer(connection: Connection) -> AsyncIterator[tuple[bytes, asyncio.StreamWriter]]:
    """The lines of a connection, each with where to answer it; at the end the connection is closed."""
    reader, writer = connection
    try:
        async for line in lines_of(reader):
            yield line, writer
    finally:
        writer.close()
