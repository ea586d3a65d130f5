"""The situations that are explored, and for each seeded fault the one that must catch it.

A value's letter names who sends it; its digit counts that sender's values on one channel.
"""
import random

from state import RECEIVE, RESERVE, SEND, Arm, Operation, Scenario


def operation(kind, *arms, drop=True, hold=False, times=2, keep=False):
    return Operation(kind, arms, drop, hold, times, keep)


def send(channel, value, **how):
    return operation("plain", Arm(SEND, channel, value), **how)


def receive(channel, **how):
    return operation("plain", Arm(RECEIVE, channel, None), **how)


def batch(channel, times, **how):
    return operation("batch", Arm(RECEIVE, channel, None), times=times, **how)


def reserve(channel, value, **how):
    return operation(RESERVE, Arm(RESERVE, channel, value), **how)


def close(channel):
    return operation("close", Arm(None, channel, None))


def abandon(channel):
    return operation("abandon", Arm(None, channel, None))


def drained(channel, **how):
    return operation("drained", Arm(None, channel, None), **how)


def select(*arms, **how):
    return operation("select", *(one.arms[0] for one in arms), **how)


def select_set(*arms, **how):
    return operation("set", *(one.arms[0] for one in arms), **how)


def scenario(capacities, *scripts):
    """A script is one operation, or a list of them that one process does in turn."""
    return Scenario(capacities, tuple(tuple(s) if isinstance(s, list) else (s,) for s in scripts))


def facing(first, second):
    return select(send(0, first), receive(1)), select(receive(0), send(1, second))


SCENARIOS = {
    # Selects that meet each other.
    "two selects face each other, and a receive": scenario((0, 0), *facing("a1", "b1"), receive(0), receive(1)),
    "two selects face each other, and a send": scenario((0, 0), *facing("a1", "b1"), send(0, "c1"), send(1, "d1")),
    "three selects, the third against both": scenario(
        (0, 0), *facing("a1", "b1"), select(receive(0), receive(1)), send(1, "d1")),
    "two selects in one direction": scenario(
        (0, 0), select(send(0, "a1"), send(1, "b1")), select(receive(0), receive(1)), receive(1), send(0, "c1")),
    "both ends of one channel": scenario(
        (0,), select(send(0, "a1"), receive(0)), select(send(0, "b1"), receive(0)), receive(0), send(0, "c1")),
    "both ends of one channel, capacity 1": scenario(
        (1,), select(send(0, "a1"), receive(0)), select(send(0, "b1"), receive(0)), [send(0, "c1"), receive(0)]),
    "one channel twice": scenario(
        (0,), select(receive(0), receive(0)), select(send(0, "a1"), send(0, "b1")), send(0, "c1"), receive(0)),
    "a ring of three selects": scenario(
        (0, 0, 0), select(send(0, "a1"), receive(1)), select(send(1, "b1"), receive(2)),
        select(send(2, "c1"), receive(0))),
    "a ring of three selects, and a send": scenario(
        (0, 0, 0), select(send(0, "a1"), receive(1)), select(send(1, "b1"), receive(2)),
        select(send(2, "c1"), receive(0)), send(0, "d1")),
    "selects in sequence": scenario((0, 0), [*facing("a1", "b1")], [*facing("c1", "d1")[::-1]], receive(0)),
    "capacities 1 and 0, selects and sends": scenario(
        (1, 0), *facing("a1", "b1"), [send(0, "c1"), send(0, "c2")], receive(0)),
    "capacities 1 and 1, selects full and empty": scenario(
        (1, 1), *facing("a1", "b1"), [send(0, "c1"), send(1, "d1")], [receive(1), receive(0)]),
    # Order.
    "order, capacity 0, committed receive dropped": scenario(
        (0,), [send(0, "a1"), send(0, "a2")], receive(0), [receive(0), receive(0)], receive(0)),
    "order, capacity 1, committed receive dropped": scenario(
        (1,), [send(0, "a1"), send(0, "a2"), send(0, "a3")], receive(0), [receive(0), receive(0)], receive(0)),
    "order, committed select dropped": scenario(
        (0, 1), [send(0, "a1"), send(0, "a2")], select(receive(0), receive(1)), [receive(0), receive(0)],
        send(1, "b1")),
    "order, batch beside a claim, capacity 0": scenario(
        (0,), [send(0, "a1"), send(0, "a2"), send(0, "a3")], receive(0), [batch(0, 2), receive(0)]),
    "order, batches, capacity 1": scenario(
        (1,), [send(0, "a1"), send(0, "a2"), send(0, "a3")], send(0, "b1"), receive(0), [batch(0, 3), batch(0, 2)]),
    "committed receive kept aside, capacity 0": scenario(
        (0,), receive(0, drop=False, hold=True), [send(0, "a1"), send(0, "a2")], receive(0), send(0, "b1")),
    "committed receive kept aside, capacity 1": scenario(
        (1,), receive(0, drop=False, hold=True), [send(0, "a1"), send(0, "a2")], receive(0), send(0, "b1")),
    "committed select kept aside": scenario(
        (0, 1), select(receive(0), send(1, "b1"), drop=False, hold=True), [send(0, "a1"), send(0, "a2")],
        [receive(1), receive(0)], send(1, "c1")),
    # Closing.
    "close races commits, capacity 0": scenario(
        (0,), send(0, "a1"), receive(0), receive(0), close(0), drained(0)),
    "close races commits, capacity 1": scenario(
        (1,), [send(0, "a1"), send(0, "a2")], receive(0), receive(0), close(0), drained(0)),
    "close races selects": scenario(
        (0, 0), send(0, "a1"), select(receive(0), receive(1)), select(receive(0), send(1, "b1")), close(0)),
    "close with a select's send in line": scenario(
        (0, 0), select(send(0, "a1"), receive(1)), send(1, "b1"), close(0), drained(0), receive(0)),
    "close, select on both ends": scenario(
        (0, 0), select(send(0, "a1"), receive(0), receive(1)), send(1, "b1"), close(0), receive(0)),
    "close of two channels": scenario((0, 0), *facing("a1", "b1"), [close(0), close(1)], drained(0), drained(1)),
    "last receiver gone": scenario(
        (1, 0), [receive(0), abandon(0)], select(send(0, "a1"), send(1, "b1")), [send(0, "c1"), send(0, "c2")],
        reserve(0, "d1"), receive(1)),
    # Reservations and permits.
    "reservations, capacity 0": scenario(
        (0,), reserve(0, "a1"), reserve(0, "b1"), receive(0), receive(0), send(0, "c1")),
    "reservations, capacity 1": scenario(
        (1,), reserve(0, "a1"), reserve(0, "b1"), receive(0), receive(0), send(0, "c1")),
    "reservations, capacity 1, senders wait": scenario(
        (1,), reserve(0, "a1"), [send(0, "b1"), send(0, "b2")], reserve(0, "c1"), receive(0)),
    "reservations, closing, capacity 0": scenario(
        (0,), reserve(0, "a1"), reserve(0, "b1"), receive(0), close(0), drained(0)),
    "reservations, closing, capacity 1": scenario(
        (1,), reserve(0, "a1"), reserve(0, "b1"), receive(0), receive(0), close(0), drained(0)),
    "reservations as arms": scenario(
        (0, 1), select(reserve(0, "a1"), reserve(1, "b1")), select(receive(0), receive(1)), send(1, "c1"),
        reserve(1, "d1")),
    "reservation and receive on one channel": scenario(
        (0,), select(reserve(0, "a1"), receive(0)), select(reserve(0, "b1"), receive(0)), receive(0)),
    "reservations beside selects": scenario(
        (1, 0), reserve(0, "a1"), reserve(0, "b1"), select(receive(0), receive(1)),
        select(send(0, "c1"), send(1, "d1"))),
    # Sets.
    "set against sends": scenario(
        (0, 0), select_set(receive(0), receive(1), times=3), [send(0, "a1"), send(0, "a2")], send(1, "b1"), receive(0)),
    "set against a select": scenario(
        (0, 0), select_set(receive(0), receive(1), times=3), select(send(0, "a1"), send(1, "b1")), send(0, "c1")),
    "set of two receives and a reservation, capacity 0": scenario(
        (0, 0), select_set(receive(0), receive(1), times=3), reserve(0, "a1"), send(1, "b1")),
    "set and reservations, capacity 0": scenario(
        (0,), select_set(receive(0), receive(0)), reserve(0, "a1"), reserve(0, "b1"), receive(0)),
    "set and reservations, capacity 1": scenario(
        (1, 0), select_set(receive(0), receive(1)), reserve(0, "a1"), reserve(0, "b1"), send(1, "c1")),
    "set against a set": scenario(
        (0, 0), select_set(receive(0), receive(1), times=3), select_set(send(0, "a1"), send(1, "b1"), times=3)),
    "two sets face each other": scenario(
        (0, 0), select_set(send(0, "a1"), receive(1), times=3), select_set(receive(0), send(1, "b1"), times=3),
        send(1, "c1")),
    "two sets and one sender": scenario(
        (0, 0), select_set(receive(0), receive(1)), select_set(receive(0), receive(1)),
        [send(0, "a1"), send(1, "b1")]),
    "set over buffers": scenario(
        (1, 1), select_set(receive(0), receive(1), times=3), select(send(0, "a1"), send(1, "b1")),
        [send(0, "c1"), send(0, "c2")], receive(0)),
    "set on both ends of one channel": scenario(
        (1,), select_set(receive(0), send(0, "a1"), times=3), receive(0), reserve(0, "b1")),
    "set and close": scenario(
        (0, 0), select_set(receive(0), receive(1), times=3), send(0, "a1"), close(0), send(1, "b1")),
    "set with a send in line, and close": scenario(
        (0, 0), select_set(send(0, "a1"), receive(1)), send(1, "b1"), close(0), drained(0), receive(0)),
    "set kept idle": scenario(
        (0, 0), select_set(receive(0), receive(1), keep=True), send(0, "a1"), receive(0), send(1, "b1")),
    "set kept idle with a send in line, and close": scenario(
        (0, 0), select_set(send(0, "a1"), receive(1), keep=True), close(0), drained(0), receive(0)),
}

CAUGHT_BY = {
    "claims ignored": "order, capacity 0, committed receive dropped",
    "claimed front skipped": "order, capacity 1, committed receive dropped",
    "batch bypasses claims": "order, batch beside a claim, capacity 0",
    "refill without commit": "order, batches, capacity 1",
    "take without refill": "capacities 1 and 0, selects and sends",
    "closed while claimed": "close races commits, capacity 0",
    "stale entry freed": "two selects in one direction",
    "one-sided commit": "two selects face each other, and a receive",
    "no second attempt": "two selects face each other, and a send",
    "hint lost": "set against sends",
    "hints not put back": "set against a select",
    "claim not passed on": "close races selects",
    "own entries matched": "both ends of one channel",
    "withdrawal unchecked": "close with a select's send in line",
    "finder tells nobody": "set kept idle with a send in line, and close",
    "permit send admits nobody": "reservations, capacity 1",
    "demand counted, no hint": "set of two receives and a reservation, capacity 0",
    "end counted, no hint": "set with a send in line, and close",
    "own send leaves own receive": "set on both ends of one channel",
}


def at_random(seed):
    """A scenario that nobody has thought of: up to three channels, four processes and three operations each."""
    choose = random.Random(seed)
    capacities = tuple(choose.choice((0, 0, 1, 1, 2)) for _ in range(choose.choice((1, 1, 2, 2, 3))))
    set_letters = iter("STUVWXYZ" * 9)

    def script(letter):
        digits = iter("123456789")

        def arm(in_set):
            channel, side = choose.randrange(len(capacities)), choose.random()
            if side < 0.55:
                return receive(channel)
            # The arms of a set fire in any order, so their values have no order among them.
            value = next(set_letters) + letter if in_set else letter + next(digits)
            return reserve(channel, value) if side > 0.85 and not in_set else send(channel, value)

        def one():
            kinds = ("send", "receive", "batch", "reserve", "select", "set", "close", "drained")
            kind = choose.choices(kinds, (3, 3, 1, 3, 4, 3, 1, 0.7))[0]
            channel, drop = choose.randrange(len(capacities)), choose.random() < 0.75
            if kind == "close":
                return close(channel)
            if kind in ("select", "set"):
                arms = [arm(kind == "set") for _ in range(choose.choice((1, 2, 2, 3)))]
                return operation(kind, *(a.arms[0] for a in arms), drop=drop, times=choose.choice((1, 2, 3)))
            if kind in ("send", "reserve"):
                return (send if kind == "send" else reserve)(channel, letter + next(digits), drop=drop)
            how = {"hold": choose.random() < 0.2} if kind == "receive" and not drop else {}
            return {"receive": receive, "drained": drained, "batch": lambda c, **h: batch(c, 2, **h)}[kind](
                channel, drop=drop, **how)

        operations = [one() for _ in range(choose.choice((1, 1, 2, 2, 3)))]
        if operations[-1].kind == "set" and choose.random() < 0.2:
            operations[-1] = operations[-1]._replace(keep=True)
        return operations

    return scenario(capacities, *(script(letter) for letter in "abcd"[:choose.choice((2, 3, 3, 4))]))
