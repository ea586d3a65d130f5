"""Channel of sav.channels 0.1: a block that sends and an iterator that receives."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from millstream import Closed
from millstream.compat.channels import Abandoned, Channel
from seed_support import cancelled, collect, run, soon, take, turns


async def send(channel: Channel[int], count: int, sent: list[int] | None = None) -> None:
    """Sends numbers."""
    async with channel.sender as itemize:
        for number in range(count):
            await itemize(number)
            if sent is not None:
                sent.append(number)


# Kept.


@pytest.mark.parametrize("is_sender_first", [False, True])
def test_either_side_may_start_first(is_sender_first: bool) -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        if is_sender_first:
            sending = asyncio.ensure_future(send(channel, 3))
            await turns()
            assert await collect(channel.receiver) == [0, 1, 2]
            await sending
        else:
            receiving = asyncio.ensure_future(collect(channel.receiver))
            await turns()
            await send(channel, 3)
            assert await receiving == [0, 1, 2]

    run(main())


def test_itemize_returns_when_the_receiver_has_the_item_and_the_block_ends_when_it_is_dealt_with() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        log: list[Any] = []

        async def receive() -> None:
            async for item in channel.receiver:
                await turns()
                log.append(("dealt with", item))

        async def produce() -> None:
            async with channel.sender as itemize:
                assert await itemize(1) is None  # type: ignore[func-returns-value]
                log.append("given")
            log.append("over")

        await asyncio.gather(receive(), produce())
        assert log == ["given", ("dealt with", 1), "over"]

    run(main())


def test_the_sender_can_be_entered_once() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        receiving = asyncio.ensure_future(collect(channel.receiver))
        await send(channel, 1)
        with pytest.raises((RuntimeError, AttributeError)):
            await send(channel, 1)
        assert await receiving == [0]

    run(main())


# Repaired.


def test_a_channel_can_be_made_outside_of_a_loop() -> None:
    channel: Channel[int] = Channel()

    async def main() -> None:
        received, _ = await asyncio.gather(collect(channel.receiver), send(channel, 2))
        assert received == [0, 1]

    run(main())


def test_several_tasks_may_itemize_before_the_receiver_asks() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        async with channel.sender as itemize:
            itemizing = asyncio.gather(itemize(1), itemize(2), itemize(3))
            await turns()
            receiving = asyncio.ensure_future(collect(channel.receiver))
            await soon(itemizing)
        assert await receiving == [1, 2, 3]

    run(main())


def test_a_receiver_that_breaks_off_is_told_to_the_sender() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        sent: list[int] = []
        sending = asyncio.ensure_future(send(channel, 9, sent))
        assert await take(channel.receiver, 2) == [0, 1]
        with pytest.raises(Abandoned):
            await soon(sending)
        assert sent == [0, 1]

    run(main())


def test_a_receiver_may_leave_with_the_last_item() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        sending = asyncio.ensure_future(send(channel, 2))
        assert await take(channel.receiver, 2) == [0, 1]
        await soon(sending)

    run(main())


def test_an_empty_block_without_a_receiver_ends() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        await soon(send(channel, 0))
        assert await soon(collect(channel.receiver)) == []

    run(main())


def test_a_receiver_that_asks_no_more_does_not_hold_up_the_end_of_the_block() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        sending = asyncio.ensure_future(send(channel, 1))
        assert await channel.receiver.__anext__() == 0
        await soon(sending)

    run(main())


def test_cancelling_the_receiver_is_not_swallowed_and_told_to_the_sender() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        receiving = asyncio.ensure_future(collect(channel.receiver))
        await turns()
        await cancelled(receiving)
        with pytest.raises(Abandoned):
            await soon(send(channel, 1))

    run(main())


def test_a_receiver_may_time_out_and_go_on() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(channel.receiver.__anext__(), 0.001)
        sending = asyncio.ensure_future(send(channel, 3))
        assert await collect(channel.receiver) == [0, 1, 2]
        await sending

    run(main())


def test_an_error_in_the_block_is_no_clean_end_for_the_receiver() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()

        async def failing() -> None:
            async with channel.sender as itemize:
                await itemize(1)
                raise ValueError("broken")

        results = await asyncio.gather(failing(), collect(channel.receiver), return_exceptions=True)
        assert [type(result) for result in results] == [ValueError, ValueError]

    run(main())


def test_a_cancelled_block_is_no_clean_end_for_the_receiver() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        may_go_on = asyncio.Event()

        async def waiting() -> None:
            async with channel.sender as itemize:
                await itemize(1)
                await may_go_on.wait()

        sending = asyncio.ensure_future(waiting())
        receiving = asyncio.ensure_future(collect(channel.receiver))
        await turns()
        await cancelled(sending)
        with pytest.raises(Abandoned):
            await soon(receiving)

    run(main())


def test_a_cancelled_itemize_was_not_sent_and_the_channel_goes_on() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        async with channel.sender as itemize:
            first = asyncio.ensure_future(itemize(1))
            await turns()
            await cancelled(first)
            receiving = asyncio.ensure_future(collect(channel.receiver))
            await itemize(2)
        assert await receiving == [2]

    run(main())


def test_an_item_for_a_receiver_that_was_closed_comes_back() -> None:
    async def main() -> None:
        channel: Channel[int] = Channel()
        receiver: Any = channel.receiver
        await receiver.aclose()
        with pytest.raises(Closed) as refused:
            await soon(send(channel, 1))
        assert refused.value.value == 0

    run(main())
