"""Two transformations into one channel, which neither of them closes.

Prints:

    [0, 2, 4, 10, 12]
"""

import millstream.compat.aiochan as ac


async def main() -> None:
    out: ac.Chan[int] = ac.Chan()
    ac.from_range(3).map(lambda number: number * 2, out=out, close=False)
    ac.from_range(10, 13).filter(lambda number: number != 11, out=out, close=False)
    print(sorted(await out.collect(5)))


if __name__ == "__main__":
    ac.run(main())
