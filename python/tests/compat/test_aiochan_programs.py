"""aiochan's own programs: what its README, tutorial and examples do, with what they print where that is determined."""

from __future__ import annotations

import asyncio
import contextlib
import io
import queue
import random
import sys
import threading
from typing import Any

import pytest
from aiochan_support import PACKAGE, ac, channel, program, run, turns


def output_of(main: Any) -> list[str]:
    """What a program prints that is run as the tutorial runs them."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        ac.run(main())
    return out.getvalue().splitlines()


def test_three_producers_and_three_consumers_share_a_channel() -> None:
    async def main() -> None:
        chan = ac.Chan()
        received: list[str] = []

        async def produce() -> None:
            while await chan.put("a product"):
                pass

        async def consume() -> None:
            while True:
                received.append(await chan.get())
                if len(received) >= 30:
                    chan.close()
                    break

        for _ in range(3):
            ac.go(produce())
            ac.go(consume())
        await turns(100)
        assert len(received) >= 30
        assert set(received) <= {"a product", None}

    run(main())


@pytest.mark.parametrize("as_iterator", [False, True])
def test_producer_and_consumer_go_home(as_iterator: bool) -> None:
    async def main() -> None:
        chan, day = ac.Chan(), ac.Chan()

        async def produce() -> None:
            number = 0
            while True:
                await day.get()
                number += 1
                if not await chan.put(f"product {number}"):
                    print("producer goes home")
                    break

        async def consume() -> None:
            if as_iterator:
                async for product in chan:
                    print("obtained:", product)
            else:
                while (product := await chan.get()) is not None:
                    print("obtained:", product)
            print("consumer goes home")

        producer, consumer = ac.go(produce()), ac.go(consume())
        for _ in range(5):
            await day.put("an hour")
            await turns(3)
        print("It is late, let us call it a day.")
        chan.close()
        day.add("one more")
        await asyncio.gather(producer, consumer)

    assert output_of(main) == [
        *(f"obtained: product {number}" for number in range(1, 6)),
        "It is late, let us call it a day.",
        "consumer goes home",
        "producer goes home",
    ]


def test_workers_and_a_consumer_stop_when_they_are_told() -> None:
    async def main() -> None:
        out, stop, beat = ac.Chan(), ac.Chan(), ac.Chan()
        pulse = beat.dup()

        async def work(tag: str, beats: Any) -> None:
            number = 0
            while True:
                await beats.get()
                number += 1
                _, chan = await ac.select(stop, (out, f"{tag}-{number}"), priority=True)
                if chan is stop:
                    print(f"{tag} stopped")
                    break

        async def consume() -> None:
            while True:
                result, chan = await ac.select(stop, out, priority=True)
                if chan is stop:
                    print("consumer stopped")
                    break
                print("received", result)

        tasks = [ac.go(work(f"worker{number}", pulse.tap())) for number in range(3)]
        tasks.append(ac.go(consume()))
        for _ in range(5):
            await beat.put("beat")
            await turns(5)
        stop.close()
        beat.add("beat")
        await asyncio.gather(*tasks)

    lines = output_of(main)
    assert lines[:15] == [f"received worker{w}-{n}" for n in range(1, 6) for w in range(3)]
    assert sorted(lines[15:]) == ["consumer stopped", "worker0 stopped", "worker1 stopped", "worker2 stopped"]


def test_a_buffer_lets_the_producer_run_ahead_so_far() -> None:
    async def main() -> None:
        chan = ac.Chan(3)

        async def work() -> None:
            for number in range(1, 9):
                print("producing", number)
                await chan.put(number)

        ac.go(work())
        for _ in range(4):
            await turns(4)
            # Awaiting what is ready may give others a turn first.
            print("consuming", chan.get().result())
        await turns(4)

    assert output_of(main) == [
        *("producing 1", "producing 2", "producing 3", "producing 4"),
        *("consuming 1", "producing 5", "consuming 2", "producing 6"),
        *("consuming 3", "producing 7", "consuming 4", "producing 8"),
    ]


def test_a_channel_is_a_lock_and_a_semaphore() -> None:
    async def main() -> None:
        for places in (1, 2):
            chan = ac.Chan(places).add(*["permit"] * places)
            inside = most = 0

            async def work() -> None:
                nonlocal inside, most
                permit = await chan.get()
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1
                await chan.put(permit)

            await asyncio.gather(*(ac.go(work()) for _ in range(10)))
            assert most == places

    run(main())


def test_one_of_three_locks_is_enough() -> None:
    async def main() -> None:
        locks = [ac.Chan(1).add(f"lock {number}") for number in range(3)]
        held: set[str] = set()

        async def work() -> None:
            lock, chan = await ac.select(*locks)
            assert lock not in held
            held.add(lock)
            await asyncio.sleep(0)
            held.remove(lock)
            await chan.put(lock)

        await asyncio.gather(*(work() for _ in range(30)))

    run(main())


def test_giving_up_a_put_when_nobody_takes_it() -> None:
    async def main() -> None:
        chan = ac.Chan()
        for number in range(2):
            result, where = await ac.select((chan, number), default="given up")
            print(result, where is chan)
        get = chan.get()
        result, where = await ac.select((chan, 2), default="given up")
        print(result, where is chan, await get)

    assert output_of(main) == ["given up False", "given up False", "True True 2"]


def test_doubling_each_value_with_a_function_of_both_channels() -> None:
    async def main() -> None:
        async def duplicate_face_value(inp: Any, out: Any) -> None:
            async for value in inp:
                for _ in range(value):
                    await out.put(value)
            out.close()

        print(await ac.from_range(4).async_apply(duplicate_face_value).collect())

    assert output_of(main) == ["[1, 2, 2, 3, 3, 3]"]


def test_two_producers_into_one_out_that_stays_open() -> None:
    async def main() -> None:
        out = ac.Chan()
        ac.from_range(3).map(lambda value: value * 2, out=out, close=False)
        ac.from_range(10, 13).filter(lambda value: value != 11, out=out, close=False)
        print(sorted(await out.collect(5)))

    assert output_of(main) == ["[0, 2, 4, 10, 12]"]


def test_fan_in_and_fan_out_with_callbacks_and_no_loop() -> None:
    chan = ac.Chan(loop="no_loop")
    received: list[tuple[str, int]] = []

    def consume(name: str) -> None:
        def got(value: int | None) -> None:
            if value is not None:
                received.append((name, value))
                chan.get_nowait(got, immediate_only=False)

        chan.get_nowait(got, immediate_only=False)

    for name in ("first", "second", "third"):
        consume(name)
    for value in range(9):
        chan.put_nowait(value, immediate_only=False)
    chan.close()
    assert [value for _, value in received] == list(range(9))
    assert {name for name, _ in received} == {"first", "second", "third"}


def test_back_to_the_main_thread() -> None:
    for through_a_queue in (False, True):
        loop = asyncio.new_event_loop()
        out = ac.Chan(loop=loop)

        async def work(out: Any = out) -> None:
            while await out.put("work"):
                await asyncio.sleep(0)

        _, thread = ac.run_in_thread(work(), loop=loop)
        if through_a_queue:
            values: queue.Queue[str] = queue.Queue()
            assert out.to_queue(values) is values
            got = [values.get(timeout=5), values.get(timeout=5)]
        else:
            iterator = out.to_iterable(buffer_size=1)
            got = [next(iterator), next(iterator)]
        assert got == ["work", "work"]
        loop.call_soon_threadsafe(out.close)
        while thread.is_alive():
            # The last put may wait in the channel that was closed.
            out.get_nowait()
            thread.join(0.01)
        loop.close()


def test_a_daisy_chain() -> None:
    async def main() -> None:
        async def pass_on(left: Any, right: Any) -> None:
            await right.put(1 + await left.get())

        rightmost = right = ac.Chan()
        for _ in range(1000):
            left = ac.Chan()
            ac.go(pass_on(left, right))
            right = left
        ac.go(left.put(1))
        print("Final value:", await rightmost.get())

    assert output_of(main) == ["Final value: 1001"]


def test_a_conversation_ends_by_a_quit_channel_with_a_receipt() -> None:
    async def main() -> None:
        def boring(message: str, quit_: Any) -> Any:
            out = ac.Chan()

            async def speak() -> None:
                number = 0
                while True:
                    _, chan = await ac.select((out, f"{message} {number}"), quit_)
                    if chan is quit_:
                        print("cleaning up")
                        await quit_.put("See you!")
                        return
                    number += 1

            ac.go(speak())
            return out

        quit_ = ac.Chan()
        talk = boring("Joe", quit_)
        for _ in range(3):
            print(await talk.get())
        await quit_.put("Bye!")
        print("Joe says:", await quit_.get())

    assert output_of(main) == ["Joe 0", "Joe 1", "Joe 2", "cleaning up", "Joe says: See you!"]


def test_the_fastest_of_the_replicas_within_a_time() -> None:
    async def main() -> list[str]:
        chan, limit = ac.Chan(), ac.timeout(5)

        def search(kind: str, replica: int) -> Any:
            async def answer(query: str) -> str:
                await ac.timeout(0.001 if replica == 1 else 3).get()
                return f"{kind} result for {query} of {replica}"

            return answer

        async def first(query: str, *replicas: Any) -> str:
            answers = ac.Chan()

            async def ask(replica: Any) -> None:
                await answers.put(await replica(query))

            for replica in replicas:
                ac.go(ask(replica))
            answer: str = await answers.get()
            return answer

        async def work(*replicas: Any) -> None:
            await chan.put(await first("millstream", *replicas))

        for kind in ("web", "image", "video"):
            ac.go(work(search(kind, 0), search(kind, 1)))
        results = []
        for _ in range(3):
            result, where = await ac.select(chan, limit)
            assert where is chan
            results.append(result)
        return results

    assert sorted(ac.run(main())) == [f"{kind} result for millstream of 1" for kind in ("image", "video", "web")]


def test_philosophers_dine() -> None:
    async def main() -> None:
        forks = [ac.Chan(1).add(f"fork {number}") for number in range(5)]
        gone = ac.Chan()

        async def dine(number: int) -> None:
            left, right = forks[number], forks[(number + 1) % 5]
            meals = 0
            while meals < 5:
                left_fork, _ = await ac.select(left, ac.timeout(0))
                right_fork, _ = await ac.select(right, ac.timeout(0))
                if left_fork and right_fork:
                    meals += 1
                for chan, fork in ((left, left_fork), (right, right_fork)):
                    if fork:
                        await chan.put(fork)
                await asyncio.sleep(random.uniform(0, 0.001))
            await gone.put(number)

        for number in range(5):
            ac.go(dine(number))
        assert sorted(await gone.collect(5)) == [0, 1, 2, 3, 4]
        assert [await fork.get() for fork in forks] == [f"fork {number}" for number in range(5)]

    run(main())


def test_a_script_may_end_with_starting_its_thread() -> None:
    ended = program(
        "import asyncio\n"
        f"from {PACKAGE} import *\n"
        "async def main():\n"
        "    chan = Chan()\n"
        "    go(chan.put('hello'))\n"
        "    await timeout(0.05).get()\n"
        "    print(await chan.get())\n"
        "run_in_thread(main())\n"
    )
    assert ended.stdout.split() == ["hello"]
    assert ended.stderr == ""


def test_a_script_whose_thread_waits_for_nobody_ends() -> None:
    ended = program("async def main():\n    print('waiting')\n    await ac.Chan().get()\nac.run_in_thread(main())\n")
    assert ended.stdout.split() == ["waiting"]


def test_nothing_is_printed_at_the_end_of_programs_that_leave_tasks() -> None:
    ended = program(
        "import asyncio\n"
        "async def main():\n"
        "    for _ in range(10):\n"
        "        ac.go(ac.Chan().get())\n"
        "        ac.tick_tock(0.01)\n"
        "        ac.from_range().map(str)\n"
        "    await asyncio.sleep(0.03)\n"
        "    print('done')\n"
        "ac.run(main())\n"
    )
    assert ended.stdout.split() == ["done"]
    assert ended.stderr == ""


def test_setting_up_each_worker_once() -> None:
    local = threading.local()
    set_up: list[int] = []

    def work(value: int) -> int:
        if not hasattr(local, "process"):
            set_up.append(threading.get_ident())
            local.process = lambda number: number * 2
        result: int = local.process(value)
        return result

    async def main() -> None:
        assert await ac.from_range(20).parallel_pipe(2, work, mode="thread").collect() == list(range(0, 40, 2))

    run(main())
    assert len(set_up) == len(set(set_up)) <= 2


def test_the_constants_are_where_they_were() -> None:
    assert (channel.MAX_OP_QUEUE_SIZE, channel.MAX_DIRTY_SIZE) == (1024, 256)
    assert sys.modules[PACKAGE].channel is channel
