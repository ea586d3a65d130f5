"""One stream for several consumers: fork, where each sees every item, and share, where one gets it."""

from __future__ import annotations

import asyncio

import millstream as ms
import pytest
from stream_support import Never, Source, agen, alone, cancelled, everywhere, settle


@everywhere
async def test_each_fork_sees_every_item() -> None:
    source = Source[int](range(100))
    first = ms.stream(source).fork(8)
    forks = [first, first.clone(), first.clone(active=True)]
    seen = await asyncio.gather(*(fork.collect() for fork in forks))
    assert seen == [list(range(100))] * 3
    assert (source.pulled, source.closed) == (100, 1)
    await alone()


@everywhere
async def test_a_clone_starts_where_its_fork_stands() -> None:
    fork = ms.from_range(5).fork()
    assert await fork.collect_n(2) == [0, 1]
    late = fork.clone()
    assert await fork.collect() == [2, 3, 4]
    assert late.available() == 3
    assert await late.collect() == [2, 3, 4]


@everywhere
async def test_the_fastest_fork_waits_for_the_slowest() -> None:
    source = Source[int](range(100))
    fast = ms.stream(source).fork(3)
    slow = fast.clone()
    assert await fast.collect_n(3) == [0, 1, 2]
    await cancelled(fast.__anext__())
    assert source.pulled == 3, "nothing is pulled that there is no place for"
    assert await slow.__anext__() == 0
    assert await fast.__anext__() == 3
    del slow
    assert len(await fast.collect()) == 96, "one that is let go of holds up nobody"


@everywhere
async def test_a_waiting_fork_goes_on_when_the_slowest_is_let_go_of() -> None:
    fast = ms.from_range(10).fork(2)
    slow = fast.clone()
    waiting = asyncio.ensure_future(fast.collect())
    await settle()
    assert not waiting.done()
    await slow.aclose()
    assert await waiting == list(range(10))
    assert await slow.collect() == []


@everywhere
async def test_a_passive_fork_sees_what_active_ones_asked_for() -> None:
    source = Source[int](range(5))
    fork = ms.stream(source).fork()
    audit = fork.passive()
    assert (fork.is_active(), audit.is_active()) == (True, False)
    await cancelled(audit.__anext__())
    assert source.pulled == 0
    assert await fork.collect_n(2) == [0, 1]
    assert await audit.collect_n(2) == [0, 1]
    del fork
    assert await audit.collect() == [], "there is nobody left to ask for more"
    await alone()
    assert source.closed == 1
    with pytest.raises(ValueError, match="passive"):
        audit.clone(active=True)


@everywhere
async def test_a_waiting_passive_fork_ends_with_the_last_active_one() -> None:
    fork = ms.stream(Source([Never()])).fork()
    audit = fork.passive()
    asked = asyncio.ensure_future(fork.collect())
    waiting = asyncio.ensure_future(audit.collect())
    await settle()
    asked.cancel()
    await settle()
    assert not waiting.done(), "the fork is still there"
    del asked, fork
    assert await waiting == []
    await alone()


@everywhere
async def test_the_end_and_the_error_reach_every_fork() -> None:
    async def failing() -> object:
        yield 1
        raise ValueError("boom")

    first = ms.stream(failing()).fork()
    for fork in [first, first.clone(), first.passive()]:
        assert await fork.__anext__() == 1
        with pytest.raises(ValueError, match="boom"):
            await fork.__anext__()


@everywhere
async def test_cancelling_the_fork_that_asked_takes_nothing_from_the_others() -> None:
    later = asyncio.get_running_loop().create_future()

    async def waiting() -> object:
        yield 0
        yield await later
        yield 2

    driving = ms.stream(waiting()).fork()
    other = driving.clone()
    assert await driving.__anext__() == 0
    rest = asyncio.ensure_future(other.collect())
    await cancelled(driving.__anext__())
    later.set_result(1)
    assert await rest == [0, 1, 2]
    assert await driving.collect() == [1, 2]


@everywhere
async def test_an_unbounded_fork_keeps_what_the_slowest_has_still_to_see() -> None:
    fork = ms.from_range(1000).fork_unbounded()
    later = fork.clone()
    assert await fork.count() == 1000
    assert later.available() == 1000
    assert await later.count() == 1000
    with pytest.raises(ValueError, match="limit"):
        ms.from_range(1).fork(0)


@everywhere
async def test_a_fork_that_reads_what_is_there_lets_siblings_run() -> None:
    fork = ms.from_range(1000).fork_unbounded()
    later = fork.clone()
    await fork.count()
    turns = 0

    async def sibling() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(sibling())
    await later.count()
    task.cancel()
    assert turns >= 1000 // 128


@everywhere
async def test_shared_items_go_to_one_consumer_each() -> None:
    one = ms.stream(agen(range(100))).share()
    consumers = [one, one.clone(), one.clone()]
    seen = await asyncio.gather(*(consumer.collect() for consumer in consumers))
    assert sorted(sum(seen, [])) == list(range(100))
    await alone()


@everywhere
async def test_consumers_that_take_turns_share_evenly() -> None:
    one = ms.from_range(6).share()
    other = one.clone()
    taken = [[await one.__anext__(), await other.__anext__()] for _ in range(3)]
    assert taken == [[0, 1], [2, 3], [4, 5]]


@everywhere
async def test_cancelling_a_consumer_of_a_share_truncates_nothing() -> None:
    later = asyncio.get_running_loop().create_future()

    async def waiting() -> object:
        yield await later
        for number in range(1, 5):
            yield number

    one = ms.stream(waiting()).share()
    other = one.clone()
    await cancelled(one.__anext__())
    rest = asyncio.ensure_future(other.collect())
    await settle()
    later.set_result(0)
    assert await rest == [0, 1, 2, 3, 4]


@everywhere
async def test_a_share_pulls_no_more_than_is_waited_for() -> None:
    source = Source[int](range(100))
    one = ms.stream(source).share()
    other = one.clone()
    assert await one.__anext__() == 0
    assert await other.__anext__() == 1
    await settle()
    assert source.pulled == 2
    await one.aclose()
    assert await one.collect() == []
    assert await other.__anext__() == 2, "closing one consumer leaves the others alone"
    await other.aclose()
    assert (source.pulled, source.closed) == (3, 1)
    with pytest.raises(ValueError, match="closed"):
        other.clone()
    await alone()


@everywhere
async def test_cancelled_waits_do_not_pile_up_wishes() -> None:
    later = asyncio.get_running_loop().create_future()
    source = Source[int]([later, 1, 2, 3])
    one = ms.stream(source).share()
    for _ in range(5):
        await cancelled(one.__anext__())
    later.set_result(0)
    await settle()
    assert source.pulled == 1
    assert await one.collect() == [0, 1, 2, 3]


@everywhere
async def test_an_error_reaches_every_consumer_of_a_share() -> None:
    one = ms.stream(Source([ValueError("boom")])).share()
    other = one.clone()
    for consumer in (one, other):
        with pytest.raises(ValueError, match="boom"):
            await consumer.__anext__()
