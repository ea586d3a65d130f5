"""Fourth server: the whole as a pipeline, from connections to events to what was done with them; "quit" ends it.

Prints:

    hello: answered
    again: answered
    quit: the server closes
    3 events
"""

import asyncio
import contextlib
import functools

from millstream.compat.aiter import join_aiters, map_aiter
from millstream.compat.aiter.server import start_server_aiter
from millstream.examples.aiter._demo import (
    HOST,
    Started,
    connect,
    demo,
    leave,
    lines_with_writer,
    port_of,
    say,
)

OUTSIDE = True


async def handle(server: asyncio.AbstractServer, event: tuple[bytes, asyncio.StreamWriter]) -> str:
    line, writer = event
    writer.write(line)
    await writer.drain()
    if line == b"quit\n":
        server.close()
        return "quit: the server closes"
    return f"{line.decode().rstrip()}: answered"


async def serve(port: int, started: Started) -> None:
    server, connections = await start_server_aiter(port, host=HOST)
    with contextlib.closing(server):
        started(port_of(server))
        events = join_aiters(map_aiter(lines_with_writer, connections))
        count = 0
        async for done in map_aiter(functools.partial(handle, server), events):
            print(done)
            count += 1
        print(count, "events")


async def client(port: int) -> None:
    connection = await connect(port)
    for text in ("hello", "again", "quit"):
        assert await say(connection, text) == text
    await leave(connection)


async def main() -> None:
    await demo(serve, client)
