"""Select: puts, gets and a time limit, of which exactly one happens; the others leave no trace.

Prints:

    got 1
    put 2
    nothing within 0.5 s
    nothing at once
    closed
"""

import asyncio

import millstream as ms


async def main() -> None:
    inbox: ms.Chan[int] = ms.bounded(1)
    outbox: ms.Chan[int] = ms.bounded(1)
    inbox.put_nowait(1)
    chosen = await ms.select(inbox, (outbox, 2), biased=True)
    print("got", chosen.value)
    chosen = await ms.select(inbox, (outbox, 2))
    print("put", outbox.get_nowait() if chosen.chan is outbox else "nothing")
    chosen = await ms.select(inbox, timeout=0.5)
    print("nothing within 0.5 s" if chosen.index < 0 else chosen.value)
    _, value = await ms.select(inbox, default="nothing at once")
    print(value)
    inbox.close()
    chosen = await ms.select(inbox)
    print("closed" if chosen.closed else chosen.value)


if __name__ == "__main__":
    asyncio.run(main())
