"""The rows of a zip, which can be asked for what no row took."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from ._handle import Handle
from ._sources import Source
from ._stream import Stream
from ._zip import Rows

R = TypeVar("R")


class Zipped(Handle[R], Generic[R]):
    """Rows of several sources; made by `zip_all`, `zip_longest` and `Stream.zip`."""

    __slots__ = ()

    _inner: Rows[Any]

    @classmethod
    def of(cls, sources: tuple[Source[Any], ...], is_longest: bool, fill: Any) -> Zipped[Any]:
        """The rows of sources."""
        return Zipped(Rows(sources, is_longest, fill))

    def rest(self) -> tuple[Stream[Any], ...]:
        """Ends the zip, and gives for each source a stream of what no row has taken.

        That of a channel is the channel: what was taken from it has gone back.
        """
        return tuple(Stream(rest) for rest in self._inner.rest())
