"""sav.channels 0.5, third example: a channel is the source of a pipeline of generators.

Prints:

    Combining: Item 1 Item 2
    Combining: Item 3 Item 4
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from millstream.compat import channels


async def produce(sender: AsyncGenerator[Any, str]) -> None:
    async with channels.open(sender):
        for number in range(1, 5):
            await sender.asend(f"Item {number}")


async def transform(receiver: AsyncIterator[str]) -> AsyncIterator[str]:
    pair: list[str] = []
    async for item in receiver:
        pair.append(item)
        if len(pair) == 2:
            yield " ".join(["Combining:", *pair])
            pair.clear()


async def consume(lines: AsyncIterator[str]) -> None:
    async for line in lines:
        print(line)


async def main() -> None:
    receiver, sender = channels.create()
    await asyncio.gather(produce(sender), consume(transform(receiver)))


if __name__ == "__main__":
    asyncio.run(main())
