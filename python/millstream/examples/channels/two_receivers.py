"""sav.channels 0.5, first example: one sender talks to two receivers.

Prints:

    Arnold: Hello Arnold.
    Bernard: Hello Bernard.
    Arnold: Goodbye Arnold.
    Bernard: Goodbye Bernard.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from millstream.compat import channels


async def send(first: AsyncGenerator[Any, str], second: AsyncGenerator[Any, str]) -> None:
    async with channels.open(first), channels.open(second):
        await first.asend("Hello Arnold.")
        await second.asend("Hello Bernard.")
        await first.asend("Goodbye Arnold.")
        await second.asend("Goodbye Bernard.")


async def show(name: str, receiver: AsyncIterator[str]) -> None:
    async for message in receiver:
        print(f"{name}: {message}")


async def main() -> None:
    arnold, to_arnold = channels.create()
    bernard, to_bernard = channels.create()
    await asyncio.gather(send(to_arnold, to_bernard), show("Arnold", arnold), show("Bernard", bernard))


if __name__ == "__main__":
    asyncio.run(main())
