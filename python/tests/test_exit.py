"""The end of the interpreter: whatever waits then, it ends soon, with nothing to complain of."""

from __future__ import annotations

import pytest
from core_support import program

WAITING = {
    "blocked daemon threads": """
        for wait in chan.get_blocking, lambda: chan.get_blocking(1000), lambda: list(chan), lambda: ms.select_blocking(chan):
            threading.Thread(target=wait, daemon=True).start()
        threading.Thread(target=full.put_blocking, args=(1,), daemon=True).start()
        while chan.stats().waiting_gets < 4 or full.stats().waiting_puts < 1:
            time.sleep(0.001)
    """,
    "threads that are woken at the end": """
        for _ in range(4):
            threading.Thread(target=lambda: list(chan), daemon=True).start()
        while chan.stats().waiting_gets < 4:
            time.sleep(0.001)
        class AtTheEnd:
            def __del__(self, chan=chan):
                chan.close()
        at_the_end = AtTheEnd()
        import atexit
        atexit.register(chan.put_nowait, 1)
    """,
    "daemon threads at work": """
        def produce():
            while True:
                chan.put_blocking(object())
        def consume():
            for value in chan:
                pass
        for work in produce, consume, produce, consume:
            threading.Thread(target=work, daemon=True).start()
        while chan.stats().delivered < 200:
            time.sleep(0.001)
    """,
    "started operations": """
        operations = [chan.get(), chan.get_many(3), ms.select(chan, (full, 1)), full.put_many(iter([1])), chan.join()]
        for operation in operations:
            operation.start(lambda _: print("never"))
        chan.get().start(lambda _: print("never"))
    """,
    "operations that nobody began": """
        operations = [chan.get(), chan.put(chan), ms.select(chan, (full, chan), timeout=1), chan.stream().__anext__()]
        full.put(operations).start()
    """,
    "tasks of a loop that was left": """
        logging.disable()
        loop = asyncio.new_event_loop()
        async def wait():
            await ms.select(chan, timeout=1000)
        tasks = [loop.create_task(wait()) for _ in range(3)]
        loop.run_until_complete(asyncio.sleep(0.01))
        chan.put_nowait(1)
        loop._selector.close()
        loop._ssock.close(), loop._csock.close()
        loop._closed = True
        for task in tasks:
            task._log_destroy_pending = False
    """,
    "a loop in a daemon thread": """
        async def main():
            await asyncio.gather(*[chan.get() for _ in range(3)], full.put(1))
        threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
        while chan.stats().waiting_gets < 3:
            time.sleep(0.001)
    """,
    "a loop at work in a daemon thread": """
        async def produce():
            while True:
                await chan.put(1)
        def consume():
            for value in chan:
                pass
        threading.Thread(target=lambda: asyncio.run(produce()), daemon=True).start()
        threading.Thread(target=consume, daemon=True).start()
        while chan.stats().delivered < 200:
            time.sleep(0.001)
    """,
    "a non-daemon thread that is let go at last": """
        def end():
            threading.main_thread().join()
            chan.close()
        threading.Thread(target=end).start()
        threading.Thread(target=lambda: list(chan)).start()
    """,
    "asyncio.run that is left by an exception": """
        async def main():
            task = asyncio.ensure_future(chan.get())
            await asyncio.sleep(0)
            raise ValueError
        try:
            asyncio.run(main())
        except ValueError:
            pass
    """,
}

FRAME = """
import asyncio, logging, threading, time
import millstream as ms

chan = ms.rendezvous()
full = ms.rendezvous()
{body}
print("end")
"""


def written(body: str) -> str:
    lines = body.splitlines()
    return FRAME.format(body="\n".join(line[8:] for line in lines))


@pytest.mark.parametrize("kind", WAITING)
def test_the_interpreter_ends(kind: str) -> None:
    # Some of these are races between threads and the end: each is tried several times.
    for _ in range(8 if "work" in kind else 2):
        assert program(written(WAITING[kind])) == "end\n"


def test_exit_in_the_middle_of_a_task() -> None:
    code = """
        import asyncio, sys
        import millstream as ms

        async def main():
            chan = ms.rendezvous()
            tasks = [asyncio.ensure_future(chan.get()) for _ in range(3)]
            await asyncio.sleep(0)
            sys.exit(0)

        asyncio.run(main())
    """
    assert program(code) == ""
