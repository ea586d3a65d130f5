"""A pool of three workers on one channel of jobs; a job that fails ends the whole, and its error comes out.

Prints:

    squares: 285
    stopped by: job 5 is broken
"""

import asyncio

import millstream as ms


async def work(jobs: ms.Receiver[int], results: ms.Sender[int], broken: int) -> None:
    async for job in jobs:
        if job == broken:
            raise ValueError(f"job {job} is broken")
        await asyncio.sleep(0.1)
        await results.put(job * job)
    # The last worker to leave closes the results.
    results.detach()


async def pool(size: int, broken: int) -> int:
    jobs: ms.Chan[int] = ms.bounded(size)
    results: ms.Sender[int]
    done: ms.Receiver[int]
    results, done = ms.pair(size)
    async with ms.Scope() as scope:
        for _ in range(size):
            scope.spawn(work(jobs.receiver(), results.clone(), broken))
        results.detach()
        scope.spawn(ms.from_range(10).forward_into(jobs))
        return await done.stream().fold(0, lambda total, square: total + square)


async def main() -> None:
    print("squares:", await pool(3, broken=-1))
    try:
        await pool(3, broken=5)
    except ValueError as error:
        print("stopped by:", error)


if __name__ == "__main__":
    asyncio.run(main())
