"""A server of lines: connections out of a receiver, all of their lines in one stream, at most a hundred clients at once.

Prints:

    the client heard: HELLO GOODBYE
    the server has answered 2 lines
"""

import asyncio
import socket
from collections.abc import AsyncIterator

import millstream as ms

OUTSIDE = True


async def lines_of(connection: ms.Connection) -> AsyncIterator[tuple[bytes, ms.Connection]]:
    try:
        while line := await connection.reader.readline():
            yield line, connection
    finally:
        connection.writer.close()


async def client(address: tuple[str, int]) -> list[str]:
    reader, writer = await asyncio.open_connection(*address)
    heard: list[str] = []
    for text in ("hello", "goodbye"):
        writer.write(text.encode() + b"\n")
        heard.append((await reader.readline()).decode().strip())
    writer.close()
    await writer.wait_closed()
    return heard


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    async with ms.Scope() as scope:
        connections = ms.accept(listener)
        lines = connections.stream().map(lines_of).merge_all(100)
        talking = scope.spawn(client(address))
        answered = 0
        async for line, connection in lines:
            connection.writer.write(line.upper())
            await connection.writer.drain()
            answered += 1
            if line == b"goodbye\n":
                # No more clients: the lines end with the last connection.
                connections.close()
    print("the client heard:", *talking.result())
    print("the server has answered", answered, "lines")


if __name__ == "__main__":
    asyncio.run(main())
