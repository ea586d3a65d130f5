"""A pipeline: tasks for what waits, threads for what blocks, processes for what computes, each stage beside the others.

Prints:

    7 to the power of 10 has 1 times the digit 7
    7 to the power of 20 has 3 times the digit 7
    7 to the power of 40 has 3 times the digit 7
    7 to the power of 80 has 4 times the digit 7
    7 to the power of 160 has 17 times the digit 7
"""

import asyncio
import time

import millstream as ms

OUTSIDE = True


async def fetch(number: int) -> int:
    await asyncio.sleep(0.1)
    return 1 << number


def decode(number: int) -> int:
    time.sleep(0.001)
    return number * 10


def sevens(number: int) -> tuple[int, int]:
    return number, str(7**number).count("7")


async def main() -> None:
    fetched = ms.tasks(4, fetch, ms.from_range(5), ordered=True)
    decoded = ms.threads(2, decode, fetched, ordered=True)
    counted = ms.processes(2, sevens, decoded, ordered=True)
    async for number, count in counted:
        print(f"7 to the power of {number} has {count} times the digit 7")


if __name__ == "__main__":
    asyncio.run(main())
