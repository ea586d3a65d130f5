"""Go, listen for a while, and leave; what still talks is cancelled with the program.

Prints:

    I'm listening.
    boring! 0
    boring! 1
    You're boring; I'm leaving.
"""

import asyncio

import millstream.compat.aiochan as ac
from millstream.examples.go.boring1 import boring


async def main() -> None:
    ac.go(boring("boring!"))
    print("I'm listening.")
    await asyncio.sleep(1.5)
    print("You're boring; I'm leaving.")


if __name__ == "__main__":
    ac.run(main())
