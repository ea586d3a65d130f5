"""Select over gets: whichever of three channels has a value first, until all are closed.

Prints, in some order:

    0 from the first
    1 from the first
    0 from the second
    1 from the second
    0 from the third
    1 from the third
    closed, one after the other: 3
"""

import asyncio

import millstream.compat.aiochan as ac


async def produce(tag: str, chan: ac.Chan[str]) -> None:
    for number in range(2):
        await asyncio.sleep(0.1)
        await chan.put(f"{number} from the {tag}")
    chan.close()


async def main() -> None:
    chans = [ac.Chan[str]() for _ in range(3)]
    for tag, chan in zip(("first", "second", "third"), chans):
        ac.go(produce(tag, chan))
    closed = 0
    while chans:
        value, chan = await ac.select(*chans)
        if value is None:
            closed += 1
            chans.remove(chan)
        else:
            print(value)
    print("closed, one after the other:", closed)


if __name__ == "__main__":
    ac.run(main())
