"""Replicas: the same question to all of them, and the first answer is taken.

Prints:

    web result for 'millstream' of replica 2
"""

import millstream.compat.aiochan as ac
from millstream.examples.go._searches import Search, fake_search


async def first(query: str, *replicas: Search) -> str:
    # The others are not to wait for ever with answers that nobody wants: hence the room for all.
    answers: ac.Chan[str] = ac.Chan(len(replicas))

    async def ask(replica: Search) -> None:
        await answers.put(await replica(query))

    for replica in replicas:
        ac.go(ask(replica))
    answer = await answers.get()
    assert answer is not None
    return answer


async def main() -> None:
    print(await first("millstream", fake_search("web", 0.08, 1), fake_search("web", 0.02, 2)))


if __name__ == "__main__":
    ac.run(main())
