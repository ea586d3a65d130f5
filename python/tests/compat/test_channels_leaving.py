"""How the ends of sav.channels 0.5 learn what became of each other, where the original hangs or shows nothing."""

from __future__ import annotations

import asyncio
import gc

import pytest

from millstream import Closed
from millstream.compat import channels
from millstream.compat.channels import Abandoned
from seed_support import cancelled, collect, others, run, soon, take, turns
from test_channels_duplex import send


def test_a_receiver_that_breaks_off_is_told_to_the_sender() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        sent: list[int] = []
        sending = asyncio.ensure_future(send(sender, 9, sent))
        assert await take(receiver, 3) == [0, 1, 2]
        with pytest.raises(Abandoned):
            await soon(sending)
        assert sent == [0, 1]

    run(main())


def test_a_receiver_that_fails_is_told_to_the_sender() -> None:
    async def main() -> None:
        receiver, sender = channels.create()

        async def failing() -> None:
            async for _ in receiver:
                raise KeyError("mine")

        results = await soon(asyncio.gather(send(sender, 9), failing(), return_exceptions=True))
        assert isinstance(results[0], Abandoned)
        assert isinstance(results[1], KeyError)

    run(main())


def test_a_receiver_in_a_block_may_leave_its_loop_and_fails_with_its_error() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        sending = asyncio.ensure_future(send(sender, 9))
        with pytest.raises(KeyError):
            async with channels.open(receiver, start=False):
                assert await take(receiver, 2) == [0, 1]
                assert await take(receiver, 2) == [2, 3]
                assert not sending.done()
                raise KeyError("mine")
        with pytest.raises(KeyError):
            await soon(sending)

    run(main())


def test_an_error_of_the_sender_is_no_clean_end_for_the_receiver() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        received: list[int] = []

        async def produce() -> None:
            async with channels.open(sender):
                await sender.asend(1)
                raise ValueError("broken")

        async def receive() -> None:
            async for item in receiver:
                received.append(item)

        results = await asyncio.gather(produce(), receive(), return_exceptions=True)
        assert [type(result) for result in results] == [ValueError, ValueError]
        assert received == [1]

    run(main())


def test_an_end_of_another_generator_does_not_look_like_an_end_of_this_channel() -> None:
    async def main() -> None:
        (first_receiver, first), (second_receiver, second) = channels.create(), channels.create()

        async def produce() -> None:
            async with channels.open(first), channels.open(second):
                await second.asend(0)
                while True:
                    await first.asend(1)

        sending = asyncio.ensure_future(produce())
        beside = asyncio.ensure_future(collect(second_receiver))
        assert await first_receiver.__anext__() == 1
        await first_receiver.aclose()
        await soon(sending)
        with pytest.raises(Abandoned):
            await soon(beside)

    run(main())


@pytest.mark.parametrize("error", [ValueError("thrown"), EOFError("thrown")])
def test_what_is_thrown_into_one_end_comes_out_of_both(error: Exception) -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        receiving = asyncio.ensure_future(collect(receiver))
        await sender.asend(None)
        with pytest.raises(type(error), match="thrown"):
            await sender.athrow(error)
        with pytest.raises(type(error), match="thrown"):
            await soon(receiving)

    run(main())


def test_a_cancelled_receiver_is_told_to_the_sender() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        receiving = asyncio.ensure_future(collect(receiver))
        await sender.asend(None)
        await cancelled(receiving)
        with pytest.raises(Abandoned):
            await soon(sender.asend(1))

    run(main())


def test_a_cancelled_sender_is_no_clean_end_for_the_receiver() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        sending = asyncio.ensure_future(send(sender, 9))
        assert await receiver.__anext__() == 0
        await cancelled(sending)
        with pytest.raises(Abandoned):
            await soon(receiver.__anext__())

    run(main())


def test_a_receiver_may_time_out_and_go_on() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        may_go_on = asyncio.Event()

        async def produce() -> None:
            async with channels.open(sender):
                await sender.asend(1)
                await may_go_on.wait()
                await sender.asend(2)
                await sender.asend(3)

        sending = asyncio.ensure_future(produce())
        assert await receiver.__anext__() == 1
        for _ in range(3):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(receiver.__anext__(), 0.001)
        may_go_on.set()
        assert await collect(receiver) == [2, 3]
        await sending

    run(main())


def test_an_answer_that_nobody_waited_for_any_more_is_what_comes_next() -> None:
    async def main() -> None:
        first, second = channels.create()
        received = asyncio.ensure_future(first.__anext__())
        await second.asend(None)
        question = asyncio.ensure_future(second.asend("question"))
        assert await received == "question"
        await cancelled(question)
        answering = asyncio.ensure_future(first.asend("answer"))
        await turns()
        again = asyncio.ensure_future(second.asend("another question"))
        assert await answering == "another question"
        last = asyncio.ensure_future(first.asend("another answer"))
        assert await again == "answer"
        assert await second.__anext__() == "another answer"
        last.cancel()

    run(main())


def test_a_send_that_is_cancelled_before_anybody_asks_was_not_sent() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        asking = asyncio.ensure_future(receiver.__anext__())
        await sender.asend(None)
        await cancelled(asking)
        sending = asyncio.ensure_future(sender.asend("never"))
        await turns()
        await cancelled(sending)
        receiving = asyncio.ensure_future(receiver.__anext__())
        await turns()
        sending = asyncio.ensure_future(sender.asend("this"))
        assert await receiving == "this"
        sending.cancel()

    run(main())


def test_a_value_that_the_peer_will_not_take_comes_back() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        asking = asyncio.ensure_future(receiver.__anext__())
        await sender.asend(None)
        await cancelled(asking)
        sending = asyncio.ensure_future(sender.asend("value"))
        await turns()
        await receiver.aclose()
        with pytest.raises(Closed) as refused:
            await soon(sending)
        assert refused.value.value == "value"

    run(main())


def test_several_tasks_may_send_into_one_end() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        receiving = asyncio.ensure_future(collect(receiver))
        async with channels.open(sender):
            await soon(asyncio.gather(*(sender.asend(number) for number in range(5))))
        assert await receiving == [0, 1, 2, 3, 4]

    run(main())


def test_an_end_that_is_gone_is_told_to_the_other() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        starting = asyncio.ensure_future(sender.asend(None))
        await turns()
        del receiver
        gc.collect()
        with pytest.raises(Abandoned):
            await soon(starting)

    run(main())


def test_a_peer_that_closed_before_the_start_is_an_error_and_no_hang() -> None:
    async def main() -> None:
        receiver, sender = channels.create()
        await receiver.aclose()
        with pytest.raises(Closed):
            await soon(send(sender, 3))
        assert await collect(receiver) == []

    run(main())


def test_abandoned_channels_leave_no_task() -> None:
    async def main() -> None:
        for _ in range(100):
            receiver, sender = channels.create()
            sending = asyncio.ensure_future(send(sender, 9))
            await take(receiver, 1)
            await asyncio.wait([sending])
            assert isinstance(sending.exception(), Abandoned)
        assert others() == []

    run(main())
