"""Streams: operators over any async iterator, and what joins several."""

from ._beginnings import from_iter, from_range, generate
from ._forks import Fork, Share
from ._gate import GateKeeper, Stopper
from ._joins import combine_latest, combine_latest_partial, merge, zip_all, zip_longest
from ._peekable import Peekable
from ._push import PushStream, push_stream
from ._stoppable import Stoppable
from ._stream import Stream, stream
from ._zipped import Zipped

__all__ = [
    "Fork",
    "GateKeeper",
    "Peekable",
    "PushStream",
    "Share",
    "Stoppable",
    "Stopper",
    "Stream",
    "Zipped",
    "combine_latest",
    "combine_latest_partial",
    "from_iter",
    "from_range",
    "generate",
    "merge",
    "push_stream",
    "stream",
    "zip_all",
    "zip_longest",
]
