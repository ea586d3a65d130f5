"""Where the pressure is: a table of the channels of a pipeline names the stage that the others wait for.

Prints:

    the bottleneck is: parse
    raw
    parsed
"""

import asyncio

import millstream as ms

OUTSIDE = True


async def read(raw: ms.Chan[int]) -> None:
    async with raw:
        for number in range(10):
            await raw.put(number)


async def parse(raw: ms.Chan[int], parsed: ms.Chan[int]) -> None:
    async with parsed:
        async for number in raw:
            await asyncio.sleep(0.5)
            await parsed.put(number)


async def store(parsed: ms.Chan[int]) -> None:
    async for _ in parsed:
        await asyncio.sleep(0.05)


async def main() -> None:
    # Only channels with a name measure how long is waited for them.
    raw = ms.observe.watch(ms.bounded(4, name="raw"), between=("read", "parse"))
    parsed = ms.observe.watch(ms.bounded(4, name="parsed"), between=("parse", "store"))
    async with ms.Scope() as scope:
        for work in (read(raw), parse(raw, parsed), store(parsed)):
            scope.spawn(work)
    table = ms.observe.table(raw, parsed)
    print("the bottleneck is:", table.bottleneck)
    print("\n".join(line.split("  ")[0] for line in str(table).splitlines()[1:3]))


if __name__ == "__main__":
    asyncio.run(main())
