"""The tutorial on asynchronous iterators, and its iterators in the hands of this package."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from millstream.compat.aiter import azip, map_aiter, sharable_aiter
from seed_support import collect, run


async def delay() -> None:
    """What the tutorial waits a second for."""
    await asyncio.sleep(0)


class Steps:
    """An asynchronous iterator as a class."""

    def __init__(self, start: int, end: int) -> None:
        self.current = start
        self.end = end

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        if self.current >= self.end:
            raise StopAsyncIteration
        await delay()
        self.current += 1
        return self.current


async def generator() -> AsyncIterator[int]:
    """An asynchronous generator."""
    for number in range(3):
        await delay()
        yield number


def test_the_class_and_the_generator() -> None:
    assert run(collect(Steps(1, 5))) == [2, 3, 4, 5]
    assert run(collect(generator())) == [0, 1, 2]


def test_the_class_and_the_generator_together() -> None:
    async def main() -> None:
        doubled = map_aiter(lambda number: 2 * number, generator())
        assert await collect(azip(Steps(1, 5), doubled)) == [(2, 0), (3, 2), (4, 4)]

    run(main())


def test_two_tasks_share_them() -> None:
    async def main() -> None:
        for make in (lambda: Steps(0, 20), generator):
            shared = sharable_aiter(make())
            first, second = await asyncio.gather(collect(shared), collect(shared))
            assert sorted(first + second) == await collect(make())
            assert first
            assert second

    run(main())
