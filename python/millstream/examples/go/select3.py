"""A timeout for each message.

Prints:

    boring! 0
    boring! 1
    boring! 2
    You're too slow.
"""

import asyncio

import millstream.compat.aiochan as ac


def slower_and_slower(message: str) -> ac.Chan[str]:
    chan: ac.Chan[str] = ac.Chan()

    async def work() -> None:
        number = 0
        while True:
            await chan.put(f"{message} {number}")
            number += 1
            await asyncio.sleep(0.4 * number)

    ac.go(work())
    return chan


async def main() -> None:
    chan = slower_and_slower("boring!")
    while True:
        limit = ac.timeout(1)
        message, where = await ac.select(chan, limit)
        if where is limit:
            print("You're too slow.")
            break
        print(message)


if __name__ == "__main__":
    ac.run(main())
