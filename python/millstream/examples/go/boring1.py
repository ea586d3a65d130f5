"""A boring function that talks for ever, and a program that can do nothing else.

Prints:

    boring! 0
    boring! 1
    boring! 2
    and it would go on for ever
"""

import asyncio

import millstream.compat.aiochan as ac


async def boring(message: str) -> None:
    number = 0
    while True:
        print(message, number)
        await asyncio.sleep(1)
        number += 1


async def main() -> None:
    try:
        await asyncio.wait_for(boring("boring!"), 2.5)
    except asyncio.TimeoutError:
        print("and it would go on for ever")


if __name__ == "__main__":
    ac.run(main())
