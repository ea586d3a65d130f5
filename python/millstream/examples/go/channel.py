"""A channel between the boring function and the listener: they communicate, and keep in step.

Prints:

    You say: boring! 0
    You say: boring! 1
    You say: boring! 2
    You say: boring! 3
    You say: boring! 4
    You're boring; I'm leaving.
"""

import asyncio

import millstream.compat.aiochan as ac


async def boring(message: str, chan: ac.Chan[str]) -> None:
    number = 0
    while True:
        await chan.put(f"{message} {number}")
        await asyncio.sleep(1)
        number += 1


async def main() -> None:
    chan: ac.Chan[str] = ac.Chan()
    ac.go(boring("boring!", chan))
    for _ in range(5):
        print("You say:", await chan.get())
    print("You're boring; I'm leaving.")


if __name__ == "__main__":
    ac.run(main())
