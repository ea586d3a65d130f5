"""What is abandoned leaves no task and no reference, and what was begun is not collected in the midst of its work."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from millstream.compat.aiter import (
    active_aiter,
    aiter_forker,
    azip,
    gated_aiter,
    iter_to_aiter,
    join_aiters,
    map_aiter,
    preload_aiter,
    push_aiter,
    sharable_aiter,
    stoppable_aiter,
)
from seed_support import Counted, collect, numbers, others, run, soon, turns, until


def open_gate(source: Any) -> Any:
    """A gate with permissions."""
    gate: gated_aiter[Any] = gated_aiter(source)
    gate.push(5)
    return gate


async def plus(item: int) -> int:
    """One more."""
    await asyncio.sleep(0)
    return item + 1


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "active_aiter": active_aiter,
    "aiter_forker": aiter_forker,
    "azip": azip,
    "gated_aiter": open_gate,
    "join_aiters": lambda source: join_aiters(iter_to_aiter([source])),
    "map_aiter": lambda source: map_aiter(plus, source, worker_count=3),
    "preload_aiter": lambda source: preload_aiter(3, source),
    "sharable_aiter": sharable_aiter,
    "stoppable_aiter": stoppable_aiter,
}


class Bounded(Counted):
    """So many numbers, after which it waits for ever."""

    async def __anext__(self) -> int:
        if self.pulled == 10:
            await asyncio.get_running_loop().create_future()
        return await super().__anext__()


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_hundred_that_are_abandoned_in_the_midst_leave_nothing(name: str) -> None:
    async def main() -> None:
        sources = []
        for _ in range(100):
            source = Bounded()
            sources.append(weakref.ref(source))
            items = WRAPPERS[name](source)
            await items.__anext__()
        del source, items
        gc.collect()
        await until(lambda: not others())
        await turns()  # Tasks that have ended have yet to tell so.
        gc.collect()
        assert [ref for ref in sources if ref() is not None] == []

    run(main())


@pytest.mark.parametrize("name", WRAPPERS)
def test_one_that_was_read_to_its_end_leaves_no_task(name: str) -> None:
    async def main() -> None:
        items = WRAPPERS[name](numbers(5))
        assert len(await collect(items)) == 5
        await until(lambda: not others())

    run(main())


@pytest.mark.parametrize("name", WRAPPERS)
def test_one_that_somebody_waits_for_is_not_collected(name: str) -> None:
    async def main() -> None:
        source: push_aiter[int] = push_aiter()
        waiting = asyncio.ensure_future(collect(WRAPPERS[name](source)))
        await turns()
        gc.collect()
        await turns()
        source.push(0, 1, 2)
        gc.collect()
        source.stop()
        assert len(await soon(waiting)) == 3

    run(main())
