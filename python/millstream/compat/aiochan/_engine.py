"""From aiochan's ways to ask for a buffer to a channel of the engine."""

from __future__ import annotations

import numbers
from typing import Any, Protocol

from ... import _core
from .buffers import IterBuffer, PromiseBuffer

__all__ = ["BufferLike", "make_core"]


class BufferLike(Protocol):
    """What an object needs in order to be a channel's buffer."""

    def add(self, el: Any) -> Any: ...
    def take(self) -> Any: ...
    @property
    def can_add(self) -> Any: ...
    @property
    def can_take(self) -> Any: ...


class _Adapter:
    """An aiochan buffer as the engine wants it.

    Such a buffer does not say how many values it has, only whether there is one, so one is what it is counted as.
    """

    __slots__ = ("_buffer",)

    def __init__(self, buffer: BufferLike) -> None:
        self._buffer = buffer

    def push(self, value: Any) -> None:
        self._buffer.add(value)

    def pop(self) -> Any:
        return self._buffer.take()

    def is_full(self) -> bool:
        return not self._buffer.can_add

    def __len__(self) -> int:
        return 1 if self._buffer.can_take else 0


def _size(kind: str, size: object) -> int:
    if not isinstance(size, numbers.Integral):
        raise TypeError(f"a buffer of kind {kind!r} needs a whole number as buffer_size, not {size!r}")
    return max(int(size), 0)


def _of_kind(kind: str, size: Any, name: str | None) -> _core.Chan[Any]:
    if kind == "f":
        return _core.bounded(_size(kind, size), name=name)
    if kind == "d":
        return _core.dropping(_size(kind, size), name=name)
    if kind == "s":
        # As for a deque, no size is no limit.
        return _core.unbounded(name=name) if size is None else _core.sliding(_size(kind, size), name=name)
    if kind == "p":
        return _core.promise(name=name)
    raise ValueError(f"there is no kind of buffer {kind!r}; the kinds are 'f', 'd', 's' and 'p'")


def make_core(buffer: Any, size: Any, name: str | None) -> _core.Chan[Any]:
    """The channel for what the constructor of ``Chan`` was given."""
    if buffer is None:
        return _core.rendezvous(name=name)
    if isinstance(buffer, str):
        return _of_kind(buffer, size, name)
    if isinstance(buffer, numbers.Integral):
        return _core.bounded(max(int(buffer), 0), name=name)
    if type(buffer) is IterBuffer:
        return _core.with_buffer(_Items(buffer), name=name)
    if type(buffer) is PromiseBuffer:
        core: _core.Chan[Any] = _core.promise(name=name)
        if buffer.can_take:
            core.put_nowait(buffer.take())
        return core
    for needed in ("add", "take", "can_add", "can_take"):
        # Asked of the type first: asking a property may run the buffer's code.
        if not hasattr(type(buffer), needed) and not hasattr(buffer, needed):
            raise TypeError(f"{buffer!r} cannot be a buffer: it has no {needed!r}")
    return _core.with_buffer(_Adapter(buffer), name=name)


class _Items:
    """An ``IterBuffer`` as the engine wants it: an error of the iterable comes out in its place and not before."""

    __slots__ = ("_buffer", "_error")

    def __init__(self, buffer: IterBuffer[Any]) -> None:
        self._buffer = buffer
        self._error: BaseException | None = None

    def push(self, value: Any) -> None:
        self._buffer.add(value)

    def is_full(self) -> bool:
        return True

    def __len__(self) -> int:
        if self._error is not None:
            return 1
        try:
            return 1 if self._buffer.can_take else 0
        except BaseException as error:
            self._error = error
            return 1

    def pop(self) -> Any:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self._buffer.take()
