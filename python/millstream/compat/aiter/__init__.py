"""The names of aiter, of its versions 0.1 and 0.13 together, over millstream's channels.

`import millstream.compat.aiter as aiter` is all that a program written for either has to change. What differs from the
originals: tasks that iterate over the same object get different items; cancelling one of them harms no other, and is
never swallowed; nothing that was pulled is lost; nothing hangs when a source raises; errors in mapping functions are
raised, unless `on_error="log"` is given.
"""

from . import deferred_coroutine as deferred_coroutine  # As in 0.13, a module.
from .active_aiter import active_aiter
from .aiter_forker import aiter_forker
from .aiter_to_iter import aiter_to_iter
from .azip import azip
from .flatten_aiter import flatten_aiter
from .gated_aiter import gated_aiter
from .iter_to_aiter import iter_to_aiter
from .join_aiters import join_aiters
from .map_aiter import map_aiter
from .map_filter_aiter import map_filter_aiter
from .parallel_map_aiter import parallel_map_aiter
from .preload_aiter import preload_aiter
from .push_aiter import push_aiter
from .sharable_aiter import sharable_aiter
from .stoppable_aiter import stoppable_aiter

__version__ = "0.13.20191203"

__all__ = [
    "active_aiter",
    "aiter_forker",
    "aiter_to_iter",
    "azip",
    "flatten_aiter",
    "gated_aiter",
    "iter_to_aiter",
    "join_aiters",
    "map_aiter",
    "map_filter_aiter",
    "parallel_map_aiter",
    "preload_aiter",
    "push_aiter",
    "sharable_aiter",
    "stoppable_aiter",
]
