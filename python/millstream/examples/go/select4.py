"""A timeout for the whole conversation.

Prints:

    boring! 0
    boring! 1
    boring! 2
    You talk too much.
"""

import millstream.compat.aiochan as ac
from millstream.examples.go.generator1 import boring


async def main() -> None:
    chan, limit = boring("boring!"), ac.timeout(2.5)
    while True:
        message, where = await ac.select(chan, limit)
        if where is limit:
            print("You talk too much.")
            break
        print(message)


if __name__ == "__main__":
    ac.run(main())
