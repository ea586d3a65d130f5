"""The consumer as an `async for`: the end of the channel is the end of the loop.

Prints:

    obtained: product 1
    obtained: product 2
    obtained: product 3
    It is late, let us call it a day.
    consumer goes home
    producer goes home
"""

import asyncio

import millstream.compat.aiochan as ac
from millstream.examples.aiochan.goes_home import produce


async def consume(chan: ac.Chan[str]) -> None:
    async for product in chan:
        print("obtained:", product)
    print("consumer goes home")


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    workers = [ac.go(produce(chan)), ac.go(consume(chan))]
    await asyncio.sleep(0.35)
    print("It is late, let us call it a day.")
    chan.close()
    await asyncio.gather(*workers)


if __name__ == "__main__":
    ac.run(main())
