"""Hubs: one source, many outputs. Each value to all of them, by topic, to whoever is free, or by key."""

from __future__ import annotations

from ._bound import Bound
from ._distribute import distribute
from ._lanes import lanes
from ._tee import Tee
from ._topics import Topics

__all__ = ["Bound", "Tee", "Topics", "distribute", "lanes"]
