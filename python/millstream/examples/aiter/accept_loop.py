"""First server: connections come out of an `async for`; after the third it closes.

Prints:

    connection 1
    connection 2
    connection 3
    the server is closed
"""

import contextlib

from millstream.compat.aiter.server import start_server_aiter
from millstream.examples.aiter._demo import HOST, Started, connect, demo, leave, port_of

OUTSIDE = True


async def serve(port: int, started: Started) -> None:
    server, connections = await start_server_aiter(port, host=HOST)
    with contextlib.closing(server):
        started(port_of(server))
        count = 0
        async for _, writer in connections:
            count += 1
            print("connection", count)
            writer.close()
            if count >= 3:
                server.close()
        print("the server is closed")


async def client(port: int) -> None:
    for _ in range(3):
        await leave(await connect(port))


async def main() -> None:
    await demo(serve, client)
