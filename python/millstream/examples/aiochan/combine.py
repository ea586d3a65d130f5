"""Several channels made into one: merged, zipped, and the latest of each.

Prints:

    merge [0, 1, 2, 10, 11, 12]
    zip_chans [[0, 'a'], [1, 'b'], [2, 'c']]
    combine_latest, at the end [2, 'c']
"""

import millstream.compat.aiochan as ac


async def main() -> None:
    print("merge", sorted(await ac.merge(ac.from_range(3), ac.from_range(10, 13)).collect()))
    rows = await ac.zip_chans(ac.from_range(3), ac.from_iter("abc")).collect()
    print("zip_chans", [list(row) for row in rows])
    latest = await ac.combine_latest(ac.from_range(3), ac.from_iter("abc")).collect()
    print("combine_latest, at the end", list(latest[-1]))


if __name__ == "__main__":
    ac.run(main())
