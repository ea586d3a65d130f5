"""What a state of the protocol is made of: channels, processes, and the scenario that they play.

States are compared and kept by the hundred thousand, so they are nested tuples: (channels, processes, values sent,
values freed). `Channel` and `Process` are parts of one, thawed for a step.
"""
from collections import namedtuple
from operator import attrgetter

OPEN, DONE, IDLE = "Open", "Done", "Idle"            # the status of a record, or of a plain waiter's slot
GRANTED, CLOSED, LOST = "granted", "closed", "lost"  # how an attempt ends, where None is "no match: wait"
SEND, RECEIVE, RESERVE = "send", "receive", "reserve"

Scenario = namedtuple("Scenario", "capacities scripts")
Arm = namedtuple("Arm", "side channel value")        # a reservation's value is sent through its permit
# `drop`: the future may be dropped wherever it waits. `hold`: once it is committed it is never polled again.
# `times`: how often a set calls next(), or how many values a batch takes. `keep`: the set outlives its last call.
Operation = namedtuple("Operation", "kind arms drop hold times keep")


class Channel:
    """What one channel's lock guards. An entry of a line is (process, arm); `ended`: Closed was reported."""

    FIELDS = "values claims permits closed abandoned ended senders receivers watchers".split()
    __slots__ = (*FIELDS, "index", "capacity")

    def __init__(self, index, capacity, frozen):
        self.index, self.capacity = index, capacity
        (self.values, self.claims, self.permits, self.closed, self.abandoned, self.ended,
         self.senders, self.receivers, self.watchers) = frozen

    def line(self, side):
        return self.receivers if side is RECEIVE else self.senders

    def unlink(self, entry):
        self.senders = tuple(e for e in self.senders if e != entry)
        self.receivers = tuple(e for e in self.receivers if e != entry)

    def has_room(self):
        return len(self.values) - self.claims + self.permits < self.capacity


class Process:
    """One task: how far it is in its script, and the future, record and slots of the operation it is in.

    `place` is where in the operation it stands and `count` how many arms or calls it has behind it, from arm
    `first` on; `slots` are the arms that joined a line and have not left it, linked or not; `todo` the arms
    still to register or to withdraw; `spent` the arms of a set that ended; `got` the values received, in order.
    """

    FIELDS = "at place count first status arm outcome slots hints todo spent got".split()
    __slots__ = (*FIELDS, "index", "operation")

    def __init__(self, index, script, frozen):
        (self.at, self.place, self.count, self.first, self.status, self.arm, self.outcome,
         self.slots, self.hints, self.todo, self.spent, self.got) = frozen
        self.index, self.operation = index, script[self.at] if self.at < len(script) else None

    def reset(self):
        self.place, self.count, self.first, self.status, self.arm, self.outcome = "start", 0, 0, IDLE, None, None
        self.slots = self.hints = self.todo = self.spent = ()

    def holds(self, side):
        """The channel on which it holds a claim (RECEIVE), a permit (RESERVE) or a sent value (SEND), if any."""
        if self.status is DONE and self.outcome is GRANTED:
            arm = self.operation.arms[self.arm]
            return arm.channel if arm.side is side else None
        return None


freeze_channel, freeze_process = attrgetter(*Channel.FIELDS), attrgetter(*Process.FIELDS)


def initial(scenario):
    channel = ((), 0, 0, False, False, False, (), (), ())
    process = (0, "start", 0, 0, IDLE, None, None, (), (), (), (), ())
    return ((channel,) * len(scenario.capacities), (process,) * len(scenario.scripts), frozenset(), frozenset())
