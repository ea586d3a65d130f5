"""Pictures of pipelines: what is in them, who is the bottleneck, and that they keep nothing alive."""

from __future__ import annotations

import gc
import threading

import pytest

import millstream as ms
from millstream._bottleneck import Waits, bottleneck


@pytest.mark.parametrize(
    ("waits", "stage"),
    [
        ([], None),
        ([(0, 1, 0.0, 0.0)], None),
        # The first waits to put, so the second is slow.
        ([(0, 1, 2.0, 0.0)], 1),
        ([(0, 1, 0.0, 2.0)], 0),
        # A chain: the waiting to put is passed on from stage to stage, up to the one that does not wait.
        ([(0, 1, 5.0, 0.0), (1, 2, 4.0, 0.0), (2, 3, 0.0, 3.0)], 2),
        # Idle threads at the end wait longer in sum; the full channel tells more.
        ([(0, 1, 1.0, 0.0), (1, 2, 0.0, 4.0)], 1),
        # Unless the waiting to put is next to nothing.
        ([(0, 1, 0.1, 0.0), (2, 3, 0.0, 4.0)], 2),
        # Both wait: they keep pace, and the clear difference elsewhere decides.
        ([(0, 1, 3.0, 2.9), (1, 2, 1.0, 0.0)], 2),
        ([(0, 1, 3.0, 2.0)], 1),
        # A circle ends, at the one that keeps most and is kept least.
        ([(0, 1, 3.0, 0.0), (1, 0, 1.0, 0.0)], 1),
        # Several channels between two stages count together, and a loop of one stage does not count.
        ([(0, 1, 1.0, 0.0), (0, 1, 0.0, 30.0), (2, 2, 99.0, 0.0)], 0),
    ],
)
def test_the_bottleneck_is_waited_for_and_waits_for_nobody(
    waits: list[tuple[int, int, float, float]], stage: int | None
) -> None:
    assert bottleneck(Waits(*wait) for wait in waits) == stage


def slow_at_the_end() -> list[ms.Chan[int]]:
    """Two channels of three stages, of which the last one makes the others wait."""
    lines: ms.Chan[int] = ms.observe.watch(ms.bounded(2, name="lines"), between=("read", "count"))
    sums: ms.Chan[int] = ms.observe.watch(ms.rendezvous(name="sums"), between=("count", "write"))
    for n in range(2):
        lines.put_nowait(n)
    with pytest.raises(TimeoutError):
        lines.put_blocking(2, timeout=0.01)
    with pytest.raises(TimeoutError):
        sums.put_blocking(0, timeout=0.01)
    assert lines.get_nowait() == 0
    return [lines, sums]


def test_a_table_has_the_figures_and_marks_the_bottleneck() -> None:
    channels = slow_at_the_end()
    table = ms.observe.table(*channels)
    assert table.bottleneck == "write"
    head, lines, sums, last = str(table).splitlines()
    assert head.split("  ")[0] == "channel"
    for text in ("lines", "read -> count", "nobody waits", " 1 ", "2/2"):
        assert text in lines
    assert "count -> *write*" in sums
    assert "ms" in sums
    assert last == "bottleneck: write"
    assert str(ms.observe.table()) == str(table), "watched channels are in it by themselves"


def test_channels_that_nobody_watches_are_shown_when_asked_for() -> None:
    unnamed: ms.Chan[int] = ms.dropping(1)
    other: ms.Chan[int] = ms.unbounded()
    for n in range(3):
        unnamed.put_nowait(n)
    table = str(ms.observe.table(unnamed, other.receiver()))
    assert "dropped" in table
    assert "no limit" in table
    assert "puts into (unnamed) -> gets from (unnamed)" in table
    unnamed.close()
    assert "closed" in str(ms.observe.table(unnamed))
    graph = ms.observe.graph(unnamed, other)
    assert graph.bottleneck is None
    assert len(graph.stages) == 4, "the ends of two channels are not the same only because nobody named them"


def test_graphs_for_programs_that_draw() -> None:
    channels = slow_at_the_end()
    graph = ms.observe.graph(*channels)
    assert graph.to_dot().startswith("digraph pipeline {\n")
    assert 's0 -> s1 [label="lines\\n1 delivered\\npeak 2 of 2\\nputs waited' in graph.to_dot()
    assert graph.to_mermaid().startswith('flowchart TD\n  s0["read"]\n  s1["count"]\n')
    assert '  s1 -->|"sums<br/>0 delivered<br/>rendezvous<br/>puts waited' in graph.to_mermaid()
    assert '  s2["write<br/>#40;bottleneck#41;"]' in graph.to_mermaid()
    assert "style s2 fill" in graph.to_mermaid()


def test_names_break_nothing() -> None:
    hostile: ms.Chan[int] = ms.observe.watch(ms.bounded(1, name='a"\\\n\x1b[31m&<b>'), between=("x\ny", 'z"];'))
    assert "\x1b" not in str(ms.observe.table(hostile))
    assert len(str(ms.observe.table(hostile)).splitlines()) == 2
    dot = ms.observe.graph(hostile).to_dot()
    assert r"a\"\\\\n\\x1b[31m&amp;<b>" in dot
    mermaid = ms.observe.graph(hostile).to_mermaid()
    assert "<b>" not in mermaid
    assert len(mermaid.splitlines()) == 4


def test_watching_keeps_nothing_alive() -> None:
    gc.collect()
    assert str(ms.observe.table()) == "no channels"
    channel: ms.Chan[int] = ms.observe.watch(ms.rendezvous(name="short-lived"))
    assert "short-lived" in str(ms.observe.table())
    del channel
    gc.collect()
    assert str(ms.observe.table()) == "no channels"


def test_a_table_can_be_made_in_any_thread() -> None:
    channel: ms.Chan[int] = ms.observe.watch(ms.rendezvous(name="elsewhere"))
    tables: list[str] = []
    thread = threading.Thread(target=lambda: tables.append(str(ms.observe.table(channel))))
    thread.start()
    thread.join()
    assert "elsewhere" in tables[0]
