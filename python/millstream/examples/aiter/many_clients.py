"""Third server: the lines of all connections in one loop. An iterator of iterators is joined into one.

Prints, in some order:

    a: 1
    b: 1
    a: 2
    b: 2
    quit
    the clients heard: a: 1, b: 1, a: 2, b: 2, quit
"""

import contextlib

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


async def serve(port: int, started: Started) -> None:
    server, connections = await start_server_aiter(port, host=HOST)
    with contextlib.closing(server):
        started(port_of(server))
        async for line, writer in join_aiters(map_aiter(lines_with_writer, connections)):
            print(line.decode().rstrip())
            writer.write(line)
            await writer.drain()
            if line == b"quit\n":
                server.close()


async def client(port: int) -> None:
    a, b = await connect(port), await connect(port)
    heard: list[str] = []
    for number in (1, 2):
        heard.append(await say(a, f"a: {number}"))
        heard.append(await say(b, f"b: {number}"))
    await leave(b)
    heard.append(await say(a, "quit"))
    await leave(a)
    print("the clients heard:", ", ".join(heard))


async def main() -> None:
    await demo(serve, client)
