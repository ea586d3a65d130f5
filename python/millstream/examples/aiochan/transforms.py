"""Methods that make a channel of a channel.

Prints:

    map [0, 1, 4, 9, 16]
    filter [0, 2, 4]
    take [0, 1, 2]
    drop [3, 4]
    take_while [0, 1, 2]
    drop_while [3, 4]
    distinct [1, 2, 1]
    reduce [10]
    scan [0, 1, 3, 6, 10]
    group [[0, 1], [2, 3], [4]]
    group_by [(0, [0, 1, 2]), (1, [3, 4])]
"""

from typing import Any

import millstream.compat.aiochan as ac


async def main() -> None:
    def numbers() -> ac.Chan[int]:
        return ac.from_range(5)

    chans: dict[str, ac.Chan[Any]] = {
        "map": numbers().map(lambda number: number * number),
        "filter": numbers().filter(lambda number: number % 2 == 0),
        "take": numbers().take(3),
        "drop": numbers().drop(3),
        "take_while": numbers().take_while(lambda number: number < 3),
        "drop_while": numbers().drop_while(lambda number: number < 3),
        "distinct": ac.from_iter([1, 1, 2, 2, 1]).distinct(),
        "reduce": numbers().reduce(lambda total, number: total + number),
        "scan": numbers().scan(lambda total, number: total + number),
        "group": numbers().group(2),
        "group_by": numbers().group_by(lambda number: number // 3),
    }
    for name, chan in chans.items():
        print(name, await chan.collect())


if __name__ == "__main__":
    ac.run(main())
