"""The operators that work beside their consumer, serve several, hold and let go, or go by time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ._base import Base
from ._buffered import Buffered
from ._fork import fork_items
from ._gate import GateKeeper, Stopper, gated
from ._pump import Pumped, move
from ._share import shared_items
from ._timed import Debounced, Throttled

if TYPE_CHECKING:
    from ._forks import Fork, Share
    from ._stoppable import Stoppable
    from ._stream import Stream

T = TypeVar("T", covariant=True)
U = TypeVar("U")


class Beside(Base[T], Generic[T]):
    """Operators with tasks, with handles, or with a clock.

    Their tasks begin with the first wish for an item, in the context of whoever has it, and end with their stream:
    exhausted, failed, closed or collected.
    """

    __slots__ = ()

    @overload
    def buffered(self: Beside[Awaitable[U]], at_once: int) -> Stream[U]: ...
    @overload
    def buffered(self, at_once: int, function: Callable[[T], Awaitable[U]]) -> Stream[U]: ...
    def buffered(self, at_once: int, function: Callable[[T], Awaitable[Any]] | None = None) -> Stream[Any]:
        """Runs awaitables side by side, at most `at_once` of them, and yields their results in the order of the stream.

        The awaitables are the items, or what an async function makes of them. Each is awaited in a task of its own. One
        counts until its result was taken, and the next item is asked for when there is a place.

        Raises `ValueError` if `at_once` is less than 1. An exception comes in its place in the order and ends the stream:
        the awaitables behind it are cancelled. Cancelling whoever waits loses nothing. The idea is aiochan's
        `async_pipe`.

        >>> async def square(number):
        ...     return number * number
        >>> await ms.from_range(4).buffered(2, square).collect()
        [0, 1, 4, 9]
        """
        return self._over(Buffered(self, at_once, function, True))

    @overload
    def buffer_unordered(self: Beside[Awaitable[U]], at_once: int) -> Stream[U]: ...
    @overload
    def buffer_unordered(self, at_once: int, function: Callable[[T], Awaitable[U]]) -> Stream[U]: ...
    def buffer_unordered(self, at_once: int, function: Callable[[T], Awaitable[Any]] | None = None) -> Stream[Any]:
        """`buffered` that yields the results as they are done.

        An exception comes after the results that were done before it. The idea is aiochan's `async_pipe_unordered` and
        the `worker_count` of aiter's `map_aiter`.
        """
        return self._over(Buffered(self, at_once, function, False))

    def buffer_ahead(self, ahead: int) -> Stream[T]:
        """Pulls the stream in a task, at most `ahead` items ahead of the consumer.

        Nothing is pulled before the first wish. With 0 the stream passes through, without a task.

        Raises `ValueError` if `ahead` is negative. An exception of the stream comes after the items before it.
        Cancelling whoever waits loses nothing, and leaves the source alone. The idea is aiter's `preload_aiter`.

        >>> await ms.from_range(100).buffer_ahead(8).count()
        100
        """
        if ahead < 0:
            raise ValueError("ahead must not be negative")
        if not ahead:
            return self._over(self)
        # One more is in the hand of the task.
        return self._over(Pumped([(self, move(self))], ahead - 1))

    def active(self, ahead: int) -> Stream[T]:
        """`buffer_ahead` that starts to pull now, in a task of the running event loop.

        Raises `RuntimeError` where there is none, unless `ahead` is 0. The idea is aiter's `active_aiter`, with a bound.
        """
        if ahead < 0:
            raise ValueError("ahead must not be negative")
        if not ahead:
            return self._over(self)
        pumped: Pumped[T] = Pumped([(self, move(self))], ahead - 1)
        pumped.start()
        return self._over(pumped)

    def fork(self, limit: int = 64) -> Fork[T]:
        """Splits the stream into forks that each see every item; the others are made by `clone` and `passive`.

        Clones start where their fork stands. Whichever active fork wants an item that nobody has seen makes a task ask
        for it. The items that some fork has still to see are kept, at most `limit` of them, and then the fastest forks
        wait for the slowest. The end, and an exception, reach every fork.

        Raises `ValueError` if `limit` is less than 1. Cancelling a fork's consumer, or letting go of a fork, takes nothing
        from the others. The idea is aiter's `aiter_forker` and the `fork` of its `push_aiter`.

        >>> numbers = ms.from_range(3).fork()
        >>> others = numbers.clone()
        >>> await numbers.collect(), await others.collect()
        ([0, 1, 2], [0, 1, 2])
        """
        from ._forks import Fork

        return Fork(fork_items(self, limit))

    def fork_unbounded(self) -> Fork[T]:
        """`fork` that keeps as many items as the slowest fork has still to see."""
        from ._forks import Fork

        return Fork(fork_items(self, None))

    def share(self) -> Share[T]:
        """Makes the stream one that several tasks can consume: `clone` it, and each item goes to exactly one of them.

        The source is pulled by a task, one item for each wish. So cancelling one consumer takes nothing from the others;
        closing or letting go of the last closes the source. An exception reaches every consumer. The idea is aiter's
        `sharable_aiter`.

        >>> one = ms.from_range(3).share()
        >>> other = one.clone()
        >>> await anext(one), await anext(other), await anext(one)
        (0, 1, 2)
        """
        from ._forks import Share

        return Share(shared_items(self))

    def gate(self) -> tuple[Stream[T], GateKeeper]:
        """Puts the stream behind a gate: as many items pass as its keeper admits.

        An item is asked for only when it may pass, so this stream still has all that did not. The gate is stopped by
        `GateKeeper.stop`, or when nobody refers to the keeper any more, and ends after what was admitted. Cancelling
        whoever waits loses nothing. The idea is aiter's `gated_aiter`.

        >>> numbers = ms.from_range(5)
        >>> gated, keeper = numbers.gate()
        >>> _ = keeper.admit(2), keeper.stop()
        >>> await gated.collect(), await anext(numbers)
        ([0, 1], 2)
        """
        items, keeper = gated(self)
        return self._over(items), keeper

    def stoppable(self) -> tuple[Stoppable[T], Stopper]:
        """Makes the stream one that can be stopped from outside, which wakes whoever waits for it.

        The stream is pulled by a task, one item for each wish; what was pulled at the stop, and the rest, is in
        `Stoppable.rest`. The idea is aiter's `stoppable_aiter`.

        >>> items, stopper = ms.from_range(5).stoppable()
        >>> first = await anext(items)
        >>> _ = stopper.stop()
        >>> first, await items.collect(), await items.rest().collect()
        (0, [], [1, 2, 3, 4])
        """
        from ._stoppable import stoppable

        return stoppable(self)

    def throttle(self, distance: float) -> Stream[T]:
        """Lets at least so many seconds pass from one item to the next: it is slowed down, and no item is dropped.

        Raises `ValueError` if `distance` is negative. Cancelling whoever waits loses nothing.
        """
        return self._over(Throttled(self, distance))

    def debounce(self, quiet: float) -> Stream[T]:
        """Yields an item when no other has followed it for so many seconds: the last of each burst.

        At the end, and before an exception, the last item comes at once. The stream is pulled by a task, which holds one
        item at most. Raises `ValueError` if `quiet` is negative. The item that waits for quiet stays in the stream when
        the wait is cancelled.
        """
        return self._over(Debounced(self, quiet))
