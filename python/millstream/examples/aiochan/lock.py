"""A channel with one value in it is a lock, and with two it is a semaphore.

Prints:

    lock: at most 1 inside, 10 done in 1.0 s
    semaphore: at most 2 inside, 10 done in 0.5 s
"""

import asyncio
from typing import Any

import millstream.compat.aiochan as ac


class Inside:
    """How many are inside, and how many there were at most."""

    now = 0
    most = 0


async def work(permits: ac.Chan[Any], inside: Inside) -> None:
    permit = await permits.get()
    inside.now += 1
    inside.most = max(inside.most, inside.now)
    await asyncio.sleep(0.1)
    inside.now -= 1
    await permits.put(permit)


async def main() -> None:
    for name, places in (("lock", 1), ("semaphore", 2)):
        permits: ac.Chan[Any] = ac.Chan[Any](places).add(*["permit"] * places)
        inside = Inside()
        time = asyncio.get_running_loop().time
        start = time()
        await asyncio.gather(*(work(permits, inside) for _ in range(10)))
        print(f"{name}: at most {inside.most} inside, 10 done in {time() - start:.1f} s")


if __name__ == "__main__":
    ac.run(main())
