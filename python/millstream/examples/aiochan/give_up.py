"""A put that is given up if nobody takes the value at once.

Prints:

    put 0 gave up
    put 1 gave up
    put 2 was taken
"""

import asyncio

import millstream.compat.aiochan as ac


async def main() -> None:
    chan: ac.Chan[int] = ac.Chan()
    for number in range(3):
        if number == 2:
            ac.go(chan.get())
            await asyncio.sleep(0.1)
        _, where = await ac.select((chan, number), default="gave up")
        print("put", number, "was taken" if where is chan else "gave up")


if __name__ == "__main__":
    ac.run(main())
