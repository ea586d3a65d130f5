"""Values of a loop in a `queue.Queue`, for a thread that knows nothing of channels; None is the end.

Prints:

    0 1 2 3 4 and then None
"""

import queue
from typing import Any

import millstream.compat.aiochan as ac

OUTSIDE = True


async def to_queue(values: queue.Queue[Any]) -> None:
    chan = ac.from_range(5)
    chan.to_queue(values)
    await chan.join()


def main() -> None:
    values: queue.Queue[Any] = queue.Queue()
    ac.run_in_thread(to_queue(values))
    print(*(values.get() for _ in range(5)), "and then", values.get())


if __name__ == "__main__":
    main()
