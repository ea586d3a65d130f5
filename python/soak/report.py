"""A line for each kind: how often it was run, and what went through."""

from __future__ import annotations

from .run import Run


class Report:
    """The sums of a soak."""

    def __init__(self, names: list[str]) -> None:
        self._sums: dict[str, list[float]] = {name: [0.0] * 6 for name in names}

    def ran(self, name: str, seconds: float, run: Run) -> None:
        sums = self._sums[name]
        sums[0] += 1
        sums[1] += seconds
        for book in run.books:
            for place, count in enumerate(book.counts(), 2):
                sums[place] += count

    def __str__(self) -> str:
        lines = [f"{'kind':10}{'runs':>8}{'seconds':>10}{'made':>10}{'put':>10}{'got':>10}{'returned':>10}"]
        for name, (runs, seconds, *counts) in self._sums.items():
            lines.append(f"{name:10}{runs:8.0f}{seconds:10.1f}" + "".join(f"{count:10.0f}" for count in counts))
        return "\n".join(lines)
