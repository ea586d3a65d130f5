"""All names of aiochan 0.2.7 are there, and are called as there."""

from __future__ import annotations

import inspect
import json
import pathlib
import types
from typing import Any

from aiochan_support import ac, buffers, channel

TABLE = json.loads((pathlib.Path(__file__).parent / "aiochan_signatures.json").read_text())

# Arguments that need not be given here, and had to be there.
MADE_OPTIONAL = {("channel", "Chan.to_queue", "q"), ("channel", "Pub.unsub_all", "topic")}


def default(value: Any) -> str | None:
    if value is inspect.Parameter.empty:
        return None
    if isinstance(value, types.FunctionType):
        return "function"
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    return repr(value)


def compare(module: str, path: str, theirs: list[list[Any]], function: Any) -> None:
    ours = [[p.name, p.kind.name, default(p.default)] for p in inspect.signature(function).parameters.values()]
    for parameter in ours:
        if parameter[0] == "self":
            # The first argument of a method, whichever language it is written in.
            parameter[1] = "POSITIONAL_OR_KEYWORD"
        if (module, path, parameter[0]) in MADE_OPTIONAL:
            assert parameter[2] == "None"
            parameter[2] = None
    assert ours == theirs, f"{module}.{path}"


def test_every_signature_is_as_in_the_original() -> None:
    compared = 0
    for module_name, module in (("channel", channel), ("buffers", buffers)):
        for name, entry in TABLE[module_name].items():
            ours = getattr(module, name)
            if entry["kind"] == "constant":
                assert ours == entry["value"]
            elif entry["kind"] == "function":
                compare(module_name, name, entry["signature"], ours)
            else:
                assert inspect.isclass(ours)
                if "signature" in entry:
                    compare(module_name, name, entry["signature"], ours)
                for member, about in entry["members"].items():
                    found = inspect.getattr_static(ours, member)
                    path = f"{name}.{member}"
                    if about["kind"] == "method":
                        compare(module_name, path, about["signature"], found)
                        assert inspect.iscoroutinefunction(found) == about["coroutine"], path
                    else:
                        assert not inspect.isfunction(found), path
                    compared += 1
            compared += 1
    assert compared == TABLE["count"]


def test_the_package_exports_what_the_original_does() -> None:
    assert sorted(channel.__all__) == TABLE["all"]
    names: dict[str, object] = {}
    exec(f"from {ac.__name__} import *", names)
    assert set(TABLE["all"]) <= set(names)
    assert ac.channel is channel
    assert ac.buffers is buffers


def test_the_statistics_are_a_named_tuple() -> None:
    assert channel.ChanStat._fields == tuple(TABLE["channel"]["ChanStat"]["fields"])
    assert ac.Chan(loop="no_loop").stats() == ("FLUENT", 0, 0, 0)
