"""A generator: a function that returns a channel.

Prints:

    You say: boring! 0
    You say: boring! 1
    You say: boring! 2
    You're boring; I'm leaving.
"""

import asyncio

import millstream.compat.aiochan as ac


def boring(message: str, pause: float = 1) -> ac.Chan[str]:
    chan: ac.Chan[str] = ac.Chan()

    async def work() -> None:
        number = 0
        while True:
            await chan.put(f"{message} {number}")
            await asyncio.sleep(pause)
            number += 1

    ac.go(work())
    return chan


async def main() -> None:
    chan = boring("boring!")
    for _ in range(3):
        print("You say:", await chan.get())
    print("You're boring; I'm leaving.")


if __name__ == "__main__":
    ac.run(main())
