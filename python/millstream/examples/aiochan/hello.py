"""Three producers and three consumers on one channel.

Prints something like:

    consumer 0 has product 1 of producer 0
    consumer 1 has product 1 of producer 1
    consumer 2 has product 1 of producer 2
    all have gone home
"""

import asyncio

import millstream.compat.aiochan as ac


async def produce(name: int, chan: ac.Chan[str]) -> None:
    number = 0
    while True:
        await asyncio.sleep(0.1)
        number += 1
        if not await chan.put(f"product {number} of producer {name}"):
            break


async def consume(name: int, chan: ac.Chan[str]) -> None:
    async for product in chan:
        print("consumer", name, "has", product)


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    workers = [ac.go(work(name, chan)) for name in range(3) for work in (produce, consume)]
    await asyncio.sleep(1)
    chan.close()
    await asyncio.gather(*workers)
    print("all have gone home")


if __name__ == "__main__":
    ac.run(main())
