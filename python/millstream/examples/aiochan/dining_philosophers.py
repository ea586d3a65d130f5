"""Five philosophers, five forks: each fork is a channel with one value, and nobody starves.

Prints:

    philosopher 0 has eaten 3 times
    philosopher 1 has eaten 3 times
    philosopher 2 has eaten 3 times
    philosopher 3 has eaten 3 times
    philosopher 4 has eaten 3 times
"""

import asyncio
import random
from typing import Any

import millstream.compat.aiochan as ac


async def dine(number: int, forks: list[ac.Chan[Any]], gone: ac.Chan[int]) -> None:
    left, right = forks[number], forks[(number + 1) % len(forks)]
    meals = 0
    while meals < 3:
        await asyncio.sleep(random.uniform(0.1, 0.3))  # thinks
        first = await left.get()
        second, where = await ac.select(right, ac.timeout(0.1))
        if where is right:
            await asyncio.sleep(random.uniform(0.1, 0.3))  # eats
            meals += 1
            await right.put(second)
        await left.put(first)
    await gone.put(number)


async def main() -> None:
    forks: list[ac.Chan[Any]] = [ac.Chan[Any](1).add(f"fork {number}") for number in range(5)]
    gone: ac.Chan[int] = ac.Chan()
    for number in range(5):
        ac.go(dine(number, forks, gone))
    for number in sorted(await gone.collect(5)):
        print("philosopher", number, "has eaten 3 times")


if __name__ == "__main__":
    ac.run(main())
