"""Search 3.0: all kinds at the same time, replicas of each, and a limit for the whole: no locks, no condition variables.

Prints:

    video result for 'millstream' of replica 2
    image result for 'millstream' of replica 1
    web result for 'millstream' of replica 2
    it took 0.04 s
"""

import asyncio

import millstream.compat.aiochan as ac
from millstream.examples.go._searches import Search, fake_search
from millstream.examples.go.first import first

REPLICAS = [
    (fake_search("web", 0.1, 1), fake_search("web", 0.04, 2)),
    (fake_search("image", 0.03, 1), fake_search("image", 0.2, 2)),
    (fake_search("video", 0.5, 1), fake_search("video", 0.02, 2)),
]


async def main() -> None:
    time = asyncio.get_running_loop().time
    start = time()
    results: ac.Chan[str] = ac.Chan()

    async def work(replicas: tuple[Search, ...]) -> None:
        await results.put(await first("millstream", *replicas))

    for replicas in REPLICAS:
        ac.go(work(replicas))
    limit = ac.timeout(0.08)
    for _ in REPLICAS:
        result, where = await ac.select(results, limit)
        if where is limit:
            print("timed out")
            break
        print(result)
    print(f"it took {time() - start:.2f} s")


if __name__ == "__main__":
    ac.run(main())
