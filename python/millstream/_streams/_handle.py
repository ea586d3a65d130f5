"""A stream with methods of its own, for operators that are talked to while they run."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._stream import Stream

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class Handle(Stream[T], Generic[T]):
    """A stream over an iterator that it knows by name. What is made of it is a plain stream over the same iterator."""

    __slots__ = ("_inner",)

    _inner: Any

    def __new__(cls, inner: AsyncIterable[T]) -> Self:
        handle = super().__new__(cls, inner)
        handle._inner = inner
        return handle

    def _with(self, step: str, *arguments: Any) -> Any:
        return Stream(self._inner)._with(step, *arguments)

    if not TYPE_CHECKING:

        def __aiter__(self) -> AsyncIterator[T]:
            # A loop over it needs no chain in between.
            return self._inner.__aiter__()

    async def aclose(self) -> None:
        """Closes the sources."""
        await self._inner.aclose()
