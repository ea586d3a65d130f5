"""Select over puts: a value for whichever of three receivers is waiting.

Prints:

    the second takes 0
    the first takes 1
    the third takes 2
"""

import asyncio

import millstream.compat.aiochan as ac


async def receive(tag: str, pause: float, chan: ac.Chan[int]) -> None:
    await asyncio.sleep(pause)
    print("the", tag, "takes", await chan.get())


async def main() -> None:
    chans = [ac.Chan[int]() for _ in range(3)]
    receivers = [
        ac.go(receive(tag, pause, chan))
        for tag, pause, chan in zip(("first", "second", "third"), (0.2, 0.1, 0.3), chans)
    ]
    for number in range(3):
        await ac.select(*((chan, number) for chan in chans))
        await asyncio.sleep(0.01)
    await asyncio.gather(*receivers)


if __name__ == "__main__":
    ac.run(main())
