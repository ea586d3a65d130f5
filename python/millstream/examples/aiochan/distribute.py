"""Each value to whichever of three channels takes it first: the fast consumer does most of the work.

Prints:

    9 in all, most of them by the fast one: True
"""

import asyncio

import millstream.compat.aiochan as ac


async def consume(pause: float, chan: ac.Chan[int]) -> int:
    count = 0
    async for _ in chan:
        count += 1
        await asyncio.sleep(pause)
    return count


async def main() -> None:
    chans = [ac.Chan[int]() for _ in range(3)]
    consumers = [ac.go(consume(pause, chan)) for pause, chan in zip((0.1, 0.4, 0.4), chans)]
    ac.from_range(9).distribute(*chans)
    counts = await asyncio.gather(*consumers)
    print(sum(counts), "in all, most of them by the fast one:", counts[0] > counts[1] + counts[2])


if __name__ == "__main__":
    ac.run(main())
