"""Fan-out: three consumers of one channel. Each product goes to one of them, and they share the work evenly.

Prints, in some order:

    c0 obtained product 1
    c1 obtained product 2
    c2 obtained product 3
    c0 obtained product 4
    c1 obtained product 5
    c2 obtained product 6
"""

import asyncio

import millstream.compat.aiochan as ac


async def consume(tag: str, chan: ac.Chan[str]) -> None:
    async for product in chan:
        print(tag, "obtained", product)
        await asyncio.sleep(0.15)


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    consumers = [ac.go(consume(f"c{number}", chan)) for number in range(3)]
    for number in range(1, 7):
        await chan.put(f"product {number}")
        await asyncio.sleep(0.05)
    chan.close()
    await asyncio.gather(*consumers)


if __name__ == "__main__":
    ac.run(main())
