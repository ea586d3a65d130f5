"""A search engine that consists of nothing but delays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Search = Callable[[str], Awaitable[str]]

KINDS = ("web", "image", "video")


def fake_search(kind: str, takes: float, replica: int = 1) -> Search:
    """A search that finds the same every time, after so many seconds."""

    async def search(query: str) -> str:
        await asyncio.sleep(takes)
        return f"{kind} result for {query!r} of replica {replica}"

    return search
