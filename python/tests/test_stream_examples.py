"""The examples in the documentation of streams run, and give what they say."""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import sys
from typing import Any

import millstream as ms
import pytest
from stream_support import run


def _documented() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in vars(ms).items():
        if not getattr(value, "__module__", "").startswith("millstream._streams"):
            continue
        found[name] = value
        if inspect.isclass(value):
            for kind in value.__mro__:
                if kind.__module__.startswith("millstream._streams"):
                    for method, function in vars(kind).items():
                        if not method.startswith("_") and callable(function):
                            found[f"{kind.__name__}.{method}"] = function
    return found


DOCUMENTED = _documented()
EXAMPLES = {
    name: examples
    for name, value in DOCUMENTED.items()
    if (examples := doctest.DocTestParser().get_examples(value.__doc__ or ""))
}


async def _evaluate(source: str, names: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    mode = "eval" if isinstance(tree.body[0], ast.Expr) else "exec"
    code = compile(source.strip() if mode == "eval" else source, "<example>", mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)
    return await result if inspect.iscoroutine(result) else result


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_what_it_says(name: str) -> None:
    async def main() -> None:
        names: dict[str, Any] = {"ms": ms, "asyncio": asyncio}
        for example in EXAMPLES[name]:
            result = await _evaluate(example.source, names)
            assert ("" if result is None else f"{result!r}\n") == example.want

    run(main())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 20, sys.version


def test_everything_public_is_documented() -> None:
    undocumented = [name for name, value in DOCUMENTED.items() if not value.__doc__]
    assert undocumented == []
