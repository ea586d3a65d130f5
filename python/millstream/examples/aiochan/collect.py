"""Values into a channel and out of it in one go: add, collect, from_iter, from_range.

Prints:

    [1, 2, 3]
    [1, 2] and then [3]
    ['a', 'b', 'c']
    [0, 1, 4, 9, 16]
    [0, 1, 2] [2, 3] [2, 5, 8]
"""

import itertools

import millstream.compat.aiochan as ac


async def main() -> None:
    print(await ac.Chan[int]().add(1, 2, 3).close().collect())
    chan: ac.Chan[int] = ac.Chan[int]().add(1, 2, 3).close()
    print(await chan.collect(2), "and then", await chan.collect())
    print(await ac.from_iter("abc").collect())
    print(await ac.from_iter(number * number for number in itertools.count()).collect(5))
    print(
        await ac.from_range(3).collect(),
        await ac.from_range(2, 4).collect(),
        await ac.from_range(2, None, 3).collect(3),
    )


if __name__ == "__main__":
    ac.run(main())
