"""Back to the main thread: a loop works in a thread of its own, and its values are iterated over here.

Prints:

    obtained: product 1
    obtained: product 2
    obtained: product 3
"""

import asyncio

import millstream.compat.aiochan as ac

OUTSIDE = True


async def produce(chan: ac.Chan[str]) -> None:
    for number in (1, 2, 3):
        await asyncio.sleep(0.01)
        await chan.put(f"product {number}")
    chan.close()


def main() -> None:
    loop = asyncio.new_event_loop()
    chan: ac.Chan[str] = ac.Chan(loop=loop)
    products = chan.to_iterable()
    _, thread = ac.run_in_thread(produce(chan), loop=loop)
    for product in products:
        print("obtained:", product)
    thread.join()
    loop.close()


if __name__ == "__main__":
    main()
