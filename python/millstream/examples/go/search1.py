"""Search 1.0: one kind after the other; the times add up.

Prints:

    web result for 'millstream' of replica 1
    image result for 'millstream' of replica 1
    video result for 'millstream' of replica 1
    it took 0.18 s
"""

import asyncio

import millstream.compat.aiochan as ac
from millstream.examples.go._searches import fake_search

SEARCHES = [fake_search("web", 0.05), fake_search("image", 0.03), fake_search("video", 0.1)]


async def main() -> None:
    time = asyncio.get_running_loop().time
    start = time()
    for search in SEARCHES:
        print(await search("millstream"))
    print(f"it took {time() - start:.2f} s")


if __name__ == "__main__":
    ac.run(main())
