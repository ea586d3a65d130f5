"""Many producers, one consumer: they share a channel, or have one each and are merged.

Prints:

    by one channel: [0, 1, 2, 10, 11, 12]
    merged: [0, 1, 2, 10, 11, 12]
"""

import asyncio

import millstream as ms


async def produce(first: int, out: ms.Sender[int]) -> None:
    for number in range(first, first + 3):
        await out.put(number)
    # The channel ends when the last of its senders is given up; to close it would end it for the others too.
    out.detach()


async def main() -> None:
    out: ms.Sender[int]
    numbers: ms.Receiver[int]
    out, numbers = ms.pair(0)
    async with ms.Scope() as scope:
        scope.spawn(produce(0, out.clone()))
        scope.spawn(produce(10, out))
        print("by one channel:", sorted(await numbers.stream().collect()))

    async with ms.Scope() as scope:
        receivers: list[ms.Receiver[int]] = []
        for first in (0, 10):
            out, numbers = ms.pair(1)
            receivers.append(numbers)
            scope.spawn(produce(first, out))
        del out
        print("merged:", sorted(await ms.merge(*receivers).collect()))


if __name__ == "__main__":
    asyncio.run(main())
