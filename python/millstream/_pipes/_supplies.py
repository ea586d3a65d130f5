"""What worker threads take values from: a channel, an iterable that they draw from, or an async iterator on its loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Any, Generic, TypeVar, cast

from .. import _core
from .._background import Watch, shown, start
from .._errors import Closed, Empty
from .._inputs import END, End, FromIterator
from .._streams._sources import Source

T = TypeVar("T")


class Supply(Generic[T]):
    """Values for threads, taken by one of them at a time where their order counts."""

    def take(self, stop: _core.Chan[Any]) -> T | End:
        """Blocks until there is a value; `END` at the end, or when `stop` is closed. Raises what the source raises."""
        raise NotImplementedError

    def take_more(self, most: int) -> list[T]:
        """Values that are there already."""
        return []

    def give_back(self, values: list[T]) -> None:
        """Puts values that were taken and not used back, the last of them first, if that can be done."""

    def release(self) -> None:
        """Lets go of the source."""


class FromChannel(Supply[T]):
    """The values of a channel."""

    def __init__(self, receiver: _core.Receiver[T]) -> None:
        self._receiver = receiver

    def take(self, stop: _core.Chan[Any]) -> T | End:
        receiver = self._receiver
        try:
            if not stop.is_closed():
                return receiver.get_nowait()
        except Empty:
            pass
        except Closed as closed:
            if receiver.error is closed:
                raise
            return END
        chosen = _core.select_blocking(stop, receiver, biased=True)
        if chosen.index == 0:
            return END
        try:
            return cast(T, chosen.value)
        except Closed as closed:
            if receiver.error is closed:
                raise
            return END

    def take_more(self, most: int) -> list[T]:
        values: list[T] = []
        try:
            while len(values) < most:
                values.append(self._receiver.get_nowait())
        except Exception:
            # Empty, or the end with or without an error, which the next take tells.
            pass
        return values

    def give_back(self, values: list[T]) -> None:
        for value in values:
            self._receiver.unget(value)

    def release(self) -> None:
        self._receiver.detach()


class FromIterable(Supply[T]):
    """The items of a plain iterable, which the threads draw one after the other."""

    def __init__(self, iterator: Iterator[T]) -> None:
        self._iterator = iterator
        self._drawing = threading.Lock()

    def take(self, stop: _core.Chan[Any]) -> T | End:
        with self._drawing:
            return END if stop.is_closed() else next(self._iterator, END)

    def release(self) -> None:
        close: Any = getattr(self._iterator, "close", None)
        if close is not None:
            close()


class FromLoop(Supply[T]):
    """The items of an async iterator, pulled on the running loop, one for each thread that waits for one."""

    def __init__(self, iterator: AsyncIterator[T]) -> None:
        self._wishes: _core.Chan[None] = _core.unbounded()
        items: _core.Sender[T]
        items, receiver = _core.pair(None)
        self._items = FromChannel(receiver)
        source = FromIterator(iterator)
        wishes = self._wishes

        async def pull() -> None:
            try:
                async for _ in wishes:
                    item = await source.pull()
                    if item is END:
                        break
                    items.put_nowait(cast(T, item))
            finally:
                await source.release()

        def ended(error: BaseException | None) -> None:
            watch.stop()
            wishes.close()
            items.close(error=shown(error, "the source")) if error is not None else items.detach()

        # When the threads let go of the items, nobody wants the one that is being waited for.
        watch = Watch(items, asyncio.get_running_loop(), lambda: task.cancel())
        task = start(pull(), ended, name="millstream source of threads")

    def take(self, stop: _core.Chan[Any]) -> T | End:
        try:
            self._wishes.put_nowait(None)
        except Closed:
            pass
        return self._items.take(stop)

    def release(self) -> None:
        self._items.release()
        self._wishes.close()


def supply_of(source: Source[T]) -> Supply[T]:
    """The supply that a source makes; raises `TypeError` for what is none."""
    if isinstance(source, _core.Chan):
        return FromChannel(source.receiver())
    if isinstance(source, _core.Receiver):
        return FromChannel(source.clone())
    if hasattr(source, "__aiter__"):
        return FromLoop(cast("AsyncIterable[T]", source).__aiter__())
    if hasattr(source, "__iter__"):
        items: Any = source
        return FromIterable(iter(items))
    raise TypeError(f"an async iterable or an iterable is needed, not {type(source).__name__}")
