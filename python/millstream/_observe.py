"""What a pipeline looks like from outside: its channels as a table or a picture, the bottleneck marked."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, Union

from . import _core
from ._bottleneck import Waits, bottleneck

__all__ = ["Graph", "Observed", "Table", "graph", "table", "watch"]

Handle = Union["_core.Chan[Any]", "_core.Sender[Any]", "_core.Receiver[Any]"]
H = TypeVar("H", bound=Handle)

_watched: weakref.WeakKeyDictionary[Any, tuple[str | None, str | None]] = weakref.WeakKeyDictionary()


class Observed(NamedTuple):
    """A channel at one moment: its name, the stages that it lies between if they were told, and its figures."""

    name: str
    before: str | None
    behind: str | None
    stats: _core.Stats


def watch(channel: H, *, between: tuple[str, str] | None = None) -> H:
    """Has a channel appear in `table` and `graph`, for as long as this object of it lives, and gives it back.

    `between` names the stage that puts into it and the one that gets from it: stages are the nodes of the picture. How
    long was waited at a channel is known for channels that were made with a ``name=``.

        lines = ms.observe.watch(ms.bounded(64, name="lines"), between=("read", "count"))
    """
    _watched[channel] = (None, None) if between is None else between
    return channel


def table(*channels: Handle) -> Table:
    """A table of these channels, or of all that are watched; ``print`` it.

    Names of channels and stages are shown without control characters.

        print(ms.observe.table())
    """
    return Table(_observed(channels))


def graph(*channels: Handle) -> Graph:
    """A picture of these channels, or of all that are watched, in the languages of programs that draw.

    Path("pipeline.mmd").write_text(ms.observe.graph().to_mermaid())
    """
    return Graph(_observed(channels))


def _observed(channels: tuple[Handle, ...]) -> list[Observed]:
    observed: list[Observed] = []
    for channel in channels or list(_watched):
        before, behind = _watched.get(channel, (None, None))
        observed.append(Observed(channel.name or "(unnamed)", before, behind, channel.stats()))
    return observed


class _Pipeline:
    """Channels put together: the stages between which they lie, and the one that the others wait for."""

    def __init__(self, channels: list[Observed]) -> None:
        self.channels = channels
        self.stages: list[str] = []
        self._told: dict[str, int] = {}
        self.edges = [
            (
                self._number(channel.before, f"puts into {channel.name}"),
                self._number(channel.behind, f"gets from {channel.name}"),
            )
            for channel in channels
        ]
        self.slowest = bottleneck(
            Waits(before, behind, channel.stats.put_blocked or 0.0, channel.stats.get_blocked or 0.0)
            for channel, (before, behind) in zip(channels, self.edges)
        )

    def _number(self, told: str | None, otherwise: str) -> int:
        """The number of a stage; an end that was not told of is a stage of its own."""
        number = len(self.stages) if told is None else self._told.setdefault(told, len(self.stages))
        if number == len(self.stages):
            self.stages.append(_plain(otherwise if told is None else told))
        return number

    @property
    def bottleneck(self) -> str | None:
        """The stage that the others wait for, if anybody waited.

        It is a hint and no proof: all that is known is how long was waited in sum, not how many tasks a stage has. Leave
        out channels whose silence means nothing, such as a stop signal.
        """
        return None if self.slowest is None else self.stages[self.slowest]


class Table(_Pipeline):
    """The channels as lines of text, the bottleneck marked as ``*name*``."""

    def __str__(self) -> str:
        if not self.channels:
            return "no channels"
        columns = [
            _column("channel", str.ljust, [_plain(channel.name) for channel in self.channels]),
            _column("between", str.ljust, [f"{self._stage(a)} -> {self._stage(b)}" for a, b in self.edges]),
            self._figures("state", str.ljust, _state),
            self._figures("delivered", str.rjust, lambda stats: f"{stats.delivered:,}"),
            self._figures("peak/capacity", str.rjust, lambda stats: f"{stats.high_water:,}/{_capacity(stats)}"),
            self._figures("puts waited", str.rjust, lambda stats: _seconds(stats.put_blocked)),
            self._figures("gets waited", str.rjust, lambda stats: _seconds(stats.get_blocked)),
        ]
        if any(channel.stats.dropped for channel in self.channels):
            columns.insert(4, self._figures("dropped", str.rjust, lambda stats: f"{stats.dropped:,}"))
        lines = ["  ".join(cells).rstrip() for cells in zip(*columns)]
        if self.bottleneck is not None:
            lines.append(f"bottleneck: {self.bottleneck}")
        return "\n".join(lines)

    def _stage(self, number: int) -> str:
        return f"*{self.stages[number]}*" if number == self.slowest else self.stages[number]

    def _figures(self, title: str, pad: Callable[[str, int], str], cell: Callable[[_core.Stats], str]) -> list[str]:
        return _column(title, pad, [cell(channel.stats) for channel in self.channels])


class Graph(_Pipeline):
    """The pipeline as a picture: stages are nodes, channels are edges with their figures."""

    def to_mermaid(self) -> str:
        """A Mermaid flowchart, without the fence that Markdown wants around it."""
        lines = ["flowchart TD"]
        lines += [f"  s{number}[{_mermaid(self._node(number))}]" for number in range(len(self.stages))]
        for channel, (before, behind) in zip(self.channels, self.edges):
            lines.append(f"  s{before} -->|{_mermaid(_edge(channel))}| s{behind}")
        if self.slowest is not None:
            lines.append(f"  style s{self.slowest} fill:#ffd8a8,stroke:#d9480f,stroke-width:3px,color:#000")
        return "\n".join(lines) + "\n"

    def to_dot(self) -> str:
        """The language of Graphviz."""
        lines = ["digraph pipeline {", "  node [shape=box, style=rounded];"]
        for number in range(len(self.stages)):
            look = ', style="rounded,filled", fillcolor="#ffd8a8", penwidth=3' if number == self.slowest else ""
            lines.append(f"  s{number} [label={_dot(self._node(number))}{look}];")
        for channel, (before, behind) in zip(self.channels, self.edges):
            lines.append(f"  s{before} -> s{behind} [label={_dot(_edge(channel))}];")
        return "\n".join([*lines, "}"]) + "\n"

    def _node(self, number: int) -> list[str]:
        return [self.stages[number], "(bottleneck)"] if number == self.slowest else [self.stages[number]]


def _edge(channel: Observed) -> list[str]:
    stats = channel.stats
    lines = [_plain(channel.name), f"{stats.delivered:,} delivered"]
    if stats.dropped:
        lines.append(f"{stats.dropped:,} dropped")
    lines.append("rendezvous" if stats.capacity == 0 else f"peak {stats.high_water:,} of {_capacity(stats)}")
    for what, seconds in (("puts", stats.put_blocked), ("gets", stats.get_blocked)):
        if seconds:
            lines.append(f"{what} waited {_seconds(seconds)}")
    return lines


def _column(title: str, pad: Callable[[str, int], str], cells: list[str]) -> list[str]:
    width = max(map(len, [title, *cells]))
    return [pad(cell, width) for cell in [title, *cells]]


def _state(stats: _core.Stats) -> str:
    who = "puts wait" if stats.waiting_puts else "gets wait" if stats.waiting_gets else ""
    if stats.is_closed:
        return f"closed, {who}" if who else "closed"
    return who or "nobody waits"


def _capacity(stats: _core.Stats) -> str:
    return "no limit" if stats.capacity is None else f"{stats.capacity:,}"


def _seconds(seconds: float | None) -> str:
    """Three digits and a unit; a dash if it is not known."""
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 0.9995:
            return f"{seconds * factor:.3g} {unit}" if seconds * factor < 999.5 else f"{seconds * factor:,.0f} {unit}"
    return f"{seconds * 1e9:.0f} ns" if seconds else "0"


def _plain(name: str) -> str:
    """A name that breaks no line and talks to no terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in name)


def _dot(lines: list[str]) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def _mermaid(lines: list[str]) -> str:
    # Its labels may hold Markdown and HTML: whatever is not plain goes as an entity of its own.
    def escaped(line: str) -> str:
        return "".join(
            character if character.isalnum() or character == " " or ord(character) > 127 else f"#{ord(character)};"
            for character in line
        )

    return '"' + "<br/>".join(map(escaped, lines)) + '"'
