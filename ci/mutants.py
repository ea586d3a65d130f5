"""Judges what cargo-mutants found: every survivor must stand in ci/mutants.md with its reason."""

import collections
import json
import pathlib
import re
import sys


def key(name: str) -> str:
    """The name of a mutant without its line and column, which change with every edit above it."""
    return re.sub(r"^(.*?\.rs):\d+:\d+: ", r"\1: ", name).removeprefix("crates/millstream/src/")


def explained(path: pathlib.Path) -> collections.Counter[str]:
    """The mutants that the document explains, with how often each may survive; one that stands on several lines of a
    file under one name is written so many times."""
    return collections.Counter(re.findall(r"^- `(.+?)`", path.read_text(), flags=re.MULTILINE))


def main(found: pathlib.Path, document: pathlib.Path) -> int:
    allowed = explained(document)
    outcomes: collections.Counter[str] = collections.Counter()
    survivors: dict[str, list[str]] = collections.defaultdict(list)
    judged: set[str] = set()
    for file in sorted(found.glob("*/mutants.out/outcomes.json")):
        for outcome in json.loads(file.read_text())["outcomes"]:
            if outcome["scenario"] == "Baseline":
                continue
            outcomes[outcome["summary"]] += 1
            name = outcome["scenario"]["Mutant"]["name"]
            judged.add(key(name))
            if outcome["summary"] == "MissedMutant":
                survivors[key(name)].append(name)
    print(", ".join(f"{count} {summary}" for summary, count in sorted(outcomes.items())))
    wanting = 0
    for name, places in sorted(survivors.items()):
        if len(places) > allowed[name]:
            wanting += 1
            print(f"not caught and not explained: {', '.join(places)}")
    for name, count in sorted(allowed.items()):
        if name in judged and not survivors[name]:
            print(f"explained, though it is caught now: {name}")
    return 1 if wanting else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
