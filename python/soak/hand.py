"""What a member of a run has in hand: its choices, the book, and every way to put and to get."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import millstream as ms

from .book import Book, Deliberate, Value
from .dice import Dice

CUT: Any = object()
"""What comes of an operation that was given up."""


class Hand:
    """A member's own; what it does just now is in `post`, for whoever asks why a run hangs."""

    def __init__(self, dice: Dice, book: Book, producer: int) -> None:
        self.dice = dice
        self.book = book
        self.producer = producer
        self.post = "has not begun"
        self.made = 0
        self.is_hostile = False
        # Whether its task may be cancelled, or its loop closed. Then it waits in no task of its own: asyncio loses what
        # such a task has got when whoever waits for it is cancelled.
        self.is_fragile = False
        # Whether the values of a producer can be got out of their order.
        self.may_reorder = True
        self._last: dict[int, int] = {}

    def value(self) -> Value:
        """A new value."""
        self.made += 1
        return Value(self.book, self.producer, self.made, is_hostile=self.is_hostile and self.dice.once_in(5))

    def got(self, values: list[Any]) -> list[Any]:
        """Writes down what was got."""
        self.book.got(*values)
        if not self.may_reorder:
            for value in values:
                if self._last.get(value.producer, 0) >= value.number:
                    self.book.wrong.append(f"{value!r} came after number {self._last[value.producer]}")
                self._last[value.producer] = value.number
        return values

    def idle(self) -> None:
        """What happens between two operations: now and then a collection."""
        if self.dice.once_in(400):
            gc.collect(self.dice.below(3))

    # In tasks.

    async def turns(self, most: int = 4) -> None:
        """Lets others have their turn."""
        for _ in range(self.dice.below(most + 1)):
            await asyncio.sleep(0)

    async def cut(self, operation: Any) -> Any:
        """Awaits an operation, or gives it up at some moment, in one of the ways that there are."""
        way = 1 if self.is_fragile else self.dice.below(5)
        if self.is_fragile and not hasattr(asyncio, "timeout"):
            return await operation
        if way == 0:
            try:
                return await asyncio.wait_for(operation, self.dice.moment())
            except (TimeoutError, asyncio.TimeoutError):
                return CUT
        if way == 1 and hasattr(asyncio, "timeout"):
            try:
                async with asyncio.timeout(self.dice.moment()):
                    return await operation
            except TimeoutError:
                return CUT
        task = asyncio.get_running_loop().create_task(operation)
        if way == 2:
            # A shield leaves it alone, until it is cancelled itself.
            try:
                return await asyncio.wait_for(asyncio.shield(task), self.dice.moment())
            except (TimeoutError, asyncio.TimeoutError):
                pass
        elif way == 3:
            asyncio.get_running_loop().call_later(self.dice.moment(), task.cancel)
        else:
            await self.turns()
        if way != 3:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return CUT

    async def started(self, operation: ms.Operation[Any]) -> Any:
        """Starts an operation with a callback, and waits for that or withdraws it. What is withdrawn did not happen."""
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        calls: list[None] = []

        def tell() -> None:
            if not ended.done():
                ended.set_result(None)

        def callback(_: object) -> None:
            calls.append(None)
            try:
                loop.call_soon_threadsafe(tell)
            except RuntimeError:  # The loop is closed, and nobody waits.
                pass
            if self.dice.once_in(20):
                raise Deliberate("a callback that raises")

        if operation.start(callback):
            if calls:
                self.book.wrong.append("a callback was called for what was done at once")
            return operation.result()
        if self.dice.once_in(2):
            await self.turns()
            if operation.cancel():
                await self.turns(1)
                if calls:
                    self.book.wrong.append("a callback was called for what was withdrawn")
                return CUT
            # That it is done is known before its callback has been called.
            if not operation.done():
                self.book.wrong.append("an operation that cannot be withdrawn is not done")
        await ended
        if len(calls) != 1:
            self.book.wrong.append(f"a callback was called {len(calls)} times")
        if operation.cancel():
            self.book.wrong.append("an operation that is done was withdrawn")
        return operation.result()

    async def put(self, tx: Any) -> bool:
        """Makes a value and puts it in one of the ways; false when the channel takes no more."""
        self.idle()
        value = self.value()
        way = self.dice.below(12)
        self.post = f"put {value.number}, way {way}, on {tx!r}"
        try:
            if way <= 3:
                await tx.put(value)
                self.book.put(value)
            elif way == 4:
                try:
                    tx.put_nowait(value)
                except ms.Full:
                    await tx.put(value)
                self.book.put(value)
            elif way <= 6:
                if await self.cut(tx.put(value)) is not CUT:
                    self.book.put(value)
            elif way == 7:
                if await self.started(tx.put(value)) is CUT:
                    self.book.returned(value)
                else:
                    self.book.put(value)
            elif way == 8:
                return await self._put_by_select(tx, value)
            elif way == 9:
                tx.put(value)  # It is inert.
                self.book.returned(value)
                await self.turns()
            elif way == 10:
                return await self._put_many(tx, value)
            else:
                self._put_blocking(tx, value, self.dice.pick((0.0, 0.0001)))
        except ms.Closed as closed:
            return self._refused(closed, value)
        except Deliberate:  # Of a buffer: whether it kept the value nobody knows.
            return False
        finally:
            self.post = "has put"
        return True

    def _refused(self, closed: ms.Closed, value: Value) -> bool:
        if closed.value is not value:
            self.book.wrong.append(f"{value!r} was refused, and the error has {closed.value!r}")
        self.book.returned(value)
        return False

    async def _put_by_select(self, tx: Any, value: Value) -> bool:
        operation = ms.select((tx, value), **self._limit())
        chosen = await (self.cut(operation) if self.dice.once_in(3) else operation)
        if chosen is CUT:
            return True
        return self._selected_put(chosen, value)

    def _limit(self) -> dict[str, Any]:
        if self.dice.once_in(3):
            return {"default": None}
        return {"timeout": self.dice.moment()}

    def _selected_put(self, chosen: ms.Selected, value: Value) -> bool:
        if chosen.index < 0:
            self.book.returned(value)
        elif chosen.closed:
            try:
                chosen.value  # noqa: B018
            except ms.Closed as closed:
                return self._refused(closed, value)
        else:
            self.book.put(value)
        return True

    async def _put_many(self, tx: Any, first: Value) -> bool:
        values = [first, *(self.value() for _ in range(self.dice.below(6)))]
        pulled: list[Value] = []

        def pull() -> Any:
            for value in values:
                pulled.append(value)
                yield value

        try:
            done = await (self.cut(tx.put_many(pull())) if self.dice.once_in(2) else tx.put_many(pull()))
        except ms.Closed as closed:
            # What was not pulled was not put; what was pulled last is in the error.
            if not pulled or closed.value is not pulled[-1]:
                self.book.wrong.append(f"{closed.value!r} is not what was pulled last of {pulled}")
            self.book.put(*pulled[:-1])
            self.book.returned(*values[max(len(pulled) - 1, 0) :])
            return False
        if done is CUT:
            self.book.put(*pulled[:-1])
            self.book.returned(*values[len(pulled) :])
        elif done != len(values):
            self.book.wrong.append(f"put_many put {done} of {len(values)}")
        else:
            self.book.put(*values)
        return True

    def _put_blocking(self, tx: Any, value: Value, timeout: float | None) -> None:
        try:
            tx.put_blocking(value, timeout)
        except TimeoutError:
            self.book.returned(value)
        else:
            self.book.put(value)

    async def get(self, rx: Any) -> list[Any] | None:
        """Gets some values in one of the ways; `None` when it is over."""
        self.idle()
        way = self.dice.below(12)
        self.post = f"get, way {way}, on {rx!r}"
        try:
            if way <= 2:
                return self.got([await rx.get()])
            if way == 3:
                try:
                    return self.got([rx.get_nowait()])
                except ms.Empty:
                    await self.turns()
                    return []
            if way <= 6 - (not self.is_fragile):
                value = await self.cut(rx.get())
                return self.got([] if value is CUT else [value])
            if way == 6 and not self.is_fragile:
                value = await self.started(rx.get())
                return self.got([] if value is CUT else [value])
            if way == 7:
                operation = ms.select(rx, **self._limit())
                chosen = await (self.cut(operation) if self.dice.once_in(3) else operation)
                return [] if chosen is CUT or chosen.index < 0 else self.got([chosen.value])
            if way == 8:
                many = rx.get_many(self.dice.between(1, 8))
                values = await (self.cut(many) if self.dice.once_in(2) else many)
                if values is CUT:
                    return []
                return self.got(values) or None
            if way == 9:
                got: list[Any] = []
                for _ in range(self.dice.between(1, 8)):
                    got += self.got([await anext(aiter(rx))])
                return got
            if way == 10:
                await self.turns()
                return self.got(rx.drain())
            return self._get_blocking(rx, self.dice.pick((0.0, 0.0001)))
        except (ms.Closed, Deliberate, StopAsyncIteration):
            return None
        finally:
            self.post = "has got"

    def _get_blocking(self, rx: Any, timeout: float | None) -> list[Any]:
        try:
            return self.got([rx.get_blocking(timeout)])
        except TimeoutError:
            return []

    # In threads.

    def put_blocking(self, tx: Any) -> bool:
        """`put` in a thread without a loop."""
        self.idle()
        value = self.value()
        way = self.dice.below(6)
        self.post = f"put {value.number} blocking, way {way}, on {tx!r}"
        try:
            if way <= 2:
                self._put_blocking(tx, value, None)
            elif way == 3:
                self._put_blocking(tx, value, self.dice.moment())
            elif way == 4:
                return self._selected_put(ms.select_blocking((tx, value), **self._limit()), value)
            else:
                operation = tx.put(value)
                if operation.start() or not operation.cancel():
                    operation.result()
                    self.book.put(value)
                else:
                    self.book.returned(value)
        except ms.Closed as closed:
            return self._refused(closed, value)
        except Deliberate:
            return False
        finally:
            self.post = "has put"
        return True

    def get_blocking(self, rx: Any) -> list[Any] | None:
        """`get` in a thread without a loop."""
        self.idle()
        way = self.dice.below(7)
        self.post = f"get blocking, way {way}, on {rx!r}"
        try:
            if way <= 2:
                return self._get_blocking(rx, None)
            if way == 3:
                return self._get_blocking(rx, self.dice.moment())
            if way == 4:
                chosen = ms.select_blocking(rx, **self._limit())
                return [] if chosen.index < 0 else self.got([chosen.value])
            if way == 5:
                got: list[Any] = []
                for value in rx:
                    got += self.got([value])
                    if self.dice.once_in(3):
                        return got
                return None
            operation = rx.get()
            if operation.start() or not operation.cancel():
                return self.got([operation.result()])
            return []
        except (ms.Closed, Deliberate):
            return None
        finally:
            self.post = "has got"
