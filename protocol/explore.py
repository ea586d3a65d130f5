#!/usr/bin/env python3
"""Explores the commit protocol exhaustively: every interleaving of the steps of every scenario.

    explore.py                    all scenarios, and all seeded faults; exit code 1 if one is not as expected
    explore.py --trace FAULT      the shortest way in which a seeded fault goes wrong
    explore.py --random N [SEED]  N scenarios made up at random, each explored to the end or to its limit
"""
import sys
import time
from collections import deque, namedtuple

from model import FAULTS, Violation, World
from operations import moves
from scenarios import CAUGHT_BY, SCENARIOS, at_random
from state import initial

Result = namedtuple("Result", "states violation trace")


def explore(scenario, faults=(), shortest=False, limit=None):
    """Visits every state that can be reached, depth first, or breadth first for the shortest trace.

    Stops at the first violation. Returns None if there are more states than `limit`.
    """
    faults = frozenset(faults)
    if not faults <= FAULTS.keys():
        raise ValueError(f"no such fault: {', '.join(faults - FAULTS.keys())}")
    start = initial(scenario)
    came_from = {start: None}
    frontier = deque([start])
    while frontier:
        state = frontier.popleft() if shortest else frontier.pop()
        step = None
        try:
            world = World(scenario, faults, state)
            world.check()
            for step in moves(world):
                who, _, function, arguments = step
                world = World(scenario, faults, state)
                function(world, world.processes[who], *arguments)
                after = world.freeze()
                if after not in came_from:
                    came_from[after] = state, step
                    frontier.append(after)
        except Violation as violation:
            return Result(len(came_from), str(violation), trace(came_from, state, step))
        if limit is not None and len(came_from) > limit:
            return None
    return Result(len(came_from), None, [])


def trace(came_from, state, last):
    """The steps that lead to a state, and the one that was tried there, if any."""
    steps = [] if last is None else [last]
    while came_from[state] is not None:
        state, step = came_from[state]
        steps.append(step)
    return [f"process {who}: {label}" for who, label, _, _ in reversed(steps)]


def explore_all():
    as_expected = True
    begin = time.monotonic()
    states = 0
    for name, scenario in SCENARIOS.items():
        result = explore(scenario)
        states += result.states
        print(f"{result.violation or 'ok':10} {result.states:8,} states  {name}", flush=True)
        for line in result.trace:
            print(f"    {line}")
        as_expected &= result.violation is None
    for fault in FAULTS:
        name = CAUGHT_BY[fault]
        result = explore(SCENARIOS[name], [fault])
        verdict = "NOT CAUGHT" if result.violation is None else "caught"
        print(f"{verdict:10} {fault}: {result.violation} [{name}]", flush=True)
        as_expected &= result.violation is not None
    print(f"{states:,} states, {len(FAULTS)} seeded faults, {time.monotonic() - begin:.0f} s")
    return as_expected


def explore_at_random(count, seed, limit=40_000):
    unfinished = states = 0
    for number in range(seed, seed + count):
        result = explore(at_random(number), limit=limit)
        if result is None:
            unfinished += 1
        elif result.violation is not None:
            result = explore(at_random(number), shortest=True)
            print(f"seed {number}: {result.violation}", at_random(number), *result.trace, sep="\n    ")
            return False
        else:
            states += result.states
    print(f"ok: {count - unfinished} scenarios, {states:,} states; {unfinished} had more than {limit:,} states each")
    return True


def main(arguments):
    if arguments[:1] == ["--trace"] and arguments[1:] and arguments[1] in FAULTS:
        fault = arguments[1]
        result = explore(SCENARIOS[CAUGHT_BY[fault]], [fault], shortest=True)
        print(f"{fault}: {FAULTS[fault]}", CAUGHT_BY[fault], *result.trace, result.violation, sep="\n    ")
        return True
    if arguments[:1] == ["--random"] and all(a.isdigit() for a in arguments[1:]) and len(arguments) in (2, 3):
        return explore_at_random(*map(int, [*arguments[1:], 0][:2]))
    if arguments:
        sys.exit(__doc__)
    return explore_all()


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
