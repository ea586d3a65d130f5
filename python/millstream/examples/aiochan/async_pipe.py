"""Twenty values of 0.1 s each by ten coroutines: in order, and as they are done.

Prints:

    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38]
    in order: 0.2 s
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
"""

import asyncio

import millstream.compat.aiochan as ac


async def double(number: int) -> int:
    await asyncio.sleep(0.1)
    return number * 2


async def late(number: int) -> int:
    await asyncio.sleep(1 - 0.1 * number)
    return number


async def main() -> None:
    time = asyncio.get_running_loop().time
    start = time()
    print(await ac.from_range(20).async_pipe(10, double).collect())
    print(f"in order: {time() - start:.1f} s")
    print(await ac.from_range(10).async_pipe_unordered(10, late).collect())


if __name__ == "__main__":
    ac.run(main())
