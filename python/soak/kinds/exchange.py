"""Selects over both directions: each member puts on one channel or gets from any, whichever can be done first."""

from __future__ import annotations

from typing import Any

import millstream as ms

from ..book import NONE
from ..channels import KEEPING, open_channel
from ..hand import CUT, Hand
from ..run import Group, Run


def run(run: Run) -> None:
    book = run.book("exchange")
    links = [open_channel(run, run.dice.pick(("rendezvous", *KEEPING))) for _ in range(run.dice.between(1, 4))]
    rounds = run.dice.between(1, 150)

    def close_all() -> None:
        for link in links:
            link.close()

    def arms(hand: Hand) -> tuple[list[Any], Any]:
        value = hand.value()
        mine = hand.dice.pick(links)
        chosen: list[Any] = [(mine, value)]
        # The same channel may be there twice, with both its ends.
        for link in links:
            chosen.insert(hand.dice.below(len(chosen) + 1), link)
        return chosen, value

    def note(hand: Hand, chosen: ms.Selected, arms: list[Any], value: Any) -> None:
        if chosen.index >= 0 and isinstance(arms[chosen.index], tuple):
            if chosen.chan is not arms[chosen.index][0]:
                book.wrong.append("a select names another channel")
            book.put(value)
            return
        book.returned(value)
        if chosen.index >= 0:
            book.got(chosen.value)

    async def in_task(hand: Hand) -> None:
        for _ in range(rounds):
            hand.idle()
            given, value = arms(hand)
            hand.post = f"selects {given}"
            operation = ms.select(*given, biased=hand.dice.once_in(3), **hand._limit())
            way = hand.dice.below(4)
            if way == 0:
                chosen = await hand.cut(operation)
                if chosen is CUT:
                    continue
            elif way == 1:
                chosen = await hand.started(operation)
                if chosen is CUT:
                    book.returned(value)
                    continue
            else:
                chosen = await operation
            note(hand, chosen, given, value)

    def in_thread(hand: Hand) -> None:
        for _ in range(rounds):
            hand.idle()
            given, value = arms(hand)
            hand.post = f"selects {given}"
            note(hand, ms.select_blocking(*given, biased=hand.dice.once_in(3), **hand._limit()), given, value)

    members = Group(close_all)
    for _ in range(run.dice.between(2, 5)):
        place = run.any_place()
        if place is None:
            run.thread("member", book, in_thread, members)
        else:
            run.task(place, "member", book, in_task, members)
    run.note(f"{rounds} rounds")
    run.play()
    run.settle(book, NONE, *links)
