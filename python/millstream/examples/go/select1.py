"""Select: one of several receives and sends, whichever can go ahead.

Prints:

    received 1 from the first
    received 2 from the second
    sent 3 to the third
    nobody was ready
"""

from __future__ import annotations

import asyncio
from typing import Any

import millstream.compat.aiochan as ac


async def main() -> None:
    first, second, third = (ac.Chan[int]() for _ in range(3))
    got: asyncio.Future[Any] | None = None
    for step in range(4):
        if step == 0:
            first.add(1)
        elif step == 1:
            second.add(2)
        elif step == 2:
            got = third.get()
        value, chan = await ac.select(first, second, (third, 3), default="nothing")
        if chan is first:
            print("received", value, "from the first")
        elif chan is second:
            print("received", value, "from the second")
        elif chan is third and got is not None:
            print("sent", await got, "to the third")
        else:
            print("nobody was ready")


if __name__ == "__main__":
    ac.run(main())
