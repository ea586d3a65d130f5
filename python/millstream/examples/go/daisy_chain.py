"""A daisy chain of ten thousand tasks, each of which adds one and passes it on.

Prints:

    10001
"""

import millstream.compat.aiochan as ac


async def pass_on(left: ac.Chan[int], right: ac.Chan[int]) -> None:
    number = await right.get()
    assert number is not None
    await left.put(1 + number)


async def main() -> None:
    leftmost: ac.Chan[int] = ac.Chan()
    left = leftmost
    for _ in range(10_000):
        right: ac.Chan[int] = ac.Chan()
        ac.go(pass_on(left, right))
        left = right
    ac.go(left.put(1))
    print(await leftmost.get())


if __name__ == "__main__":
    ac.run(main())
