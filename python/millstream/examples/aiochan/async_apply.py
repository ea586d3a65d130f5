"""A function of both channels, for what is no map of single values: each number as often as it says.

Prints:

    [1, 2, 2, 3, 3, 3, 4, 4, 4, 4]
"""

import millstream.compat.aiochan as ac


async def duplicate_face_value(inp: ac.Chan[int], out: ac.Chan[int]) -> None:
    async for number in inp:
        for _ in range(number):
            await out.put(number)
    out.close()


async def main() -> None:
    print(await ac.from_range(5).async_apply(duplicate_face_value).collect())


if __name__ == "__main__":
    ac.run(main())
