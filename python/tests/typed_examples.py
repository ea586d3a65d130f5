"""The package as a type checker sees it: what must pass, and, where a line says so, what must fail.

This is not run by the tests but checked, by mypy --strict and by pyright (see test_typing.py). A line that ends in
`# wrong` has to be refused by both, and no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any

import millstream as ms


class Animal:
    pass


class Dog(Animal):
    pass


def takes_dogs(sender: ms.Sender[Dog]) -> None:
    sender.put_nowait(Dog())
    sender.put_nowait(Animal())  # wrong


def gives_animals(receiver: ms.Receiver[Animal]) -> Animal:
    dog: Dog = receiver.get_nowait()  # wrong
    del dog
    return receiver.get_nowait()


def variance(animals: ms.Chan[Animal], dogs: ms.Chan[Dog]) -> None:
    # Whoever takes animals takes dogs, and whoever gives dogs gives animals.
    takes_dogs(animals.sender())
    gives_animals(dogs.receiver())
    takes_animals: ms.Sender[Animal] = dogs.sender()  # wrong
    gives_dogs: ms.Receiver[Dog] = animals.receiver()  # wrong
    both: ms.Chan[Animal] = dogs  # wrong
    other: ms.Chan[Dog] = animals  # wrong
    del takes_animals, gives_dogs, both, other
    sender, receiver = animals.split()
    more: ms.Sender[Dog] = sender.clone()
    less: ms.Receiver[object] = receiver.clone()
    del more, less


async def gets(chan: ms.Chan[int], receiver: ms.Receiver[str]) -> None:
    number: int = await chan.get()
    text: str = await receiver.get()
    numbers: list[int] = await chan.get_many(3)
    await chan.put(number)
    await chan.put(text)  # wrong
    count: int = await chan.put_many(numbers)
    await chan.put_many([text])  # wrong
    await chan.join()
    del count
    async for value in chan:
        number = value
    for line in receiver:
        text = line
    text = await chan.get()  # wrong
    receiver.put_nowait("x")  # wrong
    number = chan.get_blocking(timeout=1.5)
    chan.put_blocking(number, timeout="1")  # wrong


async def operations(chan: ms.Chan[int]) -> None:
    operation: ms.Operation[int] = chan.get()
    coroutine: Coroutine[Any, Any, int] = chan.get()
    task: asyncio.Task[int] = asyncio.create_task(chan.get())
    a, b = await asyncio.gather(chan.get(), chan.get())
    shielded: int = await asyncio.shield(chan.get())
    waited: int = await asyncio.wait_for(chan.get(), 1.0)
    wide: ms.Operation[object] = operation
    narrow: ms.Operation[bool] = operation  # wrong

    def called(ended: ms.Operation[int]) -> None:
        number: int = ended.result()
        del number

    began: bool = operation.start(called)
    chan.put(1).start(called)  # wrong
    total: int = a + shielded + waited
    del coroutine, task, b, wide, narrow, began, total


async def blocks(chan: ms.Chan[int]) -> None:
    async with chan as opened:
        number: int = await opened.get()
    with chan as opened:
        number = opened.get_nowait()
    del number


async def selects(chan: ms.Chan[int], sender: ms.Sender[str], receiver: ms.Receiver[int]) -> None:
    won = await ms.select(chan, receiver, (sender, "x"), (chan, 1), timeout=1.0)
    index: int = won.index
    is_closed: bool = won.closed
    first, value = won
    now = ms.select_blocking(chan, default=None)
    del index, is_closed, first, value, now
    await ms.select(sender)  # wrong
    await ms.select((receiver, 1))  # wrong
    await ms.select(3)  # wrong
    await ms.select(chan, biased="yes")  # wrong


class Own:
    def __init__(self) -> None:
        self.items: list[int] = []

    def push(self, value: int) -> None:
        self.items.append(value)

    def pop(self) -> int:
        return self.items.pop()

    def __len__(self) -> int:
        return len(self.items)

    def is_full(self) -> bool:
        return False


class NoBuffer:
    def push(self, value: int) -> None: ...


def makes() -> None:
    numbers: ms.Chan[int] = ms.bounded(3, name="numbers")
    texts: ms.Chan[str] = ms.unbounded()
    sender: ms.Sender[int]
    receiver: ms.Receiver[int]
    sender, receiver = ms.pair(None)
    own: ms.Chan[int] = ms.with_buffer(Own())
    wrong: ms.Chan[str] = ms.with_buffer(Own())  # wrong
    ms.with_buffer(NoBuffer())  # wrong
    ms.bounded("3")  # wrong
    capacity: int | None = numbers.capacity
    name: str | None = numbers.name
    length: int = len(texts)
    stats: ms.Stats = numbers.stats()
    stats.len = 3  # wrong
    error: BaseException | None = numbers.error
    numbers.close(ValueError("x"))
    numbers.close("x")  # wrong
    del sender, receiver, own, wrong, capacity, name, length, error


async def streams(chan: ms.Chan[int]) -> None:
    stream: ms.Stream[int] = chan.stream()
    iterator: AsyncIterator[int] = chan.__aiter__()
    blocking: Iterator[int] = iter(chan)
    wide: ms.Stream[object] = stream
    number: int = await stream.__anext__()
    del iterator, blocking, wide, number


def errors(chan: ms.Chan[int]) -> None:
    try:
        chan.put_nowait(1)
    except ms.Full as error:
        value: Any = error.value
        del value
    except ms.Closed as closed:
        cause: BaseException | None = closed.__cause__
        del cause
    except asyncio.QueueFull:
        pass
