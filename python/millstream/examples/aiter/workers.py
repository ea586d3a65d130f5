"""Fifth server: five workers. "wait" keeps one of them busy for ten seconds, and the others answer meanwhile.

Prints:

    quick 0
    quick 1
    quick 2
    waited
    quit
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


async def handle(server: asyncio.AbstractServer, event: tuple[bytes, asyncio.StreamWriter]) -> None:
    line, writer = event
    if line == b"wait\n":
        await asyncio.sleep(10)
        line = b"waited\n"
    writer.write(line)
    await writer.drain()
    if line == b"quit\n":
        server.close()


async def serve(port: int, started: Started) -> None:
    server, connections = await start_server_aiter(port, host=HOST)
    with contextlib.closing(server):
        started(port_of(server))
        events = join_aiters(map_aiter(lines_with_writer, connections))
        async for _ in map_aiter(functools.partial(handle, server), events, worker_count=5):
            pass


async def client(port: int) -> None:
    slow, quick = await connect(port), await connect(port)
    waiting = asyncio.ensure_future(say(slow, "wait"))
    for number in range(3):
        print(await say(quick, f"quick {number}"))
    print(await waiting)
    print(await say(quick, "quit"))
    await leave(slow)
    await leave(quick)


async def main() -> None:
    await demo(serve, client)
