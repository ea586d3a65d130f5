"""The five servers of aiter's tutorial, also while clients go away abruptly."""

from __future__ import annotations

import asyncio
import functools
import gc
import pathlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from millstream.compat.aiter import join_aiters, map_aiter, parallel_map_aiter
from millstream.compat.aiter.server import aiter_server, start_server_aiter, start_unix_server_aiter
from seed_support import collect, reset, run, turns, until

# The tutorial's programs leave the closing of their connections to the collector, which tells so in development mode.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collects what a test has left, so that nothing of it is told during another."""
    yield
    gc.collect()


Started = Callable[[Any], None]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

start = functools.partial(start_server_aiter, 0, host="127.0.0.1")

# The programs. Each tells its server when it is there, and returns the lines that it has dealt with.


async def first_server(started: Started) -> list[bytes]:
    """Accepts three connections and closes."""
    server, connections = await start()
    started(server)
    count = 0
    async for reader, writer in connections:
        assert isinstance(reader, asyncio.StreamReader)
        assert isinstance(writer, asyncio.StreamWriter)
        count += 1
        if count >= 3:
            server.close()
    return [b"%d" % count]


async def lines_of(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of a connection."""
    while line := await reader.readline():
        yield line


async def second_server(started: Started) -> list[bytes]:
    """Echoes the lines of one connection."""
    server, connections = await start()
    started(server)
    lines = []
    async for reader, writer in connections:
        server.close()
        async for line in lines_of(reader):
            lines.append(line)
            writer.write(line)
            await writer.drain()
        writer.close()
    return lines


async def lines_and_writers(pair: Connection) -> AsyncIterator[tuple[bytes, asyncio.StreamWriter]]:
    """The lines of a connection, each with the way to answer."""
    reader, writer = pair
    async for line in lines_of(reader):
        yield line, writer


async def third_server(started: Started) -> list[bytes]:
    """Echoes the lines of many connections in one loop; an empty line ends a connection."""
    server, connections = await start()
    started(server)
    lines = []
    async for line, writer in join_aiters(map_aiter(lines_and_writers, connections)):
        lines.append(line)
        await writer.drain()
        if line == b"\n":
            writer.close()
        writer.write(line)
        if line == b"quit\n":
            server.close()
    return lines


async def lines_with(server: asyncio.AbstractServer, pair: Connection) -> AsyncIterator[tuple[Any, ...]]:
    """The lines of a connection, each with the way to answer and the server."""
    async for line, writer in lines_and_writers(pair):
        yield server, line, writer


async def handle(event: tuple[Any, ...]) -> bytes:
    """Answers one line."""
    server, line, writer = event
    await writer.drain()
    if line == b"\n":
        writer.close()
    writer.write(line)
    if line == b"quit\n":
        server.close()
    if line == b"wait\n":
        await may_go_on[0].wait()
    result: bytes = line
    return result


may_go_on: list[asyncio.Event] = []


async def fourth_server(started: Started) -> list[bytes]:
    """The whole as a pipeline; "quit" closes the server."""
    server, connections = await start()
    started(server)
    events = join_aiters(map_aiter(functools.partial(lines_with, server), connections))
    return await collect(map_aiter(handle, events))


async def fifth_server(started: Started) -> list[bytes]:
    """The pipeline with five workers; "wait" keeps one of them busy."""
    server, connections = await start()
    started(server)
    events = join_aiters(map_aiter(functools.partial(lines_with, server), connections))
    return await collect(parallel_map_aiter(handle, 5, events))


MANY = [third_server, fourth_server, fifth_server]


def serve(
    program: Callable[[Started], Awaitable[list[bytes]]], client: Callable[[int], Awaitable[None]]
) -> list[bytes]:
    """Runs a server and a client, and returns what the server does."""

    async def main() -> list[bytes]:
        may_go_on[:] = [asyncio.Event()]
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        serving = asyncio.ensure_future(program(lambda server: port.set_result(server.sockets[0].getsockname()[1])))
        await until_either(serving, port)
        if not port.done():
            await serving
        await client(port.result())
        return await serving

    async def until_either(*futures: asyncio.Future[Any]) -> None:
        await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)

    return run(main())


async def connect(port: int) -> Connection:
    """A connection of a client."""
    return await asyncio.open_connection("127.0.0.1", port)


async def say(connection: Connection, line: bytes) -> bytes:
    """Sends a line and waits for the answer."""
    connection[1].write(line)
    return await connection[0].readline()


async def leave(connection: Connection) -> None:
    """Leaves properly."""
    connection[1].close()
    await connection[1].wait_closed()


def test_the_first_accepts_three_connections_and_ends_at_once() -> None:
    async def client(port: int) -> None:
        # They stay connected, and the server does not wait for them.
        for _ in range(3):
            clients.append(await connect(port))

    clients: list[Connection] = []
    assert serve(first_server, client) == [b"3"]


@pytest.mark.parametrize("is_abrupt", [False, True])
def test_the_second_echoes_one_client(is_abrupt: bool) -> None:
    async def client(port: int) -> None:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        for line in (b"one\n", b"two\n"):
            await loop.sock_sendall(connection, line)
            assert await loop.sock_recv(connection, 100) == line
        if is_abrupt:
            reset(connection)
        else:
            connection.close()

    assert serve(second_server, client) == [b"one\n", b"two\n"]


@pytest.mark.parametrize("program", MANY)
def test_the_others_echo_many_clients_until_they_are_told_to_quit(program: Any) -> None:
    async def client(port: int) -> None:
        several = [await connect(port) for _ in range(4)]
        for number in range(5):
            for each, connection in enumerate(several):
                line = b"%d %d\n" % (each, number)
                assert await say(connection, line) == line
        assert await say(several[0], b"quit\n") == b"quit\n"
        with pytest.raises(OSError):
            await connect(port)
        # Who was connected is still served.
        assert await say(several[1], b"still\n") == b"still\n"
        for connection in several:
            await leave(connection)

    lines = serve(program, client)
    assert len(lines) == 4 * 5 + 2
    assert sorted(lines) == sorted({*lines})


@pytest.mark.parametrize("program", MANY)
def test_an_empty_line_ends_a_connection_and_no_other(program: Any) -> None:
    async def client(port: int) -> None:
        one, other = await connect(port), await connect(port)
        one[1].write(b"\n")
        assert await one[0].read() in (b"", b"\n")
        assert await say(other, b"quit\n") == b"quit\n"
        await leave(other)

    assert serve(program, client) == [b"\n", b"quit\n"]


def test_a_worker_that_waits_holds_up_no_other() -> None:
    async def client(port: int) -> None:
        slow, quick = await connect(port), await connect(port)
        assert await say(slow, b"wait\n") == b"wait\n"
        for number in range(20):
            line = b"%d\n" % number
            assert await say(quick, line) == line
        may_go_on[0].set()
        assert await say(quick, b"quit\n") == b"quit\n"
        await leave(slow)
        await leave(quick)

    lines = serve(fifth_server, client)
    assert lines.index(b"wait\n") > lines.index(b"19\n")


@pytest.mark.parametrize("program", MANY)
def test_a_client_that_goes_away_abruptly_ends_nothing_but_its_connection(program: Any) -> None:
    async def client(port: int) -> None:
        loop = asyncio.get_running_loop()
        steady = await connect(port)
        for lines in (b"", b"hello\n", b"half a line", b"many\n" * 500):
            crashing = socket.create_connection(("127.0.0.1", port))
            crashing.setblocking(False)
            if lines:
                await loop.sock_sendall(crashing, lines)
            if lines == b"hello\n":
                assert await loop.sock_recv(crashing, 100) == lines
            reset(crashing)
            assert await say(steady, b"steady\n") == b"steady\n"
        assert await say(steady, b"quit\n") == b"quit\n"
        await leave(steady)

    lines = serve(program, client)
    assert lines.count(b"steady\n") == 4
    assert b"hello\n" in lines


# The functions by themselves.


def test_a_reader_ends_at_a_reset_and_a_writer_notices_late() -> None:
    async def main() -> None:
        server, connections = await start()
        crashing = socket.create_connection(server.sockets[0].getsockname())
        reader, writer = await connections.__anext__()
        reset(crashing)
        assert await reader.read() == b""
        await until(writer.is_closing)
        writer.write(b"lost")
        await writer.drain()
        with pytest.raises(ConnectionError):
            for _ in range(10_000):
                writer.writelines([b"lost" * 100])
                await writer.drain()
        server.close()

    run(main())


def test_a_reset_can_be_an_error() -> None:
    async def main() -> None:
        server, connections = await start(abrupt_end=False)
        crashing = socket.create_connection(server.sockets[0].getsockname())
        reader, _ = await connections.__anext__()
        reset(crashing)
        with pytest.raises(ConnectionError):
            await reader.read()
        server.close()

    run(main())


def test_the_connections_end_with_the_server_and_their_task_is_there() -> None:
    async def main() -> None:
        server, connections = await start()
        waiting = asyncio.ensure_future(collect(connections))
        await turns()
        server.close()
        assert await waiting == []
        assert connections.is_stopped()
        await connections.task

    run(main())


def test_a_server_on_a_path_and_one_by_any_other_start(tmp_path: pathlib.Path) -> None:
    async def echo_once(server: Any, connections: Any, client: Connection) -> None:
        reader, writer = await connections.__anext__()
        client[1].write(b"hello\n")
        writer.write(await reader.readline())
        assert await client[0].readline() == b"hello\n"
        server.close()
        writer.close()
        await leave(client)
        assert await collect(connections) == []

    async def main() -> None:
        path = str(tmp_path / "socket")
        server, connections = await start_unix_server_aiter(path)
        await echo_once(server, connections, await asyncio.open_unix_connection(path))

        server, connections = await aiter_server(asyncio.start_server, host="127.0.0.1", port=0)
        await echo_once(server, connections, await connect(server.sockets[0].getsockname()[1]))

    run(main())
