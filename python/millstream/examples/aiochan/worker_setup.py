"""Something dear that each worker thread sets up once.

Prints:

    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
    set up at most twice: True
"""

import threading
from typing import Any

import millstream.compat.aiochan as ac

OUTSIDE = True

local = threading.local()
set_up: list[Any] = []


def work(number: int) -> int:
    if not hasattr(local, "factor"):
        local.factor = 2
        set_up.append(threading.current_thread())
    result: int = number * local.factor
    return result


async def main() -> None:
    set_up.clear()
    print(await ac.from_range(10).parallel_pipe(2, work, mode="thread").collect())
    print("set up at most twice:", 1 <= len(set_up) <= 2)


if __name__ == "__main__":
    ac.run(main())
