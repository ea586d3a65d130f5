"""Second server: the lines of one connection, each echoed.

Prints:

    hello
    goodbye
    the client heard: hello goodbye
"""

import contextlib

from millstream.compat.aiter.server import start_server_aiter
from millstream.examples.aiter._demo import HOST, Started, connect, demo, leave, lines_of, port_of, say

OUTSIDE = True


async def serve(port: int, started: Started) -> None:
    server, connections = await start_server_aiter(port, host=HOST)
    with contextlib.closing(server):
        started(port_of(server))
        async for reader, writer in connections:
            server.close()
            with contextlib.closing(writer):
                async for line in lines_of(reader):
                    print(line.decode().rstrip())
                    writer.write(line)
                    await writer.drain()


async def client(port: int) -> None:
    connection = await connect(port)
    heard = [await say(connection, text) for text in ("hello", "goodbye")]
    await leave(connection)
    print("the client heard:", *heard)


async def main() -> None:
    await demo(serve, client)
