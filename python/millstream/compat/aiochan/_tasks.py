"""Tasks that nobody else holds, so that they are not collected in the middle of their work."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

__all__ = ["keep", "release"]

_T = TypeVar("_T", bound="asyncio.Future[Any]")

_kept: set[asyncio.Future[Any]] = set()
_sweep_at = 64


def keep(task: _T) -> _T:
    """Holds ``task`` until it is done, or its loop is closed so that it never will be."""
    global _sweep_at
    if len(_kept) >= _sweep_at:
        for old in [old for old in _kept if old.get_loop().is_closed()]:
            _kept.discard(old)
        _sweep_at = 2 * len(_kept) + 64
    _kept.add(task)
    task.add_done_callback(_kept.discard)
    return task


def release(task: asyncio.Future[Any]) -> None:
    """Holds ``task`` no longer."""
    _kept.discard(task)
