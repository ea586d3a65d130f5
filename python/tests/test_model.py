"""A channel against a plain model of it: any mixture of operations, cancellations and timeouts, step by step."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule
from stream_support import ClockLoop

import millstream as ms

TIMEOUT = 10.0


@dataclass(eq=False)
class Waiting:
    """Somebody who waits in the model, and the task that does in the channel."""

    kind: str
    value: int | None = None
    until: float | None = None
    task: Any = None
    result: Any = None
    """`None` while it waits; what it has come to otherwise."""


@dataclass
class Model:
    """What a channel is: values in a row, those who wait, and whether it is closed."""

    capacity: int
    values: deque[int] = field(default_factory=deque)
    puts: deque[Waiting] = field(default_factory=deque)
    gets: deque[Waiting] = field(default_factory=deque)
    joins: list[Waiting] = field(default_factory=list)
    closed: bool = False
    error: BaseException | None = None

    def put(self, one: Waiting) -> None:
        if self.closed:
            one.result = ("closed", None)
        elif self.gets:
            self._give(self.gets.popleft(), one.value)
            one.result = ("done", None)
        elif len(self.values) < self.capacity:
            self.values.append(one.value)  # type: ignore[arg-type]
            one.result = ("done", None)
        else:
            self.puts.append(one)

    def get(self, one: Waiting) -> None:
        if self.values:
            self._give(one, self.values.popleft())
            self._refill()
        elif self.puts:
            put = self.puts.popleft()
            put.result = ("done", None)
            self._give(one, put.value)
        elif self.closed:
            one.result = ("end", None)
        else:
            self.gets.append(one)
        self._settle()

    def join(self, one: Waiting) -> None:
        self.joins.append(one)
        self._settle()

    def close(self, error: BaseException | None) -> bool:
        if self.closed:
            return False
        self.closed, self.error = True, error
        for one in self.gets:
            one.result = ("end", None)
        self.gets.clear()
        self._settle()
        return True

    def withdraw(self, one: Waiting) -> bool:
        """Whether it was still waiting."""
        for line in self.puts, self.gets, self.joins:
            if one in line:
                line.remove(one)
                self._settle()
                return True
        return False

    def _give(self, one: Waiting, value: int | None) -> None:
        one.result = ("value", [value] if one.kind == "get_many" else value)

    def _refill(self) -> None:
        while self.puts and len(self.values) < self.capacity:
            put = self.puts.popleft()
            put.result = ("done", None)
            self.values.append(put.value)  # type: ignore[arg-type]

    def _settle(self) -> None:
        if self.closed and not self.values and not self.puts:
            for one in self.joins:
                one.result = ("end", None)
            self.joins.clear()


class ChannelMachine(RuleBasedStateMachine):
    waiting = Bundle("waiting")

    @initialize(capacity=st.integers(0, 3), debug=st.booleans())
    def make(self, capacity: int, debug: bool) -> None:
        self.loop = ClockLoop()
        self.loop.set_debug(debug)
        self.chan: ms.Chan[int] = ms.bounded(capacity)
        self.model = Model(capacity)
        self.begun: list[Waiting] = []
        self.next_value = 0
        self.put: list[int] = []
        self.got: list[int] = []

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.chan.close()
            self.model.close(None)
            self.drain()
            self.compare()
            # Everything that was put was got once, and nothing else.
            assert sorted(self.got) == sorted(self.put)
        finally:
            self.loop.close()

    def settle(self) -> None:
        async def turns() -> None:
            for _ in range(8):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())

    def begin(self, one: Waiting, operation: Any) -> Waiting:
        async def wait() -> Any:
            return await operation

        one.task = self.loop.create_task(wait())
        self.begun.append(one)
        return one

    def value(self) -> int:
        self.next_value += 1
        return self.next_value

    @rule(target=waiting, how=st.sampled_from(["put", "select"]))
    def begin_put(self, how: str) -> Waiting:
        value = self.value()
        one = Waiting(how, value)
        operation: Any = self.chan.put(value) if how == "put" else ms.select((self.chan, value))
        self.begin(one, operation)
        self.settle()
        self.model.put(one)
        return one

    @rule(target=waiting, how=st.sampled_from(["get", "select", "get_many", "next", "chain"]))
    def begin_get(self, how: str) -> Waiting:
        one = Waiting(how)
        operation = {
            "get": self.chan.get,
            "select": lambda: ms.select(self.chan),
            "get_many": lambda: self.chan.get_many(1),
            "next": self.chan.__aiter__().__anext__,
            "chain": lambda: self.chan.stream().map(lambda value: value).__anext__(),
        }[how]()
        self.begin(one, operation)
        self.settle()
        self.model.get(one)
        return one

    @rule(target=waiting, puts=st.booleans())
    def begin_with_a_timeout(self, puts: bool) -> Waiting:
        one = Waiting("select", self.value() if puts else None, self.loop.now + TIMEOUT)
        arm: Any = (self.chan, one.value) if puts else self.chan
        self.begin(one, ms.select(arm, timeout=TIMEOUT))
        self.settle()
        (self.model.put if puts else self.model.get)(one)
        return one

    @rule(target=waiting)
    def begin_join(self) -> Waiting:
        one = self.begin(Waiting("join"), self.chan.join())
        self.settle()
        self.model.join(one)
        return one

    @rule()
    def put_nowait(self) -> None:
        one = Waiting("put", self.value())
        self.model.put(one)
        if self.model.withdraw(one):
            with pytest.raises(ms.Full):
                self.chan.put_nowait(one.value)  # type: ignore[arg-type]
        elif one.result[0] == "closed":
            with pytest.raises(ms.Closed) as closed:
                self.chan.put_nowait(one.value)  # type: ignore[arg-type]
            assert closed.value.value == one.value
        else:
            self.chan.put_nowait(one.value)  # type: ignore[arg-type]
            self.put.append(one.value)  # type: ignore[arg-type]

    @rule()
    def get_nowait(self) -> None:
        one = Waiting("get")
        self.model.get(one)
        if self.model.withdraw(one):
            with pytest.raises(ms.Empty):
                self.chan.get_nowait()
        elif one.result[0] == "end":
            with pytest.raises((ms.Closed, KeyError)):
                self.chan.get_nowait()
        else:
            got = self.chan.get_nowait()
            assert got == one.result[1]
            self.got.append(got)

    @rule(one=consumes(waiting))
    def cancel(self, one: Waiting) -> None:
        # Whether it has been told of its value already or not, the value is not lost.
        was_done = one.task.done()
        one.task.cancel()
        self.settle()
        if self.model.withdraw(one):
            assert one.task.cancelled()
            self.begun.remove(one)
        else:
            assert was_done

    @rule(one=consumes(waiting), puts=st.integers(1, 3))
    @precondition(lambda self: not self.model.closed)
    def cancel_on_the_way(self, one: Waiting, puts: int) -> None:
        """It is matched, and cancelled before it comes to run: as if it had been cancelled first."""
        if one not in self.model.gets:
            return
        values = []
        for _ in range(puts):
            value = self.value()
            try:
                self.chan.put_nowait(value)
            except ms.Full:
                break
            values.append(value)
        one.task.cancel()
        self.settle()
        assert one.task.cancelled()
        self.begun.remove(one)
        self.model.withdraw(one)
        for value in values:
            self.put.append(value)
            if self.model.gets:
                self.model._give(self.model.gets.popleft(), value)
            else:
                # It was accepted, so it stays, even if there is no room for it any more.
                self.model.values.append(value)

    @rule()
    def let_the_time_pass(self) -> None:
        async def sleep() -> None:
            await asyncio.sleep(TIMEOUT + 1)

        self.loop.run_until_complete(sleep())
        self.settle()
        for one in list(self.model.puts) + list(self.model.gets):
            if one.until is not None:
                self.model.withdraw(one)
                one.result = ("timeout", None)

    @rule(with_error=st.booleans())
    def close(self, with_error: bool) -> None:
        error = KeyError("closed") if with_error else None
        assert self.chan.close(error) == self.model.close(error)
        self.settle()

    @rule()
    def drain(self) -> None:
        expected = []
        while self.model.values or self.model.puts:
            one = Waiting("get")
            self.model.get(one)
            expected.append(one.result[1])
        drained = self.chan.drain()
        assert drained == expected
        self.got += drained
        self.settle()

    @rule()
    def put_back(self) -> None:
        if not self.model.values or self.model.closed:
            return
        value = self.chan.get_nowait()
        self.chan.unget(value)
        one = Waiting("get")
        # A place was free in between, and whoever waited for one has it.
        self.model.get(one)
        assert one.result == ("value", value)
        self.model.values.appendleft(value)

    @invariant()
    def compare(self) -> None:
        if not hasattr(self, "loop"):
            return
        self.settle()
        still = []
        for one in self.begun:
            if one.result is None:
                assert not one.task.done(), (one, one.task)
                still.append(one)
            else:
                self.check(one)
        self.begun = still
        stats = self.chan.stats()
        peeked = self.chan.peek()
        lying = len(self.model.values)
        assert peeked[:lying] == list(self.model.values)
        assert peeked[lying:] == [one.value for one in self.model.puts]
        assert stats.waiting_puts == len(self.model.puts)
        assert stats.waiting_gets == len(self.model.gets)
        assert self.chan.is_closed() == self.model.closed
        assert self.chan.is_drained() == (self.model.closed and not self.model.values and not self.model.puts)

    def check(self, one: Waiting) -> None:
        """The task has come to what the model says."""
        assert one.task.done(), one
        kind, value = one.result
        raised = one.task.exception()
        if one.kind == "select":
            assert raised is None
            won = one.task.result()
            assert won.closed == (kind in ("end", "closed"))
            assert (won.index == -1) == (kind == "timeout")
            if kind == "value":
                assert won.value == value
        elif kind == "closed":
            assert isinstance(raised, ms.Closed) and raised.value == one.value
            assert raised.__cause__ is self.model.error
        elif kind == "end":
            if self.model.error is not None:
                assert raised is self.model.error
            elif one.kind in ("get_many", "join"):
                assert one.task.result() == ([] if one.kind == "get_many" else None)
            elif one.kind in ("next", "chain"):
                assert isinstance(raised, StopAsyncIteration)
            else:
                assert isinstance(raised, ms.Closed)
        else:
            assert raised is None and one.task.result() == value
        if kind == "value":
            self.got += value if isinstance(value, list) else [value]
        elif kind == "done":
            self.put.append(one.value)  # type: ignore[arg-type]


TestChannel = ChannelMachine.TestCase
TestChannel.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
