"""Stages that run beside their neighbours: on tasks, on threads, on processes, or one function of the author's."""

from __future__ import annotations

from ._apply import apply
from ._processes import flat_processes, processes
from ._tasks import flat_tasks, tasks
from ._threads import flat_threads, threads

__all__ = ["apply", "flat_processes", "flat_tasks", "flat_threads", "processes", "tasks", "threads"]
