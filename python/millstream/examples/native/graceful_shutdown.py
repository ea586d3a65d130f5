"""A graceful shutdown: nothing new is taken, what is in work is finished, and what takes too long is cancelled.

Prints:

    taken: [0, 1, 2, 3]
    finished: [0, 2, 3]
    still there for another time: [4, 5, 6, 7]
"""

import asyncio

import millstream as ms


async def take(scope: ms.Scope, requests: ms.Chan[int], taken: list[int], finished: list[int]) -> None:
    while True:
        chosen = await ms.select(scope.cancellation, requests, biased=True)
        if chosen.closed:
            break
        request: int = chosen.value
        taken.append(request)
        await asyncio.sleep(60 if request == 1 else 1)
        finished.append(request)


async def main() -> None:
    requests: ms.Chan[int] = ms.unbounded()
    taken: list[int] = []
    finished: list[int] = []
    await requests.put_many(range(8))
    async with ms.Scope(grace=5) as scope:
        for _ in range(2):
            # They are not interrupted, but learn of the cancellation; after the time of grace they are cancelled too.
            scope.spawn_cooperative(take(scope, requests, taken, finished))
        await asyncio.sleep(2.5)
        scope.cancel()
    print("taken:", taken)
    print("finished:", finished)
    print("still there for another time:", requests.drain())


if __name__ == "__main__":
    asyncio.run(main())
