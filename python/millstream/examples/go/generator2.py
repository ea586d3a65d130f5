"""Channels as handles on a service: Joe and Ann take turns, because the listener asks them in turn.

Prints:

    Joe 0
    Ann 0
    Joe 1
    Ann 1
    Joe 2
    Ann 2
    You're both boring; I'm leaving.
"""

import millstream.compat.aiochan as ac
from millstream.examples.go.generator1 import boring


async def main() -> None:
    joe, ann = boring("Joe"), boring("Ann", 0.2)
    for _ in range(3):
        print(await joe.get())
        print(await ann.get())
    print("You're both boring; I'm leaving.")


if __name__ == "__main__":
    ac.run(main())
