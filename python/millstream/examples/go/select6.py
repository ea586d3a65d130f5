"""A quit channel with a receipt: the listener waits until the speaker has cleaned up.

Prints:

    Joe 0
    Joe 1
    Joe 2
    cleaning up
    Joe says: See you!
"""

import asyncio
from typing import Any

import millstream.compat.aiochan as ac


def boring(message: str, quit_: ac.Chan[Any]) -> ac.Chan[str]:
    chan: ac.Chan[str] = ac.Chan()

    async def work() -> None:
        number = 0
        while True:
            _, where = await ac.select((chan, f"{message} {number}"), quit_)
            if where is quit_:
                print("cleaning up")
                await asyncio.sleep(0.5)
                await quit_.put("See you!")
                break
            number += 1

    ac.go(work())
    return chan


async def main() -> None:
    quit_: ac.Chan[Any] = ac.Chan()
    chan = boring("Joe", quit_)
    for _ in range(3):
        print(await chan.get())
    await quit_.put("Bye!")
    print("Joe says:", await quit_.get())


if __name__ == "__main__":
    ac.run(main())
