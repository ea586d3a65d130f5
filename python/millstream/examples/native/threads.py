"""Threads and a loop on the same channels: a thread puts, a task gets and puts, a thread gets.

Prints:

    [0, 1, 4, 9, 16]
"""

import asyncio
import threading

import millstream as ms

OUTSIDE = True


def measure(samples: ms.Sender[int]) -> None:
    with samples:
        for number in range(5):
            samples.put_blocking(number, timeout=10)


async def main() -> None:
    samples: ms.Chan[int] = ms.bounded(2)
    squares: ms.Chan[int] = ms.bounded(2)
    written: list[int] = []
    # The iterator of a channel blocks: it is for threads.
    threads = [
        threading.Thread(target=measure, args=[samples.sender()]),
        threading.Thread(target=lambda: written.extend(squares)),
    ]
    for thread in threads:
        thread.start()
    async for sample in samples:
        await squares.put(sample * sample)
    squares.close()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    print(written)


if __name__ == "__main__":
    asyncio.run(main())
