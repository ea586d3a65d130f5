"""Search 2.1: no waiting for slow servers; what has not come in time is left out.

Prints:

    image result for 'millstream' of replica 1
    web result for 'millstream' of replica 1
    timed out
    it took 0.08 s
"""

import asyncio

import millstream.compat.aiochan as ac
from millstream.examples.go._searches import Search
from millstream.examples.go.search1 import SEARCHES


async def main() -> None:
    time = asyncio.get_running_loop().time
    start = time()
    results: ac.Chan[str] = ac.Chan()

    async def work(search: Search) -> None:
        await results.put(await search("millstream"))

    for search in SEARCHES:
        ac.go(work(search))
    limit = ac.timeout(0.08)
    for _ in SEARCHES:
        result, where = await ac.select(results, limit)
        if where is limit:
            print("timed out")
            break
        print(result)
    print(f"it took {time() - start:.2f} s")


if __name__ == "__main__":
    ac.run(main())
