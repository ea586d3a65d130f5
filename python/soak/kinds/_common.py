"""Members that most topologies have: those that put so many values, and those that get to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from ..book import Book
from ..hand import Hand
from ..run import Group, Place, Run


def add_sender(run: Run, book: Book, tx: Any, count: int, *groups: Group, place: Place | None = None) -> Hand:
    """A member that puts so many values, anywhere unless there is a place. A `Sender` is its own, and given up."""

    async def in_task(hand: Hand) -> None:
        for _ in range(count):
            if not await hand.put(tx):
                break
        let_go(hand, tx)

    def in_thread(hand: Hand) -> None:
        for _ in range(count):
            if not hand.put_blocking(tx):
                break
        let_go(hand, tx)

    return _add(run, "sender", book, in_task, in_thread, groups, place)


def add_receiver(run: Run, book: Book, rx: Any, most: int | None, *groups: Group, place: Place | None = None) -> Hand:
    """A member that gets values until the end, or so many and leaves. A `Receiver` is its own, and given up."""

    async def in_task(hand: Hand) -> None:
        left = most
        while (left is None or left > 0) and (values := await hand.get(rx)) is not None:
            left = None if left is None else left - len(values)
        let_go(hand, rx)

    def in_thread(hand: Hand) -> None:
        left = most
        while (left is None or left > 0) and (values := hand.get_blocking(rx)) is not None:
            left = None if left is None else left - len(values)
        let_go(hand, rx)

    return _add(run, "receiver", book, in_task, in_thread, groups, place)


def _add(
    run: Run, name: str, book: Book, in_task: Any, in_thread: Any, groups: tuple[Group, ...], place: Place | None
) -> Hand:
    place = place if place is not None else run.any_place()
    if place is None:
        return run.thread(name, book, in_thread, *groups)
    return run.task(place, name, book, in_task, *groups)


def let_go(hand: Hand, end: Any) -> None:
    """Gives a handle up, or leaves that to the collector."""
    if hasattr(end, "detach") and hand.dice.once_in(2):
        end.detach()


async def cancelled_at_times(hand: Hand, work: Callable[[], Any]) -> None:
    """Does some work in a task that is cancelled at random moments and begun again, until it has come to its end."""
    loop = asyncio.get_running_loop()
    while True:
        task = loop.create_task(work())
        is_patient = hand.dice.once_in(3)
        if not is_patient:
            await asyncio.wait([task], timeout=hand.dice.moment())
            await hand.turns()
            task.cancel()
        try:
            await task
            return
        except asyncio.CancelledError:
            continue


async def leave(hand: Hand, channels: Iterable[Any]) -> None:
    """Closes channels, and gets what is left in them and what still waits to be put."""
    for chan in channels:
        chan.close()
        while await hand.get(chan) is not None:
            pass
