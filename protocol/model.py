"""What one critical section does to channels, claims, permits and the records of selects: the commit protocol.

A step is one channel lock with the records locked inside it, or one record lock alone. The methods of `World` are
the protocol's rules; README.md has their numbers. A rule that does what must never happen raises `Violation`, and
`World.check` says what must hold after every step.
"""
from state import (CLOSED, DONE, GRANTED, LOST, OPEN, RECEIVE, RESERVE, SEND, Channel, Process, freeze_channel,
                   freeze_process)

# Parts of the protocol that can be switched off one at a time. Each must make some scenario fail.
FAULTS = {
    "claims ignored": "a receiver takes whenever there is a value, claimed or not",
    "claimed front skipped": "a claim binds the front, so that takers reach behind it",
    "batch bypasses claims": "a batch takes a waiting sender's value although older, claimed ones are there",
    "refill without commit": "a waiting sender's value is let in and the sender is not told",
    "take without refill": "a receiver that takes lets no sender in",
    "closed while claimed": "Closed is reported as soon as no unclaimed value is left",
    "stale entry freed": "who unlinks a dead send entry frees the value in it",
    "one-sided commit": "a registering select does not look whether it has been committed itself",
    "no second attempt": "a select only joins the lines when it registers",
    "hint lost": "who unlinks the entry of a busy set leaves no hint",
    "hints not put back": "a set that is committed while it re-arms forgets the hints it had not come to",
    "claim not passed on": "a dropped receive gives its claim up and commits nobody",
    "own entries matched": "a registering select may meet itself",
    "withdrawal unchecked": "a sender that leaves the line of a closed channel does not look for its end",
    "finder tells nobody": "a receiver that finds the end of a channel tells none of those who wait for it",
    "permit send admits nobody": "a permit's value that a receiver is committed to leaves its place to nobody",
    "demand counted, no hint": "counting receivers for a reservation passes idle sets by without a hint",
    "end counted, no hint": "counting senders for the end of a channel passes idle sets by without a hint",
    "own send leaves own receive": "a set whose own send was stored keeps its receive entry on that channel",
}


class Violation(Exception):
    """The protocol did what it promises never to do."""


class World:
    """A state that a step may change."""

    def __init__(self, scenario, faults, state):
        channels, processes, self.sent, self.freed = state
        self.faults = faults
        self.channels = [Channel(i, n, c) for i, (n, c) in enumerate(zip(scenario.capacities, channels))]
        self.processes = [Process(i, s, p) for i, (s, p) in enumerate(zip(scenario.scripts, processes))]

    def freeze(self):
        # A plain waiter that was told, and has nothing left to do in its channel, needs no step to read it.
        for p in self.processes:
            if p.place == "told":
                self.complete(p, p.arm if p.holds(SEND) is not None else None)
        return (tuple(map(freeze_channel, self.channels)), tuple(map(freeze_process, self.processes)),
                self.sent, self.freed)

    def arm(self, entry):
        return self.processes[entry[0]].operation.arms[entry[1]]

    def is_open(self, entry):
        return self.processes[entry[0]].status is OPEN

    # ---- values

    def push(self, c, value):
        if value in self.sent or c.ended:
            raise Violation(f"{value} is sent " + ("twice" if value in self.sent else "after Closed was reported"))
        self.sent |= {value}
        c.values += (value,)

    def take_claimed(self, c, p, at_once=False):
        """`p` uses a claim up; `at_once` if it has only just made it, unseen by anybody."""
        at = c.claims - 1 if at_once and "claimed front skipped" in self.faults else 0
        if at >= len(c.values):
            raise Violation("a claim finds no value")
        value = c.values[at]
        c.values, c.claims = c.values[:at] + c.values[at + 1:], c.claims - 1
        self.deliver(c, p, value)
        self.settle(c)

    def deliver(self, c, p, value):
        if any(channel == c.index and other[0] == value[0] and other > value for channel, other in p.got):
            raise Violation(f"{value} is received after a value that its sender sent later")
        p.got += ((c.index, value),)

    # ---- rule 3: committing one who waits

    def refused(self, entry):
        """The entry of one who does not accept now has been unlinked; its slot and value stay its owner's."""
        p, arm = self.processes[entry[0]], self.arm(entry)
        if p.operation.kind == "set" and "hint lost" not in self.faults:
            p.hints += (entry[1],)
        if arm.side is SEND and "stale entry freed" in self.faults:
            self.freed |= {arm.value}

    def may_act(self, own):
        return own is None or own.status is OPEN or "one-sided commit" in self.faults

    def win(self, own, index, outcome):
        """Makes arm `index` of the registering select `own` the winner; without a record there is nothing to win."""
        if not self.may_act(own):
            return LOST
        if own is not None:
            own.status, own.arm, own.outcome = DONE, index, outcome
        return outcome

    def commit_next(self, c, line, outcome, own=None, accepts=lambda entry: True):
        """Commits the first in a line who is live and accepted, and unlinks the dead it comes by.

        Returns the entry; None if there is none; LOST if the registering select `own` has been committed.
        """
        for entry in line:
            p = self.processes[entry[0]]
            if not accepts(entry) or (p is own and "own entries matched" not in self.faults):
                continue
            if not self.may_act(own):
                return LOST
            c.unlink(entry)
            if p.status is not OPEN:
                self.refused(entry)
                continue
            arm = self.arm(entry)
            if arm.side is RECEIVE and outcome is CLOSED:
                self.check_end(c)
            p.status, p.arm, p.outcome = DONE, entry[1], outcome
            if arm.side is RESERVE and outcome is GRANTED:
                c.permits += 1
            if p.operation.kind not in ("select", "set") and (arm.side is SEND or outcome is CLOSED):
                p.place = "told"
            return entry
        return None

    def live(self, c, line, hint=True):
        """Those of a line who accept now. The others are unlinked: what is decided on this count must stay true
        when an idle set opens again, so the set has to come back and look, for which it needs the hint."""
        if hint:
            for entry in line:
                if not self.is_open(entry):
                    c.unlink(entry)
                    self.refused(entry)
        return [entry for entry in line if self.is_open(entry)]

    def commit_sender(self, c, own=None, values_only=False):
        """Commits the next sender; its value or permit is in the channel then."""
        entry = self.commit_next(c, c.senders, GRANTED, own, lambda e: not values_only or self.arm(e).side is SEND)
        if entry is not None and entry is not LOST and self.arm(entry).side is SEND:
            self.push(c, self.arm(entry).value)
        return entry

    def refill(self, c):
        """Lets waiting senders in while there is room."""
        while c.has_room() and self.commit_sender(c) is not None:
            self.hand_out(c)
        if c.capacity == 0:
            self.grant_reservations(c)

    def hand_out(self, c):
        """Commits waiting receivers while there are values that nobody has claimed."""
        while len(c.values) > c.claims and self.commit_next(c, c.receivers, GRANTED) is not None:
            c.claims += 1

    def demand(self, c, who):
        """At capacity 0: whether more receivers wait, without those of process `who`, than permits are out."""
        live = self.live(c, c.receivers, hint="demand counted, no hint" not in self.faults)
        return sum(entry[0] != who for entry in live) > c.permits

    def grant_reservations(self, c):
        while self.commit_next(c, c.senders, GRANTED, accepts=lambda entry:
                               self.arm(entry).side is RESERVE and self.demand(c, entry[0])) is not None:
            pass

    # ---- rule 8: the end of a channel

    def is_finished(self, c):
        left = len(c.values) - c.claims if "closed while claimed" in self.faults else len(c.values)
        if not c.closed or left or c.permits:
            return c.abandoned
        return not self.live(c, c.senders, hint="end counted, no hint" not in self.faults)

    def check_end(self, c):
        if not c.abandoned and (not c.closed or c.values or c.claims or c.permits or any(map(self.is_open, c.senders))):
            raise Violation("Closed is reported of a channel that may still yield something")
        c.ended = True

    def settle(self, c):
        """Tells everybody who waits for it that the channel has come to its end, if it has."""
        if c.closed and self.is_finished(c):
            while self.commit_next(c, c.receivers, CLOSED) is not None:
                pass
            for who in c.watchers:
                self.check_end(c)
                self.processes[who].place = "told"
            c.watchers = ()

    # ---- rules 1, 2 and 4: attempts. `own` is the acting process if it is a select that is registered.

    def attempt(self, p, index, own=None):
        arm = p.operation.arms[index]
        c = self.channels[arm.channel]
        if arm.side is RECEIVE:
            return self.acquire(c, own, index)
        if c.closed:
            return self.win(own, index, CLOSED)
        return self.offer(c, arm.value, own, index) if arm.side is SEND else self.reserve(c, p, own, index)

    def offer(self, c, value, own, index):
        found = self.commit_next(c, c.receivers, GRANTED, own)
        if found is LOST or (found is None and not c.has_room()):
            return found
        if self.win(own, index, GRANTED) is LOST:
            return LOST
        self.push(c, value)
        if found is not None:
            c.claims += 1
        elif own is not None and "own send leaves own receive" not in self.faults:
            self.hand_out(c)  # Nobody is live there, but a set's own entry must leave with a hint.
        return GRANTED

    def reserve(self, c, p, own, index):
        if not c.has_room() and not (c.capacity == 0 and self.demand(c, p.index)):
            return None
        if self.win(own, index, GRANTED) is LOST:
            return LOST
        c.permits += 1
        return GRANTED

    def acquire(self, c, own, index):
        """GRANTED is a claim, which a plain receive turns into the value in the same step."""
        if len(c.values) > (0 if "claims ignored" in self.faults else c.claims):
            if self.win(own, index, GRANTED) is LOST:
                return LOST
            c.claims += 1
            if "refill without commit" in self.faults and c.has_room() and c.senders:
                self.push(c, self.arm(c.senders[0]).value)
            elif "take without refill" not in self.faults:
                self.refill(c)
            return GRANTED
        found = self.commit_sender(c, own, values_only=True)
        if found is LOST:
            return LOST
        if found is not None:
            c.claims += 1
            return self.win(own, index, GRANTED)
        if not self.is_finished(c):
            return None
        self.check_end(c)
        if "finder tells nobody" not in self.faults:
            self.settle(c)
        return self.win(own, index, CLOSED)

    def take_batch(self, c, p, limit):
        """Takes up to `limit` more values that can be had at once."""
        while limit and len(c.values) > c.claims:
            c.claims, limit = c.claims + 1, limit - 1
            self.take_claimed(c, p, at_once=True)
            self.refill(c)
        while limit and (entry := self.commit_sender(c, values_only=True)) is not None:
            limit -= 1
            if "batch bypasses claims" in self.faults:
                c.values = c.values[:-1]
                self.deliver(c, p, self.arm(entry).value)
            else:
                c.claims += 1
                self.take_claimed(c, p, at_once=True)
        self.settle(c)

    # ---- joining and leaving the lines

    def insert(self, p, index):
        arm = p.operation.arms[index]
        c = self.channels[arm.channel]
        p.slots += (index,)
        if arm.side is RECEIVE:
            c.receivers += ((p.index, index),)
            self.refill(c)
        else:
            c.senders += ((p.index, index),)

    def is_linked(self, p, index):
        arm = p.operation.arms[index]
        return (p.index, index) in self.channels[arm.channel].line(arm.side)

    def withdraw(self, p, index):
        """A waiter that was not committed leaves; a sender has its value back, and may have been the last."""
        arm = p.operation.arms[index]
        c = self.channels[arm.channel]
        c.unlink((p.index, index))
        p.slots = tuple(i for i in p.slots if i != index)
        if arm.side is not RECEIVE and "withdrawal unchecked" not in self.faults:
            self.settle(c)

    def release_claim(self, c):
        c.claims -= 1
        if "claim not passed on" not in self.faults:
            self.hand_out(c)

    def use_permit(self, c, value):
        c.permits -= 1
        self.push(c, value)
        self.hand_out(c)
        if "permit send admits nobody" not in self.faults:
            self.refill(c)

    def drop_permit(self, c):
        c.permits -= 1
        self.refill(c)
        self.settle(c)

    def close(self, c):
        c.closed = True
        self.settle(c)

    def abandon(self, c):
        """The last receiver is gone, so none of its futures is left either."""
        c.closed = c.abandoned = True
        while self.commit_next(c, c.senders, CLOSED) is not None:
            pass
        self.freed |= set(c.values)
        c.values = ()
        self.settle(c)

    def complete(self, p, winner):
        """The operation is over, and `winner` the arm that sent its value, if one did."""
        if any(self.is_linked(p, index) for index, arm in enumerate(p.operation.arms) if arm.channel is not None):
            raise Violation("an entry is left behind")
        for index, arm in enumerate(p.operation.arms):
            if arm.side in (SEND, RESERVE):
                told = index == winner or (index, GRANTED) in p.spent
                if told != (arm.value in self.sent):
                    raise Violation(f"{arm.value} is sent by an arm that did not win" if not told else
                                    f"{arm.value} was said to be sent and was not")
                if not told and arm.value in self.freed:
                    raise Violation(f"{arm.value} is freed before its owner could have it back")
        p.at += 1
        p.reset()

    # ---- what holds after every step

    def check(self):
        inside = [value for c in self.channels for value in c.values]
        received = [value for p in self.processes for _, value in p.got]
        if sorted(inside + received + [v for v in self.freed if v in self.sent]) != sorted(self.sent):
            raise Violation("the values sent are not those received, inside and dropped with the channel")
        running = [p for p in self.processes if p.operation is not None]
        for c in self.channels:
            if c.claims != sum(p.holds(RECEIVE) == c.index for p in running):
                raise Violation("a claim leaks, or a receiver lacks one")
            if c.permits != sum(p.holds(RESERVE) == c.index for p in running):
                raise Violation("a permit leaks, or its holder lacks one")
            receivers = [e[0] for e in c.receivers if self.is_open(e)]
            senders = [e for e in c.senders if self.is_open(e)]
            if any(e[0] != who for e in senders if self.arm(e).side is SEND for who in receivers):
                raise Violation("a sender and a receiver wait for each other")
            if receivers and len(c.values) > c.claims:
                raise Violation("a receiver waits beside an unclaimed value")
            if senders and c.has_room():
                raise Violation("a sender waits beside a free place")
            if c.capacity == 0 and any(sum(who != e[0] for who in receivers) > c.permits
                                       for e in senders if self.arm(e).side is RESERVE):
                raise Violation("a reservation waits beside a receiver")
            if (receivers or c.watchers) and c.closed and not c.values and not c.permits and not c.senders:
                raise Violation("somebody waits on a channel that has come to its end")
        for p in running:
            if p.operation.kind == "set" and p.place == "wait" and p.status is OPEN:
                waiting = {i for i in p.slots if self.is_linked(p, i)} | {i for i, _ in p.spent}
                if p.hints or len(waiting) < len(p.operation.arms):
                    raise Violation("a set waits and has missed a hint")
