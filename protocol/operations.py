"""What a process may do next: the futures over the protocol, cut into critical sections.

A future can be dropped where it waits, between two polls, and nowhere else. A poll that has begun goes on step by
step, with everybody else's steps between. A step that would only read what nobody can change any more, such as a
record that is Done, is joined to the next one.
"""
from state import DONE, GRANTED, IDLE, LOST, OPEN, RECEIVE, RESERVE


def moves(world):
    """Every (process, label, function, arguments) that could be the next step."""
    return [(p.index, label, function, arguments)
            for p in world.processes if p.operation is not None
            for label, function, *arguments in MOVES.get(p.operation.kind, plain_moves)(p)]


def describe(p, index=0):
    arm = p.operation.arms[index]
    return f"{arm.side or p.operation.kind}{' ' + arm.value if arm.value else ''} on channel {arm.channel}"


def channel_of(world, p, index=0):
    return world.channels[p.operation.arms[index].channel]


# ---- plain operations: one arm, and a slot in the line instead of a record


def plain_moves(p):
    operation = p.operation
    if p.place == "start":
        yield describe(p), begin
    elif p.place == "permit":
        yield from permit_moves(p)
    elif p.place == "more":
        yield "takes what else is there", take_more
    else:
        if p.status is DONE and not operation.hold:
            yield "takes its value", poll_plain
        if operation.drop:
            yield "drops its future", drop_plain


def begin(world, p):
    kind, c = p.operation.kind, channel_of(world, p)
    if kind in ("close", "abandon"):
        getattr(world, kind)(c)
        world.complete(p, None)
    elif kind == "drained":
        if world.is_finished(c):
            world.check_end(c)
            world.complete(p, None)
        else:
            c.watchers += (p.index,)
            p.place = "wait"
    else:
        result = world.attempt(p, 0)
        if result is None:
            p.place, p.status = ("permit" if kind == RESERVE else "wait"), OPEN
            world.insert(p, 0)
        else:
            conclude(world, p, 0, result)


def conclude(world, p, index, result):
    """An invisible attempt has succeeded: a receive takes its value in the same step."""
    arm = p.operation.arms[index]
    if result is GRANTED and arm.side is RESERVE:
        p.place, p.status, p.arm, p.outcome = "permit", DONE, index, GRANTED
        return
    if result is GRANTED and arm.side is RECEIVE:
        world.take_claimed(world.channels[arm.channel], p, at_once=True)
        if p.operation.kind == "batch":
            p.place = "more"
            return
    world.complete(p, index if result is GRANTED else None)


def poll_plain(world, p):
    world.take_claimed(channel_of(world, p), p)
    p.status = IDLE
    if p.operation.kind == "batch":
        p.place = "more"
    else:
        world.complete(p, None)


def take_more(world, p):
    world.take_batch(channel_of(world, p), p, p.operation.times - 1)
    world.complete(p, None)


def drop_plain(world, p):
    c = channel_of(world, p)
    if p.holds(RECEIVE) is not None:
        world.release_claim(c)
    elif p.operation.kind == "drained":
        c.watchers = tuple(who for who in c.watchers if who != p.index)
    else:
        world.withdraw(p, 0)
    world.complete(p, None)


def permit_moves(p):
    """A reservation that waits, or a permit that is held: of a plain `reserve` or as a select's result."""
    if p.status is DONE:
        yield "sends through its permit", send_permit
    if p.operation.drop:
        yield "drops " + ("its permit" if p.status is DONE else "its future"), drop_reservation


def send_permit(world, p):
    arm = p.operation.arms[p.arm]
    c = world.channels[arm.channel]
    if c.abandoned:
        c.permits -= 1
        world.complete(p, None)
    else:
        world.use_permit(c, arm.value)
        world.complete(p, p.arm)


def drop_reservation(world, p):
    if p.status is DONE:
        world.drop_permit(channel_of(world, p, p.arm))
    else:
        world.withdraw(p, 0)
    world.complete(p, None)


# ---- a select: rules 4 to 6


def select_moves(p):
    operation = p.operation
    if p.place == "start":
        for first in range(len(operation.arms)):
            yield f"select tries arm {first}, {describe(p, first)}", try_arm, first
    elif p.place == "fast":
        index = (p.first + p.count) % len(operation.arms)
        yield f"select tries arm {index}, {describe(p, index)}", try_arm, p.first
    elif p.place == "register":
        index = (p.first + p.count) % len(operation.arms)
        yield f"select registers arm {index}, {describe(p, index)}", register
    elif p.place == "permit":
        yield from permit_moves(p)
    elif p.place == "wait":
        if p.status is OPEN or not operation.hold:
            if p.status is DONE:
                yield f"sees that arm {p.arm} has won", finish
            if operation.drop:
                yield "drops its future", drop_select
    else:
        yield f"goes on to leave ({p.place})", leave


def try_arm(world, p, first):
    """The fast pass: known to nobody, from a random arm on, one channel at a time."""
    p.place, p.first = "fast", first
    index = (first + p.count) % len(p.operation.arms)
    result = world.attempt(p, index)
    if result is not None:
        conclude(world, p, index, result)
        return
    p.count += 1
    if p.count == len(p.operation.arms):
        p.place, p.count, p.status = "register", 0, OPEN


def register(world, p):
    """One arm more: a second attempt, which commits both sides or neither, or else an entry."""
    index = (p.first + p.count) % len(p.operation.arms)
    result = None if "no second attempt" in world.faults else world.attempt(p, index, own=p)
    if result is not None:
        finish(world, p, begins=False)
        return
    world.insert(p, index)
    p.count += 1
    if p.count == len(p.operation.arms):
        p.place, p.count, p.first = "wait", 0, 0


def finish(world, p, begins=True):
    """The losers leave, one channel lock at a time; then the winner takes its result."""
    p.place, p.count, p.first = "finish", 0, 0
    p.todo = tuple(sorted(i for i in p.slots if i != p.arm))
    if begins or not has_business(world, p):
        leave(world, p)


def drop_select(world, p):
    """The record stops accepting, then each arm leaves; what the winner was granted passes on."""
    p.place = "drop"
    p.todo = tuple(sorted({*p.slots, *(() if p.arm is None else (p.arm,))}))
    if p.status is OPEN:
        p.status = IDLE
    else:
        leave(world, p)


def is_granted(p, index):
    return index == p.arm and p.status is DONE and p.outcome is GRANTED


def has_business(world, p):
    """Whether some channel is still to be locked. A receive entry that a peer has unlinked needs no lock."""
    arms = p.operation.arms
    p.todo = tuple(i for i in p.todo if is_granted(p, i) or arms[i].side is not RECEIVE or world.is_linked(p, i))
    return bool(p.todo) or (p.place == "finish" and p.holds(RECEIVE) is not None)


def leave(world, p):
    """One channel lock of a select, or of a set that is dropped, on its way out."""
    if has_business(world, p):
        if p.todo:
            index, p.todo = p.todo[0], p.todo[1:]
            leave_line(world, p, index)
        else:
            world.take_claimed(channel_of(world, p, p.arm), p)
            p.status = IDLE
        if has_business(world, p):
            return
    p.slots = ()
    if p.place == "finish" and p.holds(RESERVE) is not None:
        p.place = "permit"
    else:
        world.complete(p, p.arm if p.status is DONE and p.outcome is GRANTED else None)


def leave_line(world, p, index):
    if not is_granted(p, index):
        world.withdraw(p, index)
        return
    side, c = p.operation.arms[index].side, channel_of(world, p, index)
    if side is RECEIVE:
        p.status = IDLE
        world.release_claim(c)
    elif side is RESERVE:
        p.status = IDLE
        world.drop_permit(c)


# ---- a set, which stays registered: rule 7


def set_moves(p):
    operation = p.operation
    if p.place in ("start", "rest"):
        if p.count < operation.times:
            yield "calls next()", call_next
        elif not operation.keep:
            yield "drops its set", drop_set
    elif p.place == "register":
        yield f"set arms {p.todo[0]}, {describe(p, p.todo[0])}", rearm
    elif p.place == "wait":
        if p.status is DONE:
            yield f"sees that arm {p.arm} has won", finish_next
        if operation.drop:
            yield "drops next()", drop_next
    elif p.place == "finish":
        yield f"settles arm {p.arm}", finish_next
    else:
        yield "goes on to leave", leave


def call_next(world, p):
    """What a peer has decided comes first; otherwise the set opens, and looks at what it was hinted at."""
    if p.place == "start":
        p.hints = tuple(range(len(p.operation.arms)))
    if p.status is DONE:
        finish_next(world, p)
    elif len(p.spent) == len(p.operation.arms):
        p.count, p.place = p.operation.times, "rest"
    else:
        p.status, p.todo, p.hints = OPEN, p.hints, ()
        p.place = "register" if p.todo else "wait"


def rearm(world, p):
    index = p.todo[0]
    if index in p.slots:
        # A peer has unlinked the entry, the slot is still there. That a receiver's goes changes nothing.
        world.withdraw(p, index)
        if p.operation.arms[index].side is not RECEIVE:
            return
    result = world.attempt(p, index, own=p)
    if result is not LOST:
        p.todo = p.todo[1:]
    if result is None:
        world.insert(p, index)
        p.place = "register" if p.todo else "wait"
    else:
        p.todo = () if "hints not put back" in world.faults else p.todo
        p.place = "finish"


def finish_next(world, p):
    """Takes the winner's result. Its arm wants another look before the next wait, or has come to its end."""
    index, again = p.arm, ()
    if p.holds(RECEIVE) is not None:
        world.take_claimed(channel_of(world, p, index), p)
        again = (index,)
    else:
        p.spent += ((index, p.outcome),)
    p.slots = tuple(i for i in p.slots if i != index)
    p.hints, p.todo = p.todo + p.hints + again, ()
    p.status, p.arm, p.outcome, p.place, p.count = IDLE, None, None, "rest", p.count + 1


def drop_next(world, p):
    """The set accepts nothing now; its entries stay in line, and an arm that has won stays won."""
    p.place, p.count = "rest", p.count + 1
    if p.status is OPEN:
        p.status = IDLE


def drop_set(world, p):
    p.place, p.hints = "drop", ()
    p.todo = tuple(sorted({*p.slots, *(() if p.arm is None else (p.arm,))}))
    leave(world, p)


MOVES = {"select": select_moves, "set": set_moves}
