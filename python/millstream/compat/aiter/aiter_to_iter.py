"""From an async iterator to a plain one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterator
from typing import TypeVar

__all__ = ["aiter_to_iter"]

T = TypeVar("T")


def aiter_to_iter(aiter: AsyncIterable[T], loop: asyncio.AbstractEventLoop | None = None) -> Iterator[T]:
    """Yields the items of an async iterator, running an event loop whenever one is asked for.

    Without `loop` it has a loop of its own, which is closed in the end. A loop that is running in another thread does
    the work there. In a thread with a running loop there is nothing to wait with: `RuntimeError`; use `async for`.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("aiter_to_iter would block the running event loop; use async for instead")
    if loop is not None:
        yield from _items(aiter, loop)
        return
    own = asyncio.new_event_loop()
    try:
        yield from _items(aiter, own)
    finally:
        _close(own)


def _items(aiter: AsyncIterable[T], loop: asyncio.AbstractEventLoop) -> Iterator[T]:
    iterator = aiter.__aiter__()

    async def pull() -> list[T]:
        # An end that is raised could not be told from a future's own StopIteration.
        try:
            return [await iterator.__anext__()]
        except StopAsyncIteration:
            return []

    while True:
        if loop.is_running():
            items = asyncio.run_coroutine_threadsafe(pull(), loop).result()
        else:
            items = loop.run_until_complete(pull())
        if not items:
            return
        yield items.pop()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Ends what still runs on a loop, and the loop."""
    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
