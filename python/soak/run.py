"""One run of one topology: its members, where they work, and what must be over when it is."""

from __future__ import annotations

import asyncio
import gc
import importlib
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from .book import PATIENCE, Book, Deliberate, Loss
from .dice import Dice
from .hand import Hand
from .noise import Noise

try:
    _uvloop: Any = importlib.import_module("uvloop")
except ImportError:
    _uvloop = None


def _new_loop(kind: str) -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = _uvloop.new_event_loop() if kind == "uvloop" else asyncio.new_event_loop()
    return loop


def warm_up() -> None:
    """Runs a loop of each kind."""
    for kind in ("asyncio", "uvloop") if _uvloop is not None else ("asyncio",):
        loop = _new_loop(kind)
        loop.run_until_complete(asyncio.sleep(0.001))
        loop.close()


class Group:
    """Members, and what is done when the last of them is."""

    def __init__(self, at_end: Callable[[], object]) -> None:
        self._left = 0
        self._lock = threading.Lock()
        self._at_end = at_end

    def enter(self) -> None:
        with self._lock:
            self._left += 1

    def leave(self) -> None:
        with self._lock:
            self._left -= 1
            is_last = not self._left
        if is_last:
            self._at_end()


class _Member:
    """Somebody's work, and the groups that wait for it."""

    def __init__(self, name: str, hand: Hand, work: Callable[[Hand], Any], groups: tuple[Group, ...]) -> None:
        self.name = name
        self.hand = hand
        self._work: Callable[[Hand], Any] | None = work
        self._groups = list(groups)
        for group in groups:
            group.enter()

    def begin(self) -> Callable[[Hand], Any]:
        work, self._work = self._work, None
        assert work is not None
        return work

    def finish(self) -> None:
        """It is over, or its loop is."""
        self._work = None
        # The place and the task may say so at the same time, in different threads.
        while self._groups:
            try:
                group = self._groups.pop()
            except IndexError:
                return
            group.leave()


class Place:
    """A thread with an event loop."""

    def __init__(self, run: Run, kind: str, *, is_doomed: bool) -> None:
        self.run = run
        self.kind = kind
        self.members: list[_Member] = []
        self.turns = run.dice.below(200) if is_doomed else None
        self.pause = run.dice.moment()
        self.is_debug = run.dice.once_in(5)

    def __repr__(self) -> str:
        return self.kind + (" (debug)" if self.is_debug else "") + (" (doomed)" if self.turns is not None else "")

    def work(self) -> None:
        """Runs the loop in this thread, until everybody is done or, if it is doomed, until it is closed under them."""
        loop = _new_loop(self.kind)
        try:
            loop.set_exception_handler(lambda loop, context: self.run.noise.of_loop(loop, context))
            loop.set_debug(self.is_debug)
            loop.slow_callback_duration = 1e9
            loop.run_until_complete(self._main(loop))
            if self.turns is None:
                loop.run_until_complete(loop.shutdown_asyncgens())
        except BaseException:
            self.run.fail(f"{self!r}", traceback.format_exc())
        finally:
            if self.turns is not None:
                for task in asyncio.all_tasks(loop):
                    # asyncio has its word to say when they are collected, and here that is the point.
                    task._log_destroy_pending = False  # type: ignore[attr-defined]
            loop.close()
            for member in self.members:
                member.finish()

    async def _main(self, loop: asyncio.AbstractEventLoop) -> None:
        tasks = [loop.create_task(self._task(member), name=member.name) for member in self.members]
        if self.turns is not None:
            for _ in range(self.turns):
                await asyncio.sleep(0)
            await asyncio.sleep(self.pause)
            return
        if tasks:
            await asyncio.wait(tasks)
        del tasks
        # Somebody else may still send to what runs here.
        await self._at_end(loop)

    async def _at_end(self, loop: asyncio.AbstractEventLoop) -> None:
        mine = asyncio.current_task()
        over = asyncio.Event()
        self.run.when_all_are_done(lambda: loop.call_soon_threadsafe(over.set))
        await over.wait()
        gc.collect()
        end = time.monotonic() + PATIENCE
        while left := [task for task in asyncio.all_tasks() if task is not mine and not task.done()]:
            if time.monotonic() > end:
                self.run.fail(f"{self!r}", f"{len(left)} tasks left: {left}")
                return
            del left
            await asyncio.sleep(0.0005)

    async def _task(self, member: _Member) -> None:
        try:
            await member.begin()(member.hand)
        except Exception:
            self.run.fail(member.name, traceback.format_exc())
        finally:
            member.hand.post = "is done"
            member.finish()


def drain_all(book: Book, channels: Iterable[Any]) -> None:
    """Gets what is left in channels that are closed; what was given back late, too."""
    for chan in channels:
        # Puts that wait at a buffer in Python get their place when there is room.
        while values := chan.drain():
            book.got(*values)


class Run:
    """See the module."""

    def __init__(self, seed: int, noise: Noise) -> None:
        self.dice = Dice(seed)
        self.noise = noise
        self.topology: list[str] = []
        self.books: list[Book] = []
        self.failures: list[str] = []
        # For whoever asks why it hangs; they are not kept alive.
        self.channels: list[Callable[[], Any]] = []
        self.at_end: list[Callable[[], object]] = []
        self.members: list[_Member] = []
        self._places: list[Place] = []
        self._threads: list[_Member] = []
        self._errors: list[Deliberate] = []
        self._waiting: list[Callable[[], object]] = []
        self._is_done = False
        self._lock = threading.Lock()
        self._everybody = Group(self._all_done)

    def note(self, what: str) -> None:
        """Adds to the description of the topology."""
        self.topology.append(what)

    def fail(self, who: str, what: str) -> None:
        self.failures.append(f"{who}: {what}")

    def book(self, name: str) -> Book:
        book = Book(name)
        self.books.append(book)
        return book

    def error(self) -> Deliberate:
        """An error to close something with, of which nothing is kept alive when the run is over."""
        error = Deliberate("an error")
        self._errors.append(error)
        return error

    def place(self, *, is_doomed: bool = False) -> Place:
        """A new loop."""
        kind = self.dice.pick(("asyncio", "uvloop")) if _uvloop is not None else "asyncio"
        place = Place(self, kind, is_doomed=is_doomed)
        self._places.append(place)
        return place

    def any_place(self) -> Place | None:
        """A loop that there is or a new one, or nothing: a thread without a loop."""
        if self.dice.once_in(4):
            return None
        places = [place for place in self._places if place.turns is None]
        return self.dice.pick(places) if places and not self.dice.once_in(3) else self.place()

    def _hand(self, book: Book) -> Hand:
        return Hand(self.dice.fork(), book, len(self.members))

    def task(
        self, place: Place, name: str, book: Book, work: Callable[[Hand], Coroutine[Any, Any, None]], *groups: Group
    ) -> Hand:
        """Has a member work in a loop."""
        hand = self._hand(book)
        hand.is_fragile = place.turns is not None
        member = _Member(f"{name} {len(self.members)} in {place!r}", hand, work, (*groups, self._everybody))
        self.members.append(member)
        place.members.append(member)
        return member.hand

    def thread(self, name: str, book: Book, work: Callable[[Hand], None], *groups: Group) -> Hand:
        """Has a member work in a thread of its own."""
        member = _Member(f"{name} {len(self.members)} in a thread", self._hand(book), work, (*groups, self._everybody))
        self.members.append(member)
        self._threads.append(member)
        return member.hand

    def when_all_are_done(self, call: Callable[[], object]) -> None:
        with self._lock:
            if not self._is_done:
                self._waiting.append(call)
                return
        call()

    def _all_done(self) -> None:
        with self._lock:
            self._is_done = True
            waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def _in_thread(self, member: _Member) -> None:
        try:
            member.begin()(member.hand)
        except BaseException:
            self.fail(member.name, traceback.format_exc())
        finally:
            member.hand.post = "is done"
            member.finish()

    def play(self) -> None:
        """Has everybody work, until all are done."""
        threads = [threading.Thread(target=place.work, name=repr(place), daemon=True) for place in self._places]
        threads += [
            threading.Thread(target=self._in_thread, args=(member,), name=member.name, daemon=True)
            for member in self._threads
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def settle(self, book: Book, loss: Loss, *channels: Any) -> None:
        """Closes a book and looks at the channels: they must be over, and nobody may wait there."""
        for error in [*self._errors, *(chan.error for chan in channels)]:
            if error is not None:  # A buffer's own, maybe.
                error.__traceback__ = error.__context__ = None
        for call in self.at_end:
            call()
        # A thread of a stage may give back what it did not begin with after everybody else is done.
        self.failures += book.settle(loss, lambda: drain_all(book, channels))
        for chan in channels:
            stats = chan.stats()
            if stats.waiting_puts or stats.waiting_gets or len(chan):
                self.fail("a channel", f"{stats} has {len(chan)} values")

    def table(self) -> str:
        """What everybody does just now."""
        lines = [f"topology: {', '.join(self.topology)}"]
        lines += [f"  {member.name}: {member.hand.post}" for member in self.members]
        lines += [f"  {book.name}: {book.counts()} made, put, got, returned" for book in self.books]
        for ref in self.channels[-10:]:
            if (chan := ref()) is not None:
                stats = chan.stats()
                lines.append(f"  {stats}, {stats.waiting_puts} puts and {stats.waiting_gets} gets wait")
        lines += [f"  FAILED: {failure}" for failure in self.failures]
        return "\n".join(lines)
