"""``python -m millstream.examples``: lists the programs, and runs them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import inspect
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from ._catalogue import GROUPS, Program, entry, find, programs
from ._clock import HastyLoop, LeapingLoop

SPEED = 50.0
"""How much faster than ours the time of a program passes that is not alone in its loop."""


def main() -> int:
    """Does what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m millstream.examples",
        description="Lists and runs example programs. Without arguments it lists them.",
        epilog="Waiting is left out, or shortened where threads or sockets take part, unless --slowly is given.",
    )
    parser.add_argument(
        "name", nargs="*", help="programs to run, such as aiochan.hello, or groups: " + ", ".join(GROUPS)
    )
    parser.add_argument("--all", action="store_true", help="run all of them")
    parser.add_argument("--slowly", action="store_true", help="wait as long as the programs say")
    parser.add_argument("--serve", action="store_true", help="run a server without its built-in client, until Ctrl-C")
    parser.add_argument("--port", type=int, default=7777, help="where --serve listens (%(default)s)")
    options = parser.parse_args()
    try:
        chosen = programs() if options.all else _chosen(options.name)
    except LookupError as error:
        parser.error(str(error.args[0]))
    if not chosen:
        _list()
        return 0
    if options.serve:
        if len(chosen) != 1 or not chosen[0].is_server:
            parser.error("--serve takes one program that is a server, such as aiter.line_server")
        return _serve(chosen[0], options.port)
    for program in chosen:
        if len(chosen) > 1:
            print(f"--- {program.name}: {program.about}", flush=True)
        _run(program, slowly=options.slowly)
    return 0


def _chosen(names: list[str]) -> list[Program]:
    chosen: list[Program] = []
    for name in names:
        if name in GROUPS:
            chosen += [program for program in programs() if program.name.startswith(name + ".")]
        else:
            chosen.append(find(name))
    return chosen


def _list() -> None:
    known = programs()
    width = max(len(program.name) for program in known)
    for program in known:
        print(f"{program.name:{width}}  {program.about}")


def _run(program: Program, *, slowly: bool) -> None:
    module = program.load()
    run = entry(module)
    if not inspect.iscoroutinefunction(run):
        run()
    elif slowly:
        _complete(run(), asyncio.new_event_loop)
    elif getattr(module, "OUTSIDE", False):
        # Something outside of the loop takes part, which does not get faster.
        _complete(run(), lambda: HastyLoop(SPEED))
    else:
        _complete(run(), LeapingLoop)


def _serve(program: Program, port: int) -> int:
    def started(actual: int) -> None:
        print(f"listening on 127.0.0.1:{actual}, for example for: nc 127.0.0.1 {actual}", flush=True)

    async def serve() -> None:
        serving = asyncio.ensure_future(program.load().serve(port, started))
        # An interrupt is to come where the server waits, and not in the midst of something.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, serving.cancel)
        await serving

    try:
        _complete(serve(), asyncio.new_event_loop)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return 0


def _complete(work: Coroutine[Any, Any, object], new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """`asyncio.run` on a loop of a kind of our own, which Python 3.10 does not offer."""
    loop = new_loop()
    try:
        try:
            loop.run_until_complete(work)
        finally:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


if __name__ == "__main__":
    sys.exit(main())
