"""A producer as a function that returns its channel: who calls it need not know how the values come about.

Prints:

    obtained: product 1
    obtained: product 2
    obtained: product 3
"""

import asyncio

import millstream.compat.aiochan as ac


def producer(products: int) -> ac.Chan[str]:
    chan: ac.Chan[str] = ac.Chan()

    async def work() -> None:
        for number in range(1, products + 1):
            await asyncio.sleep(0.1)
            await chan.put(f"product {number}")
        chan.close()

    ac.go(work())
    return chan


async def main() -> None:
    async for product in producer(3):
        print("obtained:", product)


if __name__ == "__main__":
    ac.run(main())
