"""What becomes of values without room: a dropping buffer keeps the oldest, a sliding one the newest, a promise the first.

Prints:

    dropping [1, 2]
    sliding [2, 3]
    promise 1 1 1
"""

import millstream.compat.aiochan as ac


async def main() -> None:
    dropping: ac.Chan[int] = ac.Chan("d", 2)
    print("dropping", await dropping.add(1, 2, 3).close().collect())
    sliding: ac.Chan[int] = ac.Chan("s", 2)
    print("sliding", await sliding.add(1, 2, 3).close().collect())
    promise: ac.Chan[int] = ac.Chan("p")
    promise.add(1, 2, 3)
    print("promise", await promise.get(), await promise.get(), await promise.get())


if __name__ == "__main__":
    ac.run(main())
