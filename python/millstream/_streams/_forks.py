"""Streams that share one source: forks, which all see every item, and shares, of which one gets it."""

from __future__ import annotations

from typing import Generic, TypeVar

from ._fork import ForkItems
from ._handle import Handle
from ._share import SharedItems

T = TypeVar("T")


class Fork(Handle[T], Generic[T]):
    """One of the streams that all see every item of one; made by `Stream.fork`, and by `clone`.

    An *active* fork asks the source for items that no fork has seen yet. A *passive* one only sees what some active fork
    has asked for. When the last active fork is closed or collected the source is closed too, and passive forks end after
    what has gone by.

    Forks belong to the tasks of one event loop. One fork is for one task at a time.
    """

    __slots__ = ()

    _inner: ForkItems[T]

    def clone(self, *, active: bool | None = None) -> Fork[T]:
        """Another fork at the position of this one: active or passive, or else like it.

        Raises `ValueError` for an active clone of a passive fork: those do not keep the source.
        """
        puller = self._inner.puller
        if active and puller is None:
            raise ValueError("a passive fork does not know the source")
        return Fork(self._inner.another(None if active is False else puller))

    def passive(self) -> Fork[T]:
        """Another fork at the position of this one, which sees only what active ones have asked for."""
        return self.clone(active=False)

    def is_active(self) -> bool:
        """Whether this fork asks the source for more."""
        return self._inner.puller is not None

    def available(self) -> int:
        """How many items this fork could have without asking the source."""
        return self._inner.available()


class Share(Handle[T], Generic[T]):
    """A consumer of a stream that has others; made by `Stream.share`, and by `clone`.

    One consumer is for one task at a time; they belong to the tasks of one event loop.
    """

    __slots__ = ()

    _inner: SharedItems[T]

    def clone(self) -> Share[T]:
        """Another consumer of the same stream. Raises `ValueError` if this one was closed."""
        return Share(self._inner.another())
