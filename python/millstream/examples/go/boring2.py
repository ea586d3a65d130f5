"""Go, and do not wait: the program ends after the first word of the boring function.

Prints:

    main is over
    boring! 0
"""

import millstream.compat.aiochan as ac
from millstream.examples.go.boring1 import boring


async def main() -> None:
    ac.go(boring("boring!"))
    print("main is over")


if __name__ == "__main__":
    ac.run(main())
