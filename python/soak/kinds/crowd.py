"""Many who put and many who get, on one channel of any policy, in loops and threads."""

from __future__ import annotations

from typing import Any

import millstream as ms

from ..book import ANY, NONE, Loss
from ..channels import KEEPING, LOSING, open_channel
from ..hand import Hand
from ..run import Group, Run
from ._common import add_receiver, add_sender, cancelled_at_times


def run(run: Run) -> None:
    if run.dice.once_in(2):
        _whole(run)
    else:
        _halves(run)


def _whole(run: Run) -> None:
    """Everybody has the channel, and it is closed when the senders are done, or before."""
    policy = run.dice.pick((*KEEPING, *KEEPING, *LOSING, "raising"))
    chan = open_channel(run, policy)
    book = run.book("crowd")
    error = run.error() if run.dice.once_in(3) else None
    senders = Group(lambda: chan.close(error=error))
    is_hostile = run.dice.once_in(4)
    for _ in range(run.dice.between(1, 4)):
        hand = add_sender(run, book, chan, run.dice.between(1, 150), senders)
        hand.is_hostile = is_hostile
    count = run.dice.between(1, 4)
    ungets = run.dice.once_in(3)
    for _ in range(count):
        if run.dice.once_in(3):
            _add_victim(run, book, chan, ungets)
        else:
            add_receiver(run, book, chan, None).may_reorder = count > 1 or ungets
    if run.dice.once_in(4):
        run.note("closed early")

        async def close(hand: Hand) -> None:
            await hand.turns(300)
            chan.close(error=run.error() if hand.dice.once_in(2) else None)

        run.task(run.place(), "closer", book, close)
    run.play()
    dropped = chan.stats().dropped
    # A buffer that raises closes the channel, with what there was.
    loss = {"dropping": Loss.said(dropped), "sliding": Loss.said(dropped), "raising": ANY}.get(policy, NONE)
    run.settle(book, loss, chan)


def _add_victim(run: Run, book: Any, chan: Any, ungets: bool) -> None:
    """A receiver that is cancelled at random moments and, maybe, puts back what it got."""

    async def get_all(hand: Hand) -> None:
        while True:
            try:
                value = await chan.get()
            except Exception:
                return
            if ungets and hand.dice.once_in(10):
                chan.unget(value)
            else:
                book.got(value)
            del value

    async def in_task(hand: Hand) -> None:
        hand.post = "gets, and is cancelled at times"
        await cancelled_at_times(hand, lambda: get_all(hand))

    run.task(run.place(), "victim", book, in_task)


def _halves(run: Run) -> None:
    """Everybody has an end of its own: the last to leave closes the channel for the others."""
    book = run.book("halves")
    if run.dice.once_in(2):
        size = run.dice.pick((0, 1, 3, None))
        run.note(f"pair({size})")
        tx, rx = ms.pair(size, name="soak")
    else:
        tx, rx = open_channel(run, run.dice.pick(KEEPING)).split()
    count = run.dice.between(1, 4)
    is_leaving = run.dice.once_in(2)
    for _ in range(run.dice.between(1, 4)):
        add_sender(run, book, tx.clone(), run.dice.between(1, 150))
    for _ in range(count):
        most = run.dice.below(100) if is_leaving else None
        add_receiver(run, book, rx.clone(), most).may_reorder = count > 1
    run.note(f"leaving {is_leaving}")
    tx.detach()
    rx.detach()
    del tx, rx
    run.play()
    run.settle(book, ANY if is_leaving else NONE)
