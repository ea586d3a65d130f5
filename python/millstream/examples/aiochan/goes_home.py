"""A producer and a consumer who both learn that the day is over: by the result of put, and by None from get.

Prints:

    obtained: product 1
    obtained: product 2
    obtained: product 3
    obtained: product 4
    obtained: product 5
    It is late, let us call it a day.
    consumer goes home
    producer goes home
"""

import asyncio

import millstream.compat.aiochan as ac


async def produce(chan: ac.Chan[str]) -> None:
    number = 0
    while True:
        await asyncio.sleep(0.1)
        number += 1
        if not await chan.put(f"product {number}"):
            print("producer goes home")
            break


async def consume(chan: ac.Chan[str]) -> None:
    while True:
        product = await chan.get()
        if product is None:
            print("consumer goes home")
            break
        print("obtained:", product)


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    workers = [ac.go(produce(chan)), ac.go(consume(chan))]
    await asyncio.sleep(0.55)
    print("It is late, let us call it a day.")
    chan.close()
    await asyncio.gather(*workers)


if __name__ == "__main__":
    ac.run(main())
