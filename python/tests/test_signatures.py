"""What is public: that it is documented, and that its errors speak of channels, puts and gets, in Python's words."""

from __future__ import annotations

import asyncio
import inspect
import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest
from core_support import LIMIT, in_thread
from stream_support import run

import millstream as ms
from millstream import _core

CLASSES = [ms.Chan, ms.Sender, ms.Receiver, ms.Operation, ms.Selected, ms.Stats, _core.Chain]

# Words of the language that the extension is written in, and of what goes on inside it.
FOREIGN = re.compile(
    r"\b(polls?|polled|polling|borrow\w*|unwrap\w*|panic\w*|rust\w*|pyo3\w*|mutex\w*|wakers?|futures?|usize|isize|i64|u64"
    r"|send(s|er side)?|recv|receives?|trait|enum|struct|tokio|crate|thread '|Some\(|Ok\(|Err\(|None\)|Arc|Vec|Box)(?!\w)",
    re.IGNORECASE,
)


def members(cls: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(cls).items():
        if not name.startswith("_"):
            yield name, member


def test_everything_public_is_listed_and_documented() -> None:
    public = {name for name in vars(ms) if not name.startswith("_")}
    modules = {name for name in public - set(ms.__all__) if inspect.ismodule(getattr(ms, name))}
    assert public - modules - {"annotations"} == set(ms.__all__)
    assert list(ms.__all__) == sorted(ms.__all__)
    assert len(set(ms.__all__)) == len(ms.__all__)
    undocumented = [name for name in ms.__all__ if not inspect.getdoc(getattr(ms, name))]
    for cls in CLASSES:
        undocumented += [f"{cls.__name__}.{name}" for name, member in members(cls) if not inspect.getdoc(member)]
    coroutine = {"Operation.send", "Operation.throw", "Operation.close"}
    assert set(undocumented) <= coroutine


def test_the_core_is_public_as_a_whole() -> None:
    for name, member in vars(_core).items():
        if name.startswith("_") or name == "Chain":
            continue
        assert name in ms.__all__ and getattr(ms, name) is member
        if inspect.isclass(member):
            assert (member.__module__, member.__qualname__) == ("millstream", name)


def test_signatures_can_be_asked_for() -> None:
    for cls in CLASSES:
        for name, member in members(cls):
            if callable(member):
                assert isinstance(inspect.signature(member), inspect.Signature), name
    for name in ms.__all__:
        member = getattr(ms, name)
        if inspect.isroutine(member):
            inspect.signature(member)
    assert str(inspect.signature(ms.select)) == "(*arms, timeout=None, default=Ellipsis, biased=False)"
    assert str(inspect.signature(ms.bounded)) == "(n, *, name=None)"
    assert str(inspect.signature(ms.pair)) == "(capacity=0, *, name=None)"
    assert str(inspect.signature(ms.Chan.put_blocking)) == "(self, /, value, timeout=None)"


def wrongs() -> dict[str, Callable[[], Any]]:
    """Every misuse of the core that one can think of."""

    def closed() -> ms.Chan[Any]:
        chan: ms.Chan[Any] = ms.bounded(1, name="closed")
        chan.close()
        return chan

    def full() -> ms.Chan[Any]:
        chan: ms.Chan[Any] = ms.bounded(1)
        chan.put_nowait(1)
        return chan

    def broken(method: str) -> ms.Chan[Any]:
        class Buffer(list):  # type: ignore[type-arg]
            push = list.append

            def is_full(self) -> bool:
                return False

        setattr(Buffer, method, lambda *_: chan.get_nowait())
        chan: ms.Chan[Any] = ms.with_buffer(Buffer())
        return chan

    def detached() -> ms.Sender[Any]:
        sender = ms.pair()[0]
        sender.detach()
        return sender

    def spent() -> ms.Operation[Any]:
        operation = full().get()
        operation.start()
        return operation

    def cancelled() -> ms.Operation[Any]:
        operation = ms.rendezvous().get()
        operation.start()
        operation.cancel()
        return operation

    async def awaited_twice() -> None:
        operation = full().get()
        await operation
        await operation

    async def awaited_by_two() -> None:
        operation = ms.rendezvous().get()
        task = asyncio.ensure_future(operation)
        await asyncio.sleep(0)
        try:
            await operation
        finally:
            task.cancel()

    async def busy_chain() -> None:
        chain = _core.Chain(full())._with("map", lambda _: chain.__anext__())
        await chain.__anext__()

    async def next_twice() -> None:
        step = _core.Chain(full()).__anext__()
        await step
        await step

    def yields_itself() -> Any:
        operations: list[Any] = []

        def items() -> Any:
            yield operations[0].cancel()

        operations.append(ms.unbounded().put_many(items()))
        operations[0].start()
        return operations[0].result()

    rendezvous: Callable[[], Any] = ms.rendezvous
    any_ms: Any = ms
    calls: dict[str, Callable[[], Any]] = {
        "awaited twice": lambda: run(awaited_twice()),
        "awaited by two": lambda: run(awaited_by_two()),
        "busy chain": lambda: run(busy_chain()),
        "next twice": lambda: run(next_twice()),
        "result of cancelled": lambda: cancelled().result(),
        "start again": lambda: spent().start(),
        "await a started one": lambda: spent().send(None),
        "put to closed": lambda: closed().put_nowait(1),
        "get from closed": lambda: closed().get_nowait(),
        "select of closed": lambda: ms.select_blocking(closed()).value,
        "put to full": lambda: full().put_nowait(1),
        "get from empty": lambda: rendezvous().get_nowait(),
        "detached": lambda: detached().put_nowait(1),
        "detached clone": lambda: detached().clone(),
        "get too long": lambda: rendezvous().get_blocking(0),
        "put too long": lambda: rendezvous().put_blocking(1, 0.001),
        "cancel within": yields_itself,
        "chain closed": lambda: _core.Chain(full()).__anext__().throw(3),  # type: ignore[call-overload]
    }
    for method in "push", "pop", "__len__", "is_full":
        calls[f"buffer {method}"] = lambda method=method: (  # type: ignore[misc]
            broken(method).put_nowait(1),
            broken(method).get_nowait(),
        )
    odd: list[Any] = [None, -1, 2**70, 1.5, "x", b"x", (), [], {}, object(), int, float("nan"), float("inf"), print]
    for n, value in enumerate(odd):
        for make in "bounded", "dropping", "sliding", "pair", "with_buffer", "select":
            calls[f"{make} {n}"] = lambda make=make, value=value: getattr(any_ms, make)(value)  # type: ignore[misc]
        for make in "bounded", "rendezvous", "promise", "Chan", "Sender", "Operation", "Stats", "Selected":
            calls[f"{make}(name) {n}"] = lambda make=make, value=value: getattr(any_ms, make)(name=value)  # type: ignore[misc]
            calls[f"{make}(,) {n}"] = lambda make=make, value=value: getattr(any_ms, make)(value, value)  # type: ignore[misc]
        for method in "close", "get_many", "put_many", "is_len_at_least":
            calls[f"{method} {n}"] = lambda method=method, value=value: getattr(rendezvous(), method)(value)  # type: ignore[misc]
        calls[f"select put {n}"] = lambda value=value: any_ms.select((value, 1))  # type: ignore[misc]
        calls[f"timeout {n}"] = lambda value=value: closed().get_blocking(value)  # type: ignore[misc]
        calls[f"select timeout {n}"] = lambda value=value: ms.select(closed(), timeout=value)  # type: ignore[misc]
        calls[f"send {n}"] = lambda value=value: rendezvous().get().send(value)  # type: ignore[misc]
        calls[f"throw {n}"] = lambda value=value: rendezvous().get().throw(value)  # type: ignore[misc]
        calls[f"start {n}"] = lambda value=value: rendezvous().get().start(value)  # type: ignore[misc]
        calls[f"chain {n}"] = lambda value=value: _core.Chain(value)  # type: ignore[misc]
        for step in "map", "take", "skip", "chunks", "scan", "flat_map", "distinct", "enumerate", "none":
            calls[f"chain {step} {n}"] = lambda step=step, value=value: _core.Chain(full())._with(step, value)  # type: ignore[misc]
    for cls in CLASSES:
        for name, member in members(cls):
            if callable(member):
                calls[f"{cls.__name__}.{name}()"] = member
    return calls


def texts(error: BaseException) -> Iterator[str]:
    seen: BaseException | None = error
    while seen is not None:
        yield f"{type(seen).__name__}: {seen}"
        seen = seen.__cause__ or seen.__context__


def test_errors_speak_python() -> None:
    said: dict[str, str] = {}
    printed = io.StringIO()

    def provoke() -> None:
        for what, call in wrongs().items():
            try:
                result = call()
                said[f"{what}, repr"] = repr(result)
            except BaseException as error:
                is_own = type(error) in (ms.Closed, ms.Empty, ms.Full, asyncio.CancelledError)
                assert is_own or type(error).__module__ == "builtins", (what, type(error))
                assert isinstance(error, Exception), (what, error)
                said[what] = " / ".join(texts(error))

    # One that blocks for ever must not take the tests with it.
    with redirect_stderr(printed):
        in_thread(provoke).result(LIMIT)
    assert len(said) > 200
    assert printed.getvalue() == ""
    # A message may name a class or a value of the caller's, and builtins that are called so.
    foreign = {
        what: text
        for what, text in said.items()
        if FOREIGN.search(re.sub(r"\b\w+\.\w+\(\)|<[^<>]*>|'[^']*'|ms\.|Sender|Receiver", "", text))
    }
    assert foreign == {}


def test_nothing_is_printed_from_within(capfd: pytest.CaptureFixture[str]) -> None:
    for call in wrongs().values():
        try:
            in_thread(call).result(LIMIT)
        except BaseException:
            pass
    out, err = capfd.readouterr()
    assert (out, err) == ("", ""), err
    assert sys.exc_info() == (None, None, None)
