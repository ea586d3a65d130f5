"""Fan-in: three producers of one channel, which has what all of them make.

Prints, in some order:

    obtained: product 1 of p0
    obtained: product 1 of p1
    obtained: product 1 of p2
    obtained: product 2 of p0
    obtained: product 2 of p1
    obtained: product 2 of p2
"""

import asyncio

import millstream.compat.aiochan as ac


async def produce(tag: str, chan: ac.Chan[str]) -> None:
    for number in (1, 2):
        await asyncio.sleep(0.1)
        await chan.put(f"product {number} of {tag}")


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    for number in range(3):
        ac.go(produce(f"p{number}", chan))
    for _ in range(6):
        print("obtained:", await chan.get())


if __name__ == "__main__":
    ac.run(main())
