"""The examples of sav.channels, of both generations."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from millstream.compat import channels
from millstream.compat.channels import Channel
from seed_support import run


def test_one_sender_talks_to_two_receivers() -> None:
    shown: list[str] = []

    async def main() -> None:
        first_receiver, first_sender = channels.create()
        second_receiver, second_sender = channels.create()

        async def send() -> None:
            async with channels.open(first_sender), channels.open(second_sender):
                await first_sender.asend("Hello Arnold.")
                await second_sender.asend("Hello Bernard.")
                await first_sender.asend("Goodbye Arnold.")
                await second_sender.asend("Goodbye Bernard.")

        async def show(name: str, receiver: AsyncIterator[str]) -> None:
            async for message in receiver:
                shown.append(f"{name}: {message}")

        await asyncio.gather(send(), show("Arnold", first_receiver), show("Bernard", second_receiver))

    run(main())
    assert shown == [
        "Arnold: Hello Arnold.",
        "Bernard: Hello Bernard.",
        "Arnold: Goodbye Arnold.",
        "Bernard: Goodbye Bernard.",
    ]


def test_letters_and_numbers_take_turns() -> None:
    shown: list[Any] = []

    async def numbers(end: AsyncGenerator[str, int]) -> None:
        async with channels.open(end, start=False):
            shown.append(await end.asend(None))  # type: ignore[arg-type]
            for number in itertools.count():
                shown.append(await end.asend(number))

    async def letters(end: AsyncGenerator[int, str]) -> None:
        async with channels.open(end):
            shown.append(await end.asend("A"))
            shown.append(await end.asend("B"))

    async def main() -> None:
        left, right = channels.create()
        await asyncio.gather(numbers(left), letters(right))

    run(main())
    assert shown == ["A", 0, "B", 1]


def test_a_channel_feeds_a_pipeline_of_generators() -> None:
    shown: list[str] = []

    async def main() -> None:
        receiver, sender = channels.create()

        async def produce() -> None:
            async with channels.open(sender):
                for number in range(1, 5):
                    await sender.asend(f"Item {number}")

        async def transform() -> AsyncIterator[str]:
            pair: list[str] = []
            async for item in receiver:
                pair.append(item)
                if len(pair) == 2:
                    yield " ".join(["Combining:", *pair])
                    pair.clear()

        async def consume() -> None:
            async for line in transform():
                shown.append(line)

        await asyncio.gather(produce(), consume())

    run(main())
    assert shown == ["Combining: Item 1 Item 2", "Combining: Item 3 Item 4"]


def test_the_example_of_the_first_generation() -> None:
    shown: list[str] = []

    async def main() -> None:
        channel: Channel[str] = Channel()

        async def more(itemize: Callable[[str], Awaitable[None]]) -> None:
            await itemize("Three")

        async def write() -> None:
            async with channel.sender as itemize:
                await itemize("One")
                await itemize("Two")
                await more(itemize)
                await itemize("The end")

        async def upper() -> AsyncIterator[str]:
            async for item in channel.receiver:
                yield item.upper()

        async def read() -> None:
            async for item in upper():
                shown.append(item)

        await asyncio.gather(read(), write())

    run(main())
    assert shown == ["ONE", "TWO", "THREE", "THE END"]
