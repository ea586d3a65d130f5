"""Connections on which an abrupt end is an end, as it is for programs that only read until nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

__all__ = ["make_patient"]

HIGH_WATER = 64 * 1024
"""How much can be written to a lost connection before that is an error: as much as asyncio lets lie unsent anyway."""


class Reader(asyncio.StreamReader):
    """A reader that comes to its end when the connection is lost."""

    def set_exception(self, exc: Any) -> None:
        """Ends the stream if the connection is lost; any other error is raised to whoever reads."""
        if isinstance(exc, ConnectionError):
            self.feed_eof()
        else:
            super().set_exception(exc)


class Writer(asyncio.StreamWriter):
    """A writer that notices the loss of its connection late.

    That what was written has been drained never means that the peer has it: so much may be under way in the buffers.
    For as much as that, a lost connection is no error here; after it, `drain` raises what it always raises.
    """

    _unsent = 0

    def write(self, data: Any) -> None:
        """Writes, and counts what may be written for nobody."""
        if not self.is_closing():
            super().write(data)
            return
        self._unsent += len(data)
        # asyncio's transports ignore this, while others may say that they are gone.
        with suppress(RuntimeError):
            super().write(data)

    def writelines(self, data: Iterable[Any]) -> None:
        """Writes each of `data`."""
        for part in data:
            self.write(part)

    async def drain(self) -> None:
        """Waits until there is room for more; raises `ConnectionError` if too much was written after the loss."""
        try:
            await super().drain()
        except ConnectionError:
            if self._unsent > HIGH_WATER:
                raise
            await asyncio.sleep(0)


def make_patient(reader: object, writer: object) -> None:
    """Makes the reader and the writer of a connection so, if they are asyncio's."""
    # The connection has made them already, and refers to them: only their ways can be changed.
    if type(reader) is asyncio.StreamReader:
        reader.__class__ = Reader
    if type(writer) is asyncio.StreamWriter:
        writer.__class__ = Writer
