"""sav.channels 0.1: a channel whose sender is a block with a function that can be passed on.

Prints:

    One
    Two
    Three, from another coroutine
    The end
"""

import asyncio
from collections.abc import Awaitable, Callable

from millstream.compat.channels import Channel


async def another(itemize: Callable[[str], Awaitable[None]]) -> None:
    await itemize("Three, from another coroutine")


async def main() -> None:
    channel: Channel[str] = Channel()

    async def read() -> None:
        async for item in channel.receiver:
            print(item)

    async def write() -> None:
        async with channel.sender as itemize:
            await itemize("One")
            await itemize("Two")
            await another(itemize)
            await itemize("The end")

    await asyncio.gather(read(), write())


if __name__ == "__main__":
    asyncio.run(main())
