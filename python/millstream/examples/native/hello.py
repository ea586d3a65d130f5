"""A channel between two tasks: `async with` closes it, and `async for` ends then.

Prints:

    got 0
    got 1
    got 2
    the channel is closed
"""

import asyncio

import millstream as ms


async def produce(numbers: ms.Chan[int]) -> None:
    async with numbers:
        for number in range(3):
            await numbers.put(number)


async def main() -> None:
    numbers: ms.Chan[int] = ms.bounded(2)
    async with ms.Scope() as scope:
        scope.spawn(produce(numbers))
        async for number in numbers:
            print("got", number)
    print("the channel is closed")


if __name__ == "__main__":
    asyncio.run(main())
