"""What the parts of `Stream` build on: the fused chain, and how one stream is made over another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._core import Chain

if TYPE_CHECKING:
    from ._stream import Stream

T = TypeVar("T", covariant=True)
U = TypeVar("U")


class Base(Chain[T], Generic[T]):
    """A chain that the parts of the vocabulary extend."""

    __slots__ = ()

    def _over(self, source: AsyncIterator[U]) -> Stream[U]:
        """A stream of another iterator, which takes from this one."""
        raise NotImplementedError

    def _step(self, step: str, *arguments: Any) -> Any:
        """This stream with one more step in its chain."""
        return self._with(step, *arguments)
