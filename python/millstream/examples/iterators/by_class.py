"""An asynchronous iterator as a class, as in the tutorial; and as a stream, which has operators.

Prints:

    2
    3
    4
    5
    [4, 9, 16, 25]
"""

import asyncio

import millstream as ms


class AsyncIterator:
    def __init__(self, start: int, end: int) -> None:
        self.current = start
        self.end = end

    def __aiter__(self) -> "AsyncIterator":
        return self

    async def __anext__(self) -> int:
        if self.current >= self.end:
            raise StopAsyncIteration
        await asyncio.sleep(1)
        self.current += 1
        return self.current


async def main() -> None:
    async for number in AsyncIterator(1, 5):
        print(number)
    print(await ms.stream(AsyncIterator(1, 5)).map(lambda number: number * number).collect())


if __name__ == "__main__":
    asyncio.run(main())
