"""Time as a channel that closes: a limit for one get, and for a loop.

Prints:

    nothing came in time
    tick 1
    tick 2
    tick 3
    tick 4
    the time is over
"""

import millstream.compat.aiochan as ac


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    limit = ac.timeout(0.1)
    _, where = await ac.select(chan, limit)
    print("nothing came in time" if where is limit else "something came")
    limit = ac.timeout(0.45)
    number = 0
    while True:
        _, where = await ac.select(limit, default="not yet")
        if where is limit:
            print("the time is over")
            break
        await ac.timeout(0.1).get()
        number += 1
        if not limit.closed:
            print("tick", number)


if __name__ == "__main__":
    ac.run(main())
