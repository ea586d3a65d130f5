"""What the tests of the drop-in modules share."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pathlib
import socket
import struct
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 20
"""Seconds after which something that should end is taken to hang."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a loop of its own; what hangs is an error."""

    async def bounded() -> T:
        return await soon(main)

    return asyncio.run(bounded())


async def soon(work: Awaitable[T]) -> T:
    """What is awaited, which must not hang; `asyncio.wait_for` would believe what swallows its cancellation."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=PATIENCE)
    assert done, "it hangs"
    return task.result()


async def collect(items: AsyncIterable[T]) -> list[T]:
    """All items."""
    return [item async for item in items]


async def take(items: AsyncIterable[T], count: int) -> list[T]:
    """The first so many items, leaving the loop after them."""
    taken: list[T] = []
    async for item in items:
        taken.append(item)
        if len(taken) == count:
            break
    return taken


async def until(condition: Callable[[], object]) -> None:
    """Lets the others run until something is so."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came about")


async def turns(count: int = 20) -> None:
    """Lets the others run for so many turns: enough for whatever could happen by itself."""
    for _ in range(count):
        await asyncio.sleep(0)


async def cancelled(task: asyncio.Future[Any]) -> None:
    """Cancels a task, which has to end by that."""
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=PATIENCE)
    assert done, "the cancellation was swallowed"
    assert task.cancelled()


def others() -> list[asyncio.Task[Any]]:
    """The tasks beside this one and the one that guards the test."""
    mine = asyncio.current_task()
    return [task for task in asyncio.all_tasks() if task is not mine and "bounded" not in repr(task.get_coro())]


class Counted:
    """The numbers from 0 on, with a note of how many were pulled; it can be read on after a cancelled pull."""

    def __init__(self, end: int | None = None, error: BaseException | None = None) -> None:
        self.pulled = 0
        self.end = end
        self.error = error

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        if self.pulled == self.end:
            if self.error is not None:
                raise self.error
            raise StopAsyncIteration
        self.pulled += 1
        return self.pulled - 1


async def numbers(end: int, error: BaseException | None = None) -> AsyncIterator[int]:
    """The numbers below `end` from an async generator, then an error if there is one."""
    for number in range(end):
        yield number
    if error is not None:
        raise error


async def held(open_at: asyncio.Event, end: int) -> AsyncIterator[int]:
    """The numbers below `end` from an async generator that waits before the first until it may go on."""
    await open_at.wait()
    for number in range(end):
        yield number


def reset(connection: socket.socket) -> None:
    """Ends a connection as a crash does: the peer gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def check_signatures(package: str, table: str, added: dict[str, set[str]], anywhere: set[str], moved: set[str]) -> int:
    """Compares the signatures of the originals, as they were written down, with those of a package.

    `added` has the parameters of either generation that the other does not know, by name; those in `anywhere` are new,
    for any function, and can only be given by name; functions in `moved` have the parameters of an original in other
    places. Returns how many were compared.
    """
    originals = json.loads((pathlib.Path(__file__).parent / table).read_text())
    count = 0
    for original, facts in originals.items():
        for name in facts["exports"]:
            assert hasattr(importlib.import_module(package), name), (original, name)
        for path, theirs in facts["signatures"].items():
            module, _, qualified = path.partition(":")
            ours: Any = importlib.import_module(f"{package}.{module}" if module else package)
            for part in qualified.split("."):
                ours = getattr(ours, part)
            parameters = [
                [p.name, p.kind.name, None if p.default is p.empty else repr(p.default)]
                for p in inspect.signature(ours).parameters.values()
            ]
            extra = [p for p in parameters if p not in theirs]
            for name, kind, default in extra:
                assert default is not None, (original, path, name)
                if name in anywhere:
                    assert kind == "KEYWORD_ONLY", (original, path, name)
                else:
                    assert name in added.get(path, ()), (original, path, name)
            known = [p for p in parameters if p in theirs]
            if path in moved:
                known.sort()
                theirs = sorted(theirs)
            assert known == theirs, (original, path)
            count += 1
    return count
