"""``python python/soak SECONDS [--seed N] [--runs N] [--only KIND]``: runs topologies until the time is up.

What fails is printed with the arguments that repeat its choices. Exit codes: 0 passed, 1 failed, 2 hung or crashed.
"""

from __future__ import annotations

import argparse
import gc
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import watchdog

if TYPE_CHECKING:
    from .run import Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--seed", type=int, help="where the seeds begin; each run has the next one")
    parser.add_argument("--runs", type=int, help="so many runs at most")
    parser.add_argument("--only", help="one kind of topology")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds after which a run counts as hanging")
    args = parser.parse_args()
    return watchdog.guard(lambda: _soak(args), args.limit)


def _soak(args: argparse.Namespace) -> int:
    import millstream as ms

    from .dice import Dice
    from .kinds import KINDS
    from .left import Left, Memory
    from .noise import Noise
    from .report import Report
    from .run import Run, warm_up

    kinds = {name: kind for name, kind in KINDS.items() if args.only in (None, name)}
    if not kinds:
        print(f"there is no such kind: {', '.join(KINDS)}")
        return 1
    first = args.seed if args.seed is not None else secrets.randbits(32)
    print(f"seed {first}, Python {sys.version.split()[0]}, {ms.__file__}", flush=True)
    noise = Noise()
    dog = watchdog.Watchdog(args.limit, noise.stderr)
    # Each kind of loop and one run of each topology make what stays: caches, timers, pipes and threads of theirs.
    warm_up()
    for name, (work, _) in kinds.items():
        _once(Run(first, noise), work, f"--seed {first} --runs 0 --only {name}", dog)
    gc.collect()
    gc.freeze()
    left, memory, report = Left(), Memory(), Report(list(kinds))
    end = time.monotonic() + args.seconds
    seed = first
    names = [name for name, (_, weight) in kinds.items() for _ in range(weight)]
    while time.monotonic() < end and (args.runs is None or seed - first < args.runs):
        run = Run(seed, noise)
        name = Dice(~seed).pick(names)
        repeat = f"--seed {seed} --runs 1 --only {name}"
        begun = time.monotonic()
        _once(run, kinds[name][0], repeat, dog)
        run.failures += left.nothing_more()
        run.failures += noise.take()
        report.ran(name, time.monotonic() - begun, run)
        if run.failures:
            print(f"FAILED: repeat with {repeat}\n{run.table()}\n{report}")
            return 1
        del run
        gc.collect()
        memory.look()
        seed += 1
    text, wrong = memory.grown()
    print(f"{report}\n{text}, {noise.deliberate} deliberate errors came where nobody could be told")
    for what in wrong:
        print(f"FAILED: {what}")
    if not wrong:
        print("PASSED")
    return 1 if wrong else 0


def _once(run: Run, work: Callable[[Run], None], repeat: str, dog: watchdog.Watchdog) -> None:
    dog.watch(repeat, run.table)
    try:
        work(run)
    except Exception:
        run.fail("the topology", traceback.format_exc())
    finally:
        dog.rest()
