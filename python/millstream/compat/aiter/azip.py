"""Tuples of one item from each of several iterators."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeVar

from ... import _core
from ..._streams._zip import Rows
from ._source import Kept, Safe
from ._stage import Stage
from .push_aiter import push_aiter

__all__ = ["azip"]

T = TypeVar("T")


class Zipped(Stage["tuple[T, ...]"], Safe):
    """Tuples of items that are pulled at the same time."""

    def __init__(self, sources: tuple[AsyncIterable[T], ...]) -> None:
        self._rows: Rows[T] = Rows(tuple(map(_source, sources)), False, None)
        self._rests: list[AsyncIterator[T]] | None = None
        # One tuple is made at a time; this holds something while nobody makes one.
        self._turn: _core.Chan[None] = _core.bounded(1)
        self._turn.put_nowait(None)

    async def _pull(self) -> tuple[T, ...]:
        await self._turn.get()
        try:
            return await self._rows.__anext__()
        finally:
            self._turn.put_nowait(None)

    def rest(self) -> list[AsyncIterator[T]]:
        """For each source what is left of it, beginning with the item that was pulled and found no partners, if any.

        Ends this iterator.
        """
        self._is_over = True
        if self._rests is None:
            self._rests = self._rows.rest()
        return self._rests


def _source(source: AsyncIterable[T]) -> Any:
    """A source in which what was not used can be put back if it is a channel."""
    if type(source) is push_aiter and source.chan is not None:
        return source.chan
    if isinstance(source, (_core.Chan, _core.Receiver)):
        return source
    return Kept(source)


def azip(*aiters: AsyncIterable[Any]) -> Zipped[Any]:
    """Yields tuples of one item from each of `aiters`, which are waited for at the same time; of none, no tuples.

    It ends with the shortest. The items that were pulled for a tuple that did not come about go back into channels and
    into plain `push_aiter`s, and for all others they are the first that `rest()` of the returned iterator yields.
    An error of a source is raised in the place of the tuple.
    """
    return Zipped(aiters)
