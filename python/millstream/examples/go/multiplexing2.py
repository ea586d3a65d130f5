"""Restoring the order: each message has a channel on which the speaker is told to go on.

Prints, in some order:

    Joe 0
    Ann 0
    Joe 1
    Ann 1
    Joe 2
    Ann 2
"""

import asyncio
import random
from typing import Any, NamedTuple

import millstream.compat.aiochan as ac


class Message(NamedTuple):
    text: str
    may_go_on: ac.Chan[Any]


def boring(name: str) -> ac.Chan[Message]:
    chan: ac.Chan[Message] = ac.Chan()
    may_go_on: ac.Chan[Any] = ac.Chan()

    async def work() -> None:
        number = 0
        while True:
            await chan.put(Message(f"{name} {number}", may_go_on))
            await asyncio.sleep(random.random())
            await may_go_on.get()
            number += 1

    ac.go(work())
    return chan


async def main() -> None:
    chan = ac.merge(boring("Joe"), boring("Ann"))
    for _ in range(3):
        messages: list[Message] = await chan.collect(2)
        for message in messages:
            print(message.text)
        for message in messages:
            await message.may_go_on.put(True)


if __name__ == "__main__":
    ac.run(main())
