"""A fast producer behind a buffer of three: it runs ahead so far, and then goes at the consumer's pace.

Prints:

    producing 1
    producing 2
    producing 3
    producing 4
    consuming 1
    producing 5
    consuming 2
    producing 6
    consuming 3
    consuming 4
"""

import asyncio

import millstream.compat.aiochan as ac


async def produce(chan: ac.Chan[int]) -> None:
    for number in range(1, 7):
        print("producing", number)
        await chan.put(number)


async def main() -> None:
    chan: ac.Chan[int] = ac.Chan(3)
    ac.go(produce(chan))
    for _ in range(4):
        await asyncio.sleep(0.1)
        print("consuming", await chan.get())


if __name__ == "__main__":
    ac.run(main())
