"""Measures the Python package beside its peers: ``python bench/python/compare.py``.

Every subject runs in this process, interleaved; the count and the sum of what was delivered are checked. The peers are in
requirements.txt. The table goes to standard output and into a file.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import pathlib
import platform
import sys
import warnings
from datetime import date

import channels
import streams
import threads
from measure import Cell, Outcome, measure

PEERS = ("millstream", "aiochan", "aiostream", "aiter", "anyio", "culsans", "janus", "sav.channels", "streamable")


def main() -> int:
    """Does what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look: fewer rounds of fewer items, and no file")
    parser.add_argument(
        "--filter", action="append", default=[], help="only cells whose name has this in it; repeatable"
    )
    parser.add_argument("--rounds", type=int, help="how often everybody runs (9, or 3 with --quick)")
    parser.add_argument("--list", action="store_true", help="list the cells and who is in them")
    parser.add_argument(
        "--output", type=pathlib.Path, help="where the table goes (RESULTS-<version>.md beside this file)"
    )
    parser.add_argument("--check", action="store_true", help="end with an error if a target is missed")
    options = parser.parse_args()
    cells = [
        cell
        for cell in channels.CELLS + threads.CELLS + streams.CELLS
        if not options.filter or any(part in cell.name for part in options.filter)
    ]
    if options.list:
        for cell in cells:
            print(f"{cell.name}: {', '.join(cell.subjects)}")
        return 0
    # The peers' deprecations are their own business.
    warnings.simplefilter("ignore")
    rounds = options.rounds or (3 if options.quick else 9)
    outcomes = []
    lines = _heading(rounds)
    print("\n".join(lines), flush=True)
    for cell in cells:
        outcome = measure(cell, rounds, cell.items // 5 if options.quick else cell.items)
        outcomes.append(outcome)
        table = ["", *_table(outcome)]
        print("\n".join(table), flush=True)
        lines += table
    verdict = ["", _verdict(outcomes)]
    print("\n".join(verdict))
    lines += verdict
    output = options.output
    if output is None and not options.quick and not options.filter:
        output = pathlib.Path(__file__).parent / f"RESULTS-{platform.python_version()}.md"
    if output is not None:
        output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if options.check and any(_behind(outcome) for outcome in outcomes) else 0


def _heading(rounds: int) -> list[str]:
    versions = []
    for name in PEERS:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} " + ("from the tree" if name == "millstream" else "not installed"))
    load = " ".join(f"{figure:.1f}" for figure in os.getloadavg()) if hasattr(os, "getloadavg") else "not known"
    return [
        f"# The Python package beside its peers, {platform.python_implementation()} {platform.python_version()}",
        "",
        f"{date.today().isoformat()}; {_processor()}, {os.cpu_count()} processors, {platform.system()}; load at the start {load}.",
        f"{'; '.join(versions)}.",
        "",
        f"Nanoseconds per item: the median of {rounds} rounds, the smallest and the largest in brackets. The ratio is peer ÷ ours,",
        "the median over the rounds, again with its spread. Thread-CPU time, unless the cell says otherwise.",
    ]


def _processor() -> str:
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _table(outcome: Outcome) -> list[str]:
    cell = outcome.cell
    rows = [
        f"## {cell.name}",
        "",
        f"{cell.about[0].upper()}{cell.about[1:]}.",
        "",
        "| | ns per item | peer ÷ ours | target | |",
        "|---|---|---|---|---|",
    ]
    for name in cell.subjects:
        if name in outcome.missing:
            rows.append(f"| {name} | not measured: {outcome.missing[name]} | | | |")
            continue
        figures = outcome.figures[name]
        spread = f"{figures.median:.0f} ({min(figures.rounds):.0f} – {max(figures.rounds):.0f})"
        if name == cell.ours or cell.ours in outcome.missing:
            rows.append(f"| **{name}** | {spread} | | | |")
            continue
        ratio = outcome.ratio(name)
        shown = f"{ratio.median:.2f} ({min(ratio.rounds):.2f} – {max(ratio.rounds):.2f})"
        target = cell.targets.get(name)
        if target is None:
            rows.append(f"| {name} | {spread} | {shown} | | |")
        else:
            verdict = "ok" if ratio.median >= target else "**BEHIND**"
            rows.append(f"| {name} | {spread} | {shown} | ≥ {target:.3g} | {verdict} |")
    return rows


def _targets(cell: Cell, outcome: Outcome) -> dict[str, float]:
    return {peer: target for peer, target in cell.targets.items() if peer not in outcome.missing}


def _behind(outcome: Outcome) -> list[str]:
    targets = _targets(outcome.cell, outcome)
    return [peer for peer, target in targets.items() if outcome.ratio(peer).median < target]


def _verdict(outcomes: list[Outcome]) -> str:
    held = sum(len(_targets(outcome.cell, outcome)) for outcome in outcomes)
    behind = [f"{outcome.cell.name} by {peer}" for outcome in outcomes for peer in _behind(outcome)]
    unknown = [
        f"{outcome.cell.name} by {peer}"
        for outcome in outcomes
        for peer in outcome.cell.targets
        if peer in outcome.missing
    ]
    text = f"{held - len(behind)} of {held} targets are met."
    if behind:
        text += f" Behind: {'; '.join(behind)}."
    if unknown:
        text += f" Not measured: {'; '.join(unknown)}."
    return text


if __name__ == "__main__":
    sys.exit(main())
