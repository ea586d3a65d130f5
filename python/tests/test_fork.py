"""A forked child: what was made before the fork is refused there with a clear error, and left alone."""

from __future__ import annotations

import os

import pytest
from core_support import program

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

# A child that hangs is killed by the alarm, and its status is not 0.
FRAME = """
import asyncio, gc, os, signal, sys, threading, time, warnings
import millstream as ms

warnings.simplefilter("ignore")  # Newer interpreters warn of a fork beside threads, which is what this is about.

def in_child(work):
    sys.stdout.flush()
    child = os.fork()
    if child:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return
    signal.alarm(20)
    status = 1
    try:
        work()
        gc.collect()
        status = 0
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)

def refused(*calls):
    for call in calls:
        try:
            call()
        except RuntimeError as error:
            assert "made before the process was forked" in str(error), error
        else:
            raise AssertionError(call)
"""


def forked(code: str) -> None:
    assert program(FRAME + code + "\nprint('end')\n") == "end\n"


def test_every_use_is_refused() -> None:
    forked(
        """
chan = ms.bounded(2)
chan.put_nowait(1)
sender, receiver = ms.pair(1)
waiting = ms.rendezvous()
started = waiting.get()
started.start(print)

def child():
    refused(
        lambda: chan.put_nowait(1), chan.get_nowait, chan.get_blocking, chan.drain, chan.peek, chan.close, chan.stats,
        chan.is_closed, chan.is_full, chan.is_empty, chan.split, chan.sender, chan.receiver, lambda: len(chan),
        lambda: chan.capacity, lambda: chan.unget(1), lambda: ms.select_blocking(chan), lambda: list(chan),
        lambda: sender.put_nowait(1), receiver.get_nowait, sender.clone, receiver.clone, chan.get().start,
        lambda: asyncio.run(wait(chan)), lambda: asyncio.run(select(chan)),
    )
    assert "forked from" in repr(chan)
    sender.detach()
    receiver.detach()
    own = ms.bounded(1)
    own.put_nowait(1)
    assert own.get_nowait() == 1
    assert asyncio.run(both(own)) == 2
    thread = threading.Thread(target=own.put_blocking, args=(3,))
    thread.start()
    assert own.get_blocking() == 3

async def wait(chan):
    await chan.get()

async def select(chan):
    await ms.select(chan, timeout=1)

async def both(chan):
    task = asyncio.ensure_future(chan.get())
    await chan.put(2)
    return await task

in_child(child)
assert chan.get_nowait() == 1
assert not receiver.is_closed() and not sender.is_closed()
assert started.cancel()
"""
    )


def test_letting_go_does_nothing() -> None:
    forked(
        """
class Value:
    def __del__(self):
        print("gone")

chan = ms.bounded(4)
chan.put_nowait([1])
sender, receiver = ms.pair(1)
blocked = threading.Thread(target=receiver.get_blocking)
blocked.start()
while not receiver.stats().waiting_gets:
    time.sleep(0.001)
operation = chan.put_many(iter([1]))
cycle = ms.unbounded()
cycle.put_nowait(cycle)

def child():
    global chan, sender, receiver, operation, cycle
    del chan, sender, receiver, operation, cycle
    gc.collect()

in_child(child)
sender.put_nowait(1)
blocked.join()
"""
    )


def test_forking_while_others_use_the_channel() -> None:
    # The locks that other threads hold at that moment stay locked in the child.
    forked(
        """
chan = ms.bounded(2)
stop = False

def produce():
    while not stop:
        try:
            chan.put_blocking(1, timeout=0.01)
        except TimeoutError:
            pass

def consume():
    for _ in chan:
        pass

threads = [threading.Thread(target=work) for work in (produce, consume, produce, consume)]
for thread in threads:
    thread.start()

def child():
    global chan
    refused(chan.get_nowait, lambda: chan.put_nowait(1), chan.stats)
    del chan
    gc.collect()
    own = ms.bounded(1)
    own.put_blocking(1)
    assert own.get_blocking() == 1

for _ in range(30):
    in_child(child)
stop = True
for thread in threads[::2]:
    thread.join()
chan.close()
for thread in threads[1::2]:
    thread.join()
"""
    )


def test_forking_inside_a_loop() -> None:
    forked(
        """
async def main():
    chan = ms.rendezvous()
    task = asyncio.ensure_future(chan.get())
    other = asyncio.ensure_future(ms.select(chan, timeout=1000))
    await asyncio.sleep(0)

    def child():
        refused(lambda: chan.put_nowait(1))
        other.cancel()

        async def again():
            own = ms.rendezvous()
            task = asyncio.ensure_future(own.get())
            await own.put(5)
            assert await task == 5

        thread = threading.Thread(target=lambda: asyncio.run(again()))
        thread.start()
        thread.join()

    in_child(child)
    await chan.put(1)
    assert await task == 1
    await chan.put(2)
    assert (await other).value == 2

asyncio.run(main())
"""
    )


def test_a_child_that_ends_as_programs_do() -> None:
    forked(
        """
chan = ms.rendezvous()
threading.Thread(target=chan.get_blocking, daemon=True).start()
while not chan.stats().waiting_gets:
    time.sleep(0.001)
chan.get().start()
sys.stdout.flush()
child = os.fork()
if not child:
    signal.alarm(20)
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    )


@pytest.mark.parametrize(
    "made", ["ms.processes(1, look, [1], mp_context='fork')", "ac.from_iter([1]).parallel_pipe(1, look)"]
)
def test_a_forked_worker_does_not_wait_for_a_pool_that_it_has_a_copy_of(made: str) -> None:
    # When a standard executor is collected it takes a lock, and in the copy nobody is left who would give it back.
    printed = program(
        f"""
        import asyncio, gc, multiprocessing, threading
        import millstream as ms
        import millstream.compat.aiochan as ac
        from millstream._executors import process_pool

        class Knot:
            pass

        def look(value):
            return gc.collect(), value

        async def main():
            gc.disable()
            knot = Knot()
            knot.knot = knot
            knot.pool = process_pool(1, multiprocessing.get_context("fork"))
            assert knot.pool.submit(abs, -1).result() == 1
            lock = knot.pool._shutdown_lock
            del knot
            with lock:
                results = {made}
                print((await results.get())[1])

        def end_pools():
            gc.collect()
            # An executor that ends while the interpreter exits may stumble over that.
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()

        multiprocessing.set_start_method("fork")
        asyncio.run(main())
        end_pools()
        """,
        flags=["-W", "ignore::DeprecationWarning"],
    )
    assert printed == "1\n"
