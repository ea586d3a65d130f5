"""The kinds of topologies. Each builds one, has it run to its end, and checks what must hold of it."""

from __future__ import annotations

from collections.abc import Callable

from ..run import Run
from . import crowd, exchange, garbage, hubs, loops, pipes, scopes, streams

KINDS: dict[str, tuple[Callable[[Run], None], int]] = {
    "crowd": (crowd.run, 6),
    "exchange": (exchange.run, 3),
    "garbage": (garbage.run, 2),
    "hubs": (hubs.run, 5),
    "loops": (loops.run, 4),
    "pipes": (pipes.run, 4),
    "scopes": (scopes.run, 3),
    "streams": (streams.run, 5),
}
"""What runs one, and how often it is drawn beside the others."""
