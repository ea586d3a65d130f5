"""Which programs there are, and what they say of themselves."""

from __future__ import annotations

import ast
import importlib
import inspect
import pathlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

GROUPS = ("native", "aiochan", "go", "aiter", "channels", "iterators")


class Program(NamedTuple):
    """One program, known without being imported."""

    name: str
    about: str
    """The first sentence of its documentation."""
    prints: list[str]
    """The lines that it prints."""
    order: str
    """How literally that is meant: ``exact``, ``any`` order, or ``like`` that, with other numbers and more lines."""
    is_server: bool

    def load(self) -> Any:
        """Its module."""
        return importlib.import_module(f"{__package__}.{self.name}")


_HEADINGS = {"Prints:": "exact", "Prints, in some order:": "any", "Prints something like:": "like"}


def programs() -> list[Program]:
    """All programs, by group."""
    here = pathlib.Path(__file__).parent
    found: list[Program] = []
    for group in GROUPS:
        for path in sorted((here / group).glob("[!_]*.py")):
            found.append(_read(f"{group}.{path.stem}", path.read_text(encoding="utf-8")))
    return found


def _read(name: str, text: str) -> Program:
    tree = ast.parse(text)
    documentation = inspect.cleandoc(ast.get_docstring(tree) or "")
    about, _, rest = documentation.partition("\n\n")
    prints: list[str] = []
    order = ""
    for heading, kind in _HEADINGS.items():
        _, found, shown = rest.partition(heading + "\n\n")
        if found:
            prints, order = [line[4:] for line in shown.splitlines()], kind
    is_server = any(isinstance(node, ast.AsyncFunctionDef) and node.name == "serve" for node in tree.body)
    return Program(name, " ".join(about.split()), prints, order, is_server)


def find(name: str) -> Program:
    """The program of a name, or of the end of a name if that is clear."""
    known = programs()
    matching = [program for program in known if program.name == name]
    matching = matching or [program for program in known if program.name.endswith("." + name)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise LookupError(f"{name!r} could be any of: " + ", ".join(program.name for program in matching))
    raise LookupError(f"there is no example {name!r}; without arguments all are listed")


def entry(module: Any) -> Callable[[], Awaitable[None] | None]:
    """What runs a program."""
    main: Callable[[], Awaitable[None] | None] = module.main
    return main
