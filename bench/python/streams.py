"""The cells of streams: map and filter in one chain, and the merge of four sources."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import millstream as ms
from measure import Cell, Ready

Delivered = tuple[int, int]


def _add(number: int) -> int:
    return number + 1


def _is_kept(number: int) -> bool:
    return number > 0


async def _consumed(items: Any, less: int = 0) -> Delivered:
    """What an async iterator has, each item `less` so much."""
    count = total = 0
    async for item in items:
        count += 1
        total += item - less
    return count, total


async def _fused(n: int) -> Ready:
    return Ready(lambda: _consumed(ms.from_iter(range(n)).map(_add).filter(_is_kept), 1))


async def _builtins(n: int) -> Ready:
    async def body() -> Delivered:
        count = total = 0
        for item in filter(_is_kept, map(_add, range(n))):
            count += 1
            total += item - 1
        return count, total

    return Ready(body)


async def _generators(n: int) -> Ready:
    async def source() -> Any:
        for number in range(n):
            yield number

    async def mapped(items: Any) -> Any:
        async for item in items:
            yield _add(item)

    async def filtered(items: Any) -> Any:
        async for item in items:
            if _is_kept(item):
                yield item

    return Ready(lambda: _consumed(filtered(mapped(source())), 1))


async def _aiter(n: int) -> Ready:
    aiter = importlib.import_module("aiter")

    def body() -> Any:
        mapped = aiter.map_aiter(_add, aiter.iter_to_aiter(range(n)))
        return _consumed(aiter.map_filter_aiter(lambda item: [item] if _is_kept(item) else [], mapped), 1)

    return Ready(body)


async def _streamable(n: int) -> Ready:
    streamable = importlib.import_module("streamable")
    stream = getattr(streamable, "stream", None) or streamable.Stream

    def body() -> Any:
        items = stream(range(n)).map(_add)
        filtered = getattr(items, "filter", None) or items.where
        return _consumed(filtered(_is_kept), 1)

    return Ready(body)


async def _aiostream(n: int) -> Ready:
    stream = importlib.import_module("aiostream").stream

    async def body() -> Delivered:
        async with stream.filter(stream.map(stream.iterate(range(n)), _add), _is_kept).stream() as items:
            return await _consumed(items, 1)

    return Ready(body)


def _aiochan(module: str) -> Any:
    async def subject(n: int) -> Ready:
        ac = importlib.import_module(module)
        return Ready(lambda: _consumed(ac.from_range(n).map(_add).filter(_is_kept), 1))

    return subject


async def _quarter(n: int, start: int) -> Any:
    for number in range(start, n, 4):
        yield number


async def _merge_ours(n: int) -> Ready:
    return Ready(lambda: _consumed(ms.merge(*(_quarter(n, start) for start in range(4)))))


async def _merge_by_hand(n: int) -> Ready:
    end = object()

    async def body() -> Delivered:
        queue: asyncio.Queue[Any] = asyncio.Queue(100)

        async def pull(source: Any) -> None:
            async for item in source:
                await queue.put(item)
            await queue.put(end)

        tasks = [asyncio.ensure_future(pull(_quarter(n, start))) for start in range(4)]
        count = total = 0
        open_sources = 4
        while open_sources:
            item = await queue.get()
            if item is end:
                open_sources -= 1
            else:
                count += 1
                total += item
        await asyncio.gather(*tasks)
        return count, total

    return Ready(body)


def _merge_aiochan(module: str) -> Any:
    async def subject(n: int) -> Ready:
        ac = importlib.import_module(module)
        return Ready(lambda: _consumed(ac.merge(*(ac.from_iter(range(start, n, 4)) for start in range(4)))))

    return subject


async def _merge_aiostream(n: int) -> Ready:
    stream = importlib.import_module("aiostream").stream

    async def body() -> Delivered:
        async with stream.merge(*(_quarter(n, start) for start in range(4))).stream() as items:
            return await _consumed(items)

    return Ready(body)


CELLS = [
    Cell(
        "map and filter",
        "over a range, consumed by async for",
        20_000,
        {
            "millstream": _fused,
            "builtins, no async": _builtins,
            "async generators": _generators,
            "aiter": _aiter,
            "streamable": _streamable,
            "aiostream": _aiostream,
            "aiochan": _aiochan("aiochan"),
            "compat.aiochan": _aiochan("millstream.compat.aiochan"),
        },
        {"aiter": 2, "aiostream": 5, "aiochan": 30},
    ),
    Cell(
        "merge of 4",
        "async generators; with aiochan, channels of ranges",
        20_000,
        {
            "millstream": _merge_ours,
            "queue by hand": _merge_by_hand,
            "aiochan": _merge_aiochan("aiochan"),
            "compat.aiochan": _merge_aiochan("millstream.compat.aiochan"),
            "aiostream": _merge_aiostream,
        },
        {"queue by hand": 2, "aiochan": 15},
    ),
]
