"""Ends of sav.channels 0.5: what the original does as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from millstream.compat import channels
from seed_support import collect, run, turns

End = AsyncGenerator[Any, Any]


async def send(end: End, count: int, sent: list[int] | None = None) -> None:
    """Sends numbers in a block of its own."""
    async with channels.open(end):
        for number in range(count):
            await end.asend(number)
            if sent is not None:
                sent.append(number)


@pytest.mark.parametrize("is_sender_first", [False, True])
def test_either_side_may_start_first(is_sender_first: bool) -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        tasks: list[asyncio.Future[Any]] = []
        for is_sender in (is_sender_first, not is_sender_first):
            tasks.append(asyncio.ensure_future(send(sender, 3) if is_sender else collect(receiver)))
            await turns()
        assert [0, 1, 2] in await asyncio.gather(*tasks)

    run(main())


def test_a_send_returns_when_the_peer_asks_for_the_next() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        log: list[Any] = []

        async def receive() -> None:
            async for item in receiver:
                await turns()
                log.append(("dealt with", item))

        async def produce() -> None:
            async with channels.open(sender):
                for number in range(2):
                    await sender.asend(number)
                    log.append(("sent", number))

        await asyncio.gather(receive(), produce())
        assert log == [("dealt with", 0), ("sent", 0), ("dealt with", 1), ("sent", 1)]

    run(main())


def test_none_is_an_item_once_an_end_is_started() -> None:
    async def main() -> None:
        receiver, sender = channels.create()

        async def produce() -> None:
            async with channels.open(sender):
                await sender.asend(None)
                await sender.asend(0)

        received, _ = await asyncio.gather(collect(receiver), produce())
        assert received == [None, 0]

    run(main())


def test_the_first_value_must_be_none() -> None:
    async def main() -> None:
        for end in channels.create():
            with pytest.raises(TypeError):
                await end.asend(1)

    run(main())


def test_closing_ends_the_loop_of_the_peer_and_later_sends() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        loop = asyncio.ensure_future(collect(receiver))
        await sender.asend(None)
        await sender.aclose()
        await sender.aclose()
        assert await loop == []
        with pytest.raises(StopAsyncIteration):
            await sender.asend(1)
        with pytest.raises(StopAsyncIteration):
            await sender.__anext__()

    run(main())


def test_a_peer_that_closes_while_it_deals_with_an_item_ends_the_block_quietly() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        sent: list[int] = []
        sending = asyncio.ensure_future(send(sender, 9, sent))
        assert await receiver.__anext__() == 0
        assert await receiver.__anext__() == 1
        await receiver.aclose()
        await sending
        assert sent == [0]
        assert sender.is_cut_off  # type: ignore[attr-defined]
        assert not receiver.is_cut_off  # type: ignore[attr-defined]

    run(main())


def test_without_clear_the_end_comes_out_of_the_block() -> None:
    async def main() -> None:
        receiver, sender = channels.create()

        async def produce() -> None:
            async with channels.open(sender, clear=False):
                while True:
                    await sender.asend(1)

        sending = asyncio.ensure_future(produce())
        assert await receiver.__anext__() == 1
        await receiver.aclose()
        with pytest.raises((StopAsyncIteration, RuntimeError)):
            await sending

    run(main())


def test_open_works_on_any_async_generator() -> None:
    async def main() -> None:
        log: list[Any] = []

        async def echo() -> AsyncGenerator[Any, Any]:
            try:
                received = None
                while received != "end":
                    received = yield received
                    log.append(received)
            finally:
                log.append("closed")

        async with channels.open(echo()) as generator:
            assert await generator.asend(1) == 1
        assert log == [1, "closed"]
        log.clear()
        async with channels.open(echo()) as generator:
            await generator.asend("end")
        assert log == ["end", "closed"]
        generator = echo()
        async with channels.open(generator, close=False):
            pass
        assert await generator.asend(2) == 2
        await generator.aclose()

    run(main())
