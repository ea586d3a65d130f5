"""The fan-in again, by a select: one task for any number of inputs.

Prints:

    Joe says 3 things
    Ann says 7 things
"""

import collections

import millstream.compat.aiochan as ac
from millstream.examples.go.generator1 import boring


def fan_in(*inputs: ac.Chan[str]) -> ac.Chan[str]:
    out: ac.Chan[str] = ac.Chan()

    async def work() -> None:
        while True:
            message, _ = await ac.select(*inputs)
            await out.put(message)

    ac.go(work())
    return out


async def main() -> None:
    chan = fan_in(boring("Joe", 1), boring("Ann", 0.38))
    said: collections.Counter[str] = collections.Counter()
    for _ in range(10):
        message = await chan.get()
        assert message is not None
        said[message.split()[0]] += 1
    for name in ("Joe", "Ann"):
        print(name, "says", said[name], "things")


if __name__ == "__main__":
    ac.run(main())
