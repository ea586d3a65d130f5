"""Ticks do not drift, where one timeout after the other does: some work before each wait adds up.

Prints:

    20 timeouts took 2.4 s
    20 ticks took 2.0 s
"""

import asyncio
from typing import Any

import millstream.compat.aiochan as ac


async def main() -> None:
    time = asyncio.get_running_loop().time
    start = time()
    for _ in range(20):
        await asyncio.sleep(0.02)
        await ac.timeout(0.1).get()
    print(f"20 timeouts took {time() - start:.1f} s")
    start = time()
    ticks: ac.Chan[Any] = ac.tick_tock(0.1)
    for _ in range(20):
        await ticks.get()
        await asyncio.sleep(0.02)
    print(f"20 ticks took {time() - start:.1f} s")


if __name__ == "__main__":
    ac.run(main())
