"""A rate limiter: a tick for each request, and a bucket of three for those that come all at once.

Prints:

    request 0 at 0.0 s
    request 1 at 0.0 s
    request 2 at 0.0 s
    request 3 at 0.5 s
    request 4 at 1.0 s
    request 5 at 1.5 s
"""

import asyncio

import millstream as ms


async def fill(bucket: ms.Chan[None], period: float) -> None:
    async for _ in ms.tick(period):
        bucket.put_nowait(None)


async def main() -> None:
    # What there is no room for is dropped: a bucket that is full stays so.
    bucket: ms.Chan[None] = ms.dropping(3)
    for _ in range(3):
        bucket.put_nowait(None)
    time = asyncio.get_running_loop().time
    start = time()
    async with ms.Scope() as scope:
        scope.spawn(fill(bucket, 0.5))
        for number in range(6):
            await bucket.get()
            print(f"request {number} at {time() - start:.1f} s")
        scope.cancel()


if __name__ == "__main__":
    asyncio.run(main())
