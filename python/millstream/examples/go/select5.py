"""A quit channel: the listener tells the speaker that it is enough.

Prints:

    Joe 0
    Joe 1
    Joe 2
    the speaker has left
"""

from typing import Any

import millstream.compat.aiochan as ac


def boring(message: str, quit_: ac.Chan[Any]) -> tuple[ac.Chan[str], Any]:
    chan: ac.Chan[str] = ac.Chan()

    async def work() -> None:
        number = 0
        while True:
            _, where = await ac.select((chan, f"{message} {number}"), quit_)
            if where is quit_:
                print("the speaker has left")
                break
            number += 1

    return chan, ac.go(work())


async def main() -> None:
    quit_: ac.Chan[Any] = ac.Chan()
    chan, speaker = boring("Joe", quit_)
    for _ in range(3):
        print(await chan.get())
    await quit_.put(True)
    await speaker


if __name__ == "__main__":
    ac.run(main())
