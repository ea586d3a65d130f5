"""Workers and a consumer that all stop when one channel is closed: a select that looks there first.

Prints, in some order:

    received worker0-1
    received worker0-2
    received worker1-1
    received worker1-2
    received worker2-1
    received worker2-2
    worker0 stopped
    worker1 stopped
    worker2 stopped
    consumer stopped
"""

import asyncio
from typing import Any

import millstream.compat.aiochan as ac


async def work(tag: str, out: ac.Chan[str], stop: ac.Chan[Any]) -> None:
    number = 0
    while True:
        await asyncio.sleep(0.1)
        number += 1
        _, chan = await ac.select(stop, (out, f"{tag}-{number}"), priority=True)
        if chan is stop:
            print(tag, "stopped")
            break


async def consume(out: ac.Chan[str], stop: ac.Chan[Any]) -> None:
    while True:
        value, chan = await ac.select(stop, out, priority=True)
        if chan is stop:
            print("consumer stopped")
            break
        print("received", value)


async def main() -> None:
    out: ac.Chan[str] = ac.Chan()
    stop: ac.Chan[Any] = ac.Chan()
    tasks = [ac.go(work(f"worker{number}", out, stop)) for number in range(3)]
    tasks.append(ac.go(consume(out, stop)))
    await asyncio.sleep(0.25)
    stop.close()
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    ac.run(main())
