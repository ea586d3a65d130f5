"""Several sources joined into one stream: merge, zip, combine_latest."""

from __future__ import annotations

import asyncio

import millstream as ms
import pytest
from stream_support import Never, Source, agen, alone, cancelled, everywhere, settle


@everywhere
async def test_a_merge_has_the_items_of_all_each_source_in_its_order() -> None:
    merged = await ms.merge(agen(range(100)), Source(range(100, 200)), range(200, 300)).collect()
    assert sorted(merged) == list(range(300))
    for low in (0, 100, 200):
        assert [item for item in merged if low <= item < low + 100] == list(range(low, low + 100))


@everywhere
async def test_a_merge_of_nothing_ends_at_once() -> None:
    assert await ms.merge().collect() == []
    assert await ms.combine_latest().collect() == []
    assert await ms.zip_all().collect() == []
    assert await ms.zip_longest().collect() == []
    assert await ms.stream([]).merge_all(1).collect() == []


@everywhere
async def test_a_merge_pulls_no_further_ahead_than_it_says() -> None:
    for ahead in (0, 1, 3, 8):
        sources = [Source[int](range(10_000)) for _ in range(4)]
        merged = ms.merge(*sources, ahead=ahead)
        await settle()
        assert [source.pulled for source in sources] == [0] * 4, "nothing before the first wish"
        await merged.__anext__()
        await settle()
        assert sum(source.pulled for source in sources) <= 1 + 4 + (1 if ahead == 1 else 0), "it begins without"
        await merged.collect_n(100)
        await settle()
        assert 101 + ahead <= sum(source.pulled for source in sources) <= 101 + ahead + 4
        await merged.aclose()
        assert [source.closed for source in sources] == [1] * 4
        await alone()


@everywhere
async def test_a_merge_that_is_closed_early_has_hardly_begun_on_its_sources() -> None:
    source = Source[int](range(5))
    merged = ms.merge(source)
    assert await merged.__anext__() == 0
    await settle()
    assert source.pulled == 2
    await merged.aclose()


@everywhere
async def test_a_merge_keeps_the_order_of_each_source_when_it_begins_to_pull_ahead() -> None:
    for ahead in (1, 2, 5, 64):
        merged = await ms.merge(*(Source(range(low, low + 200)) for low in (0, 1000, 2000)), ahead=ahead).collect()
        for low in (0, 1000, 2000):
            assert [item for item in merged if low <= item < low + 200] == list(range(low, low + 200))
        assert len(merged) == 600


@everywhere
async def test_an_error_comes_after_what_was_pulled_wherever_the_merge_stands() -> None:
    for before in range(12):
        merged = ms.merge(Source([*range(before), ValueError("boom")]), Source([Never()]), ahead=3)
        seen: list[int] = []
        with pytest.raises(ValueError, match="boom"):
            await merged.collect(seen)
        assert seen == list(range(before))
        await alone()


@everywhere
async def test_a_ready_source_does_not_starve_the_others() -> None:
    merged = ms.merge(Source(range(10_000)), Source([-1]))
    assert -1 in await merged.collect_n(100)


@everywhere
async def test_a_merge_reads_channels_directly_and_leaves_in_them_what_nobody_asked_for() -> None:
    left, right = ms.bounded(10), ms.bounded(10)
    for number in range(5):
        left.put_nowait(number)
        right.put_nowait(10 + number)
    merged = ms.merge(left, right)
    taken = await merged.collect_n(4)
    assert sorted(taken) == [0, 1, 10, 11], "they take turns"
    await merged.aclose()
    assert (left.drain(), right.drain()) == ([2, 3, 4], [12, 13, 14])
    assert not left.is_closed()


@everywhere
async def test_channels_and_other_sources_merge() -> None:
    chan = ms.bounded(10)
    for number in range(5):
        chan.put_nowait(number)
    chan.close()
    merged = await ms.merge(chan, agen(range(10, 15))).collect()
    assert sorted(merged) == [*range(5), *range(10, 15)]
    await alone()


@everywhere
async def test_an_error_ends_a_merge_after_what_was_pulled_before_it() -> None:
    async def failing() -> object:
        for number in range(9):
            yield number
        raise ValueError("boom")

    waits = Source[int]([Never()])
    merged = ms.merge(failing(), waits, ahead=0)
    seen = []
    with pytest.raises(ValueError, match="boom"):
        async for item in merged:
            seen.append(item)
    assert seen == list(range(9))
    await alone()
    assert waits.closed == 1, "an error ends the other sources, although the stream is still there"


@everywhere
async def test_items_that_wait_for_a_place_come_before_the_error_of_another_source() -> None:
    gate = asyncio.get_running_loop().create_future()

    async def failing() -> object:
        await gate
        raise ValueError("boom")
        yield

    merged = ms.merge(Source(["first", "second", Never()]), Source(["other"]), failing(), ahead=0)
    seen = [await merged.__anext__()]
    await settle()
    gate.set_result(None)
    await settle()
    with pytest.raises(ValueError, match="boom"):
        async for item in merged:
            seen.append(item)
    assert sorted(seen) == ["first", "other", "second"]


@everywhere
async def test_an_error_that_is_a_closed_of_another_channel_is_no_end() -> None:
    async def failing() -> object:
        yield 1
        raise ms.Closed()

    for joined in (
        ms.merge(failing(), ahead=0),
        ms.stream(failing()).buffer_ahead(2),
        ms.stream(failing()).share(),
        ms.stream(failing()).fork(),
        ms.zip_all(failing()),
        ms.stream(failing()).stoppable()[0],
        ms.stream([failing()]).merge_all(1),
    ):
        await joined.__anext__()
        with pytest.raises(ms.Closed):
            await joined.__anext__()


@everywhere
async def test_cancelling_who_waits_for_a_join_loses_nothing() -> None:
    for join in (
        lambda source: ms.merge(source, ahead=0),
        lambda source: ms.merge(source),
        lambda source: ms.zip_all(source, range(9)).map(lambda row: row[0]),
        lambda source: ms.zip_longest(source).map(lambda row: row[0]),
        lambda source: ms.combine_latest(source).map(lambda row: row[0]),
        lambda source: ms.stream([source]).merge_all(1),
    ):
        later = asyncio.get_running_loop().create_future()

        async def waiting(later: asyncio.Future[int] = later) -> object:
            yield 0
            yield await later
            yield 2

        joined = join(waiting())
        assert await joined.__anext__() == 0
        await cancelled(joined.__anext__())
        await cancelled(joined.__anext__())
        later.set_result(1)
        assert await joined.collect() == [1, 2]


@everywhere
async def test_a_zip_waits_for_all_at_the_same_time() -> None:
    sources = [Source[int]([Never()]) for _ in range(3)]
    rows = ms.zip_all(*sources)
    await cancelled(rows.__anext__())
    assert [source.pulled for source in sources] == [1, 1, 1]
    await rows.aclose()
    assert [source.closed for source in sources] == [1, 1, 1]
    await alone()


@everywhere
async def test_a_zip_ends_with_the_first_that_ends_while_others_have_nothing() -> None:
    assert await ms.zip_all(Source([Never()]), []).collect() == []
    assert await ms.zip_all(ms.bounded(1), []).collect() == []


@everywhere
async def test_what_no_row_took_is_in_the_rest() -> None:
    rows = ms.zip_all(agen(range(5)), agen("ab"), Source("xyz"))
    assert await rows.collect() == [(0, "a", "x"), (1, "b", "y")]
    rests = rows.rest()
    assert [await rest.collect() for rest in rests] == [[2, 3, 4], [], ["z"]]
    assert await rows.collect() == [], "it has ended"


@everywhere
async def test_what_no_row_took_goes_back_to_its_channel() -> None:
    long, short = ms.bounded(9), ms.bounded(9)
    for number in range(4):
        long.put_nowait(number)
    short.put_nowait("a")
    short.close()
    assert await ms.zip_all(long, short).collect() == [(0, "a")]
    assert long.drain() == [1, 2, 3]


@everywhere
async def test_a_zip_that_is_let_go_of_gives_back_to_channels() -> None:
    full, empty = ms.bounded(9), ms.bounded(9)
    full.put_nowait(1)
    full.put_nowait(2)
    rows = ms.zip_all(full, empty)
    await cancelled(rows.__anext__())
    del rows
    await alone()
    assert full.drain() == [1, 2]


@everywhere
async def test_zip_longest_pads_until_the_longest_ends() -> None:
    assert await ms.zip_longest(range(3), "a", fill=None).collect() == [(0, "a"), (1, None), (2, None)]
    assert await ms.zip_longest([None], [None, None], fill=0).collect() == [(None, None), (0, None)]


@everywhere
async def test_a_failing_source_ends_a_zip() -> None:
    rows = ms.zip_all(Source([0, 1, 2]), Source([0, ValueError("boom")]))
    assert await rows.__anext__() == (0, 0)
    with pytest.raises(ValueError, match="boom"):
        await rows.__anext__()
    assert await rows.collect() == []


@everywhere
async def test_combine_latest_has_a_row_for_each_item_once_all_have_had_one() -> None:
    left, right = ms.bounded(9), ms.bounded(9)
    rows = ms.combine_latest(left, right)
    left.put_nowait(0)
    left.put_nowait(1)
    await cancelled(rows.__anext__())
    right.put_nowait("a")
    assert await rows.__anext__() == (1, "a")
    right.put_nowait("b")
    assert await rows.__anext__() == (1, "b")
    left.close()
    right.put_nowait("c")
    right.close()
    assert await rows.collect() == [(1, "c")]
    await alone()


@everywhere
async def test_combine_latest_ends_when_one_ends_without_an_item() -> None:
    assert await ms.combine_latest(Source([1, Never()]), []).collect() == []
    await alone()


@everywhere
async def test_combine_latest_partial_does_not_wait() -> None:
    chan = ms.bounded(1)
    rows = ms.combine_latest_partial(agen([1]), chan)
    assert await rows.__anext__() == (1, None)
    chan.put_nowait("a")
    assert await rows.__anext__() == (1, "a")
    chan.close()
    assert await rows.collect() == []


@everywhere
async def test_merge_all_opens_no_more_than_it_says() -> None:
    opened = 0
    open_now = 0
    most = 0

    async def inner(number: int) -> object:
        nonlocal opened, open_now, most
        opened += 1
        open_now += 1
        most = max(most, open_now)
        for _ in range(3):
            await asyncio.sleep(0)
            yield number
        open_now -= 1

    merged = ms.from_range(10).map(inner).merge_all(3)
    assert sorted(await merged.collect()) == sorted(list(range(10)) * 3)
    assert (opened, most) == (10, 3)
    await alone()


@everywhere
async def test_an_error_of_an_inner_stream_ends_merge_all() -> None:
    merged = ms.stream([Source([1, ValueError("boom")]), Source([Never()])]).merge_all(2)
    assert await merged.__anext__() == 1
    with pytest.raises(ValueError, match="boom"):
        await merged.__anext__()
    await alone()


@everywhere
async def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="at_once"):
        ms.stream([]).merge_all(0)
    with pytest.raises(ValueError, match="ahead"):
        ms.merge([], ahead=-1)
    with pytest.raises(TypeError, match="async iterable or an iterable is needed, not int"):
        ms.merge(3)  # type: ignore[type-var, arg-type]
