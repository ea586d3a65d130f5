"""Search 2.0: all kinds at the same time; it takes as long as the slowest.

Prints:

    image result for 'millstream' of replica 1
    web result for 'millstream' of replica 1
    video result for 'millstream' of replica 1
    it took 0.10 s
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
    for _ in SEARCHES:
        print(await results.get())
    print(f"it took {time() - start:.2f} s")


if __name__ == "__main__":
    ac.run(main())
