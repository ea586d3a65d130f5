"""Whichever of three locks is free: select over channels that are locks.

Prints:

    30 done in 1.0 s
"""

import asyncio

import millstream.compat.aiochan as ac


async def work(locks: list[ac.Chan[str]]) -> None:
    lock, chan = await ac.select(*locks)
    await asyncio.sleep(0.1)
    await chan.put(lock)


async def main() -> None:
    locks: list[ac.Chan[str]] = [ac.Chan[str](1).add(f"lock {number}") for number in range(3)]
    time = asyncio.get_running_loop().time
    start = time()
    await asyncio.gather(*(work(locks) for _ in range(30)))
    print(f"30 done in {time() - start:.1f} s")


if __name__ == "__main__":
    ac.run(main())
