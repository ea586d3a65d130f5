"""Channels, select, streams and pipelines in the CSP tradition, for asyncio and threads.

>>> import millstream as ms
>>> orders = ms.bounded(16)          # keeps 16 values, then puts wait
>>> await orders.put(7)              # from any task of any loop; put_blocking from a thread
>>> chan, value = await ms.select(orders, (results, 8), timeout=1.0)
>>> await orders.stream().map(str).filter(len).collect()

Channels: `bounded`, `rendezvous`, `unbounded`, `dropping`, `sliding`, `promise`, `with_buffer`, `pair`, `select`.
Operators on any async iterator: `stream`, `merge`, `zip_all`, `combine_latest`. One input, many outputs: `Tee`, `Topics`,
`distribute`, `lanes`. Stages beside each other: `tasks`, `threads`, `processes`. Tasks that end before their block:
`Scope`. Threads and sockets: `to_iter`, `from_blocking_iter`, `run_in_thread`, `accept`. Times: `after`, `tick`,
`timeout`. Where the pressure is: `observe`. The seeds' own names: `millstream.compat`.
"""

from . import _observe as observe
from ._bridge import (
    BlockingIterator,
    Connection,
    accept,
    from_blocking_iter,
    run_in_thread,
    to_iter,
)
from ._core import (
    Chan,
    Operation,
    Receiver,
    Selected,
    Sender,
    Stats,
    bounded,
    dropping,
    pair,
    promise,
    rendezvous,
    select,
    select_blocking,
    sliding,
    unbounded,
    with_buffer,
)
from ._duplex import (
    Abandoned,
    Crossed,
    End,
    duplex,
)
from ._errors import (
    Closed,
    Empty,
    Error,
    Full,
)
from ._hubs import (
    Bound,
    Tee,
    Topics,
    distribute,
    lanes,
)
from ._pipes import (
    apply,
    flat_processes,
    flat_tasks,
    flat_threads,
    processes,
    tasks,
    threads,
)
from ._scope import Scope
from ._streams import (
    Fork,
    GateKeeper,
    Peekable,
    PushStream,
    Share,
    Stoppable,
    Stopper,
    Stream,
    Zipped,
    combine_latest,
    combine_latest_partial,
    from_iter,
    from_range,
    generate,
    merge,
    push_stream,
    stream,
    zip_all,
    zip_longest,
)
from ._time import (
    Tick,
    after,
    tick,
    timeout,
)

__all__ = [
    "Abandoned",
    "BlockingIterator",
    "Bound",
    "Chan",
    "Closed",
    "Connection",
    "Crossed",
    "Empty",
    "End",
    "Error",
    "Fork",
    "Full",
    "GateKeeper",
    "Operation",
    "Peekable",
    "PushStream",
    "Receiver",
    "Scope",
    "Selected",
    "Sender",
    "Share",
    "Stats",
    "Stoppable",
    "Stopper",
    "Stream",
    "Tee",
    "Tick",
    "Topics",
    "Zipped",
    "accept",
    "after",
    "apply",
    "bounded",
    "combine_latest",
    "combine_latest_partial",
    "distribute",
    "dropping",
    "duplex",
    "flat_processes",
    "flat_tasks",
    "flat_threads",
    "from_blocking_iter",
    "from_iter",
    "from_range",
    "generate",
    "lanes",
    "merge",
    "observe",
    "pair",
    "processes",
    "promise",
    "push_stream",
    "rendezvous",
    "run_in_thread",
    "select",
    "select_blocking",
    "sliding",
    "stream",
    "tasks",
    "threads",
    "tick",
    "timeout",
    "to_iter",
    "unbounded",
    "with_buffer",
    "zip_all",
    "zip_longest",
]
