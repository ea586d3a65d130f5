"""An asynchronous generator, as in the tutorial; and one that can be emitted to from anywhere.

Prints:

    0
    1
    2
    ['even', 'odd', 'even']
"""

import asyncio
import collections.abc

import millstream as ms


async def async_generator() -> collections.abc.AsyncIterator[int]:
    for number in range(3):
        await asyncio.sleep(1)
        yield number


async def parities(emit: collections.abc.Callable[[str], collections.abc.Awaitable[None]]) -> None:
    async def one(number: int) -> None:
        await emit("odd" if number % 2 else "even")

    async for number in async_generator():
        await one(number)


async def main() -> None:
    async for value in async_generator():
        print(value)
    print(await ms.generate(parities).collect())


if __name__ == "__main__":
    asyncio.run(main())
