"""sav.channels 0.5, second example: letters and numbers take turns on one pair of ends.

Prints:

    A
    0
    B
    1
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from typing import Any

from millstream.compat import channels


async def numbers(end: AsyncGenerator[str, Any]) -> None:
    async with channels.open(end, start=False):
        print(await end.asend(None))
        for number in itertools.count():
            print(await end.asend(number))


async def letters(end: AsyncGenerator[int, str]) -> None:
    async with channels.open(end):
        print(await end.asend("A"))
        print(await end.asend("B"))


async def main() -> None:
    left, right = channels.create()
    await asyncio.gather(numbers(left), letters(right))


if __name__ == "__main__":
    asyncio.run(main())
