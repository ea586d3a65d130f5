"""Loops that are closed under what waits in them, while others go on with the same channel."""

from __future__ import annotations

from ..book import NONE, Loss
from ..channels import KEEPING, LOSING, open_channel
from ..run import Group, Run
from ._common import add_receiver, add_sender


def run(run: Run) -> None:
    policy = run.dice.pick((*KEEPING, *KEEPING, *LOSING))
    chan = open_channel(run, policy)
    book = run.book("loops")
    error = run.error() if run.dice.once_in(4) else None
    senders = Group(lambda: chan.close(error=error))
    for _ in range(run.dice.between(1, 3)):
        doomed = run.place(is_doomed=True)
        for _ in range(run.dice.between(0, 3)):
            add_sender(run, book, chan, run.dice.between(1, 200), senders, place=doomed)
        for _ in range(run.dice.between(0, 3)):
            add_receiver(run, book, chan, None, place=doomed)
    add_sender(run, book, chan, run.dice.between(1, 150), senders)
    for _ in range(run.dice.between(1, 2)):
        add_receiver(run, book, chan, None)
    run.play()
    run.settle(book, Loss.said(chan.stats().dropped) if policy in LOSING else NONE, chan)
