"""Producers of uneven speed: whoever has something is heard, and the slow ones hold up nobody.

Prints:

    p0 made 7
    p1 made 4
    p2 made 1
"""

import asyncio
import collections

import millstream.compat.aiochan as ac


async def produce(tag: str, pause: float, chan: ac.Chan[str]) -> None:
    while True:
        await asyncio.sleep(pause)
        if not await chan.put(tag):
            break


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    for number, pause in enumerate((0.1, 0.17, 0.4)):
        ac.go(produce(f"p{number}", pause, chan))
    made: collections.Counter[str] = collections.Counter()
    limit = ac.timeout(0.75)
    while True:
        tag, source = await ac.select(chan, limit)
        if source is limit:
            break
        made[tag] += 1
    chan.close()
    for tag in sorted(made):
        print(tag, "made", made[tag])


if __name__ == "__main__":
    ac.run(main())
