"""The connections of a listening socket as a stream."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import NamedTuple

from . import _core
from ._background import Watch, shown, start

__all__ = ["Connection", "accept"]

_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 1.0
_OF_THE_PROCESS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""What passes when the process or the system has resources again, and not by trying at once."""
_OF_THE_LISTENER = {errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP, errno.EFAULT}
"""What does not pass. Whatever else may be wrong concerns one connection, which is gone with it."""


class Connection(NamedTuple):
    """An accepted connection, as asyncio's servers give it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


def accept(listener: socket.socket, *, capacity: int = 0, limit: int = 2**16) -> _core.Receiver[Connection]:
    """Accepts the connections of a listening socket: a server as a loop over its clients.

    A task of the running loop accepts. Beyond the one that it has in hand and the `capacity` that are kept for the
    receiver, connections wait in the socket's backlog. `limit` is that of the `StreamReader`.

    Connections that are reset before or after they are accepted concern nobody else. When the process has run out of
    file descriptors that goes to the loop's exception handler, and the task pauses for 5 ms, at most a second, and tries
    again. An error of the listener itself is raised by every get.

    When the receiver is closed or gone, the socket is closed, and so is a connection that nobody has got. The same
    happens when the loop is shut down, and then the consumer gets an `Error` that says so. Raises `RuntimeError`
    without a running loop. The idea is aiter's `start_server_aiter`, whose loop ends with the first reset.

        async for reader, writer in ms.accept(socket.create_server(("", 8080))):
            scope.spawn(serve(reader, writer))
    """
    loop = asyncio.get_running_loop()
    sender: _core.Sender[Connection]
    receiver: _core.Receiver[Connection]
    sender, receiver = _core.pair(capacity)
    listener.setblocking(False)

    def ended(error: BaseException | None) -> None:
        watch.stop()
        listener.close()
        sender.close(error=shown(error, "the accept loop"))

    watch = Watch(sender, loop, lambda: task.cancel())
    task = start(_accept_all(listener, sender, limit), ended, name="millstream accept")
    return receiver


async def _accept_all(listener: socket.socket, sender: _core.Sender[Connection], limit: int) -> None:
    loop = asyncio.get_running_loop()
    pause = 0.0
    while True:
        try:
            accepted, _ = await loop.sock_accept(listener)
        except OSError as error:
            if error.errno in _OF_THE_LISTENER or listener.fileno() < 0:
                raise
            if error.errno in _OF_THE_PROCESS:
                pause = min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)
                loop.call_exception_handler(
                    {"message": f"no connection could be accepted, next try in {pause} s", "exception": error}
                )
            # Whatever it was: siblings have their turn before the next try.
            await asyncio.sleep(pause)
            continue
        pause = 0.0
        try:
            connection = await _connection(accepted, limit)
        except OSError:
            accepted.close()
            continue
        except BaseException:
            accepted.close()
            raise
        try:
            await sender.put(connection)
        except BaseException:
            connection.writer.transport.abort()
            raise


async def _connection(accepted: socket.socket, limit: int) -> Connection:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit, loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, accepted)
    return Connection(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
