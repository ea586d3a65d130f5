"""What the documents say of the Python package holds: their programs run, their tests exist, their names are there."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import millstream as ms
import pytest

ROOT = pathlib.Path(__file__).parents[2]
TESTS = ROOT / "python" / "tests"
PAGES = ("docs/PYTHON.md", "docs/FROM_PYTHON.md")
PROGRAMS = {"docs/PYTHON.md": 6, "docs/FROM_PYTHON.md": 6, "README.md": 1}
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks_of(page: str) -> list[str]:
    return BLOCK.findall(text_of(page))


def announced(block: str) -> Iterator[str]:
    """What a block says, in comments behind its prints, that it prints."""
    for line in block.splitlines():
        shown = re.match(r"\s*print\(.*\)  # (.*)", line)
        if shown:
            yield shown[1]


def run_block(block: str, names: dict[str, Any], where: str) -> list[str]:
    """Runs a block, on a loop of its own if it awaits something; returns the lines that it prints."""
    code: Any = compile(block, where, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        result = eval(code, names)
        if asyncio.iscoroutine(result):
            asyncio.run(asyncio.wait_for(result, 20))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("page", PROGRAMS)
def test_the_programs_of_a_page_run_and_print_what_they_say(page: str) -> None:
    names: dict[str, Any] = {"__name__": page}
    blocks = blocks_of(page)
    assert len(blocks) >= PROGRAMS[page]
    for number, block in enumerate(blocks):
        printed = run_block(block, names, f"{page}, block {number + 1}")
        said = list(announced(block))
        if said:
            assert printed == said, block


def test_a_block_that_prints_something_else_would_be_noticed() -> None:
    block = "print(1 + 1)  # 3\n"
    assert run_block(block, {}, "here") == ["2"]
    assert list(announced(block)) == ["3"]
    assert run_block("import asyncio\nprint(await asyncio.sleep(0, 5))\n", {}, "here") == ["5"]


def cited_tests(cell: str) -> Iterator[tuple[str, str]]:
    """The tests that a cell cites: a file in backticks, then functions in backticks up to the next file."""
    file = ""
    for name in re.findall(r"`([^`]+)`", cell):
        if name.endswith(".py"):
            file = name
        elif file:
            yield file, name


def functions_of(file: str) -> set[str]:
    [path] = TESTS.rglob(file)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def resolve(name: str) -> Any:
    """A public name, written as ``ms.Chan.put``."""
    found: Any = ms
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def seeds() -> list[list[str]]:
    rows = [line for line in text_of("docs/SEEDS.md").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_every_name_of_the_seeds_has_python_names_and_python_tests_that_exist() -> None:
    rows = seeds()
    assert len(rows) == 105
    for row in rows:
        names, dot, tests = row[2].partition(" · ")
        assert names and dot, row[0]
        cited = list(cited_tests(tests))
        assert cited, row[0]
        for file, function in cited:
            assert function in functions_of(file), (row[0], file, function)
        for name in re.findall(r"`(ms\.[\w.]+)`", names):
            assert resolve(name) is not None, (row[0], name)


@pytest.mark.parametrize("page", [*PAGES, "docs/SEEDS.md"])
def test_names_in_a_page_are_there(page: str) -> None:
    # What follows a closing parenthesis or a generic parameter is a method of something that only a run would show.
    names = set(re.findall(r"\bms\.[A-Za-z_]\w*(?:\.\w+)*", text_of(page)))
    assert len(names) >= 20
    missing = [name for name in names if not _is_there(lambda name=name: resolve(name))]  # type: ignore[misc]
    assert missing == []


def _is_there(look: Callable[[], Any]) -> bool:
    try:
        look()
    except AttributeError:
        return False
    return True


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#]+)", text_of(page)):
        assert "://" in link or (folder / link).exists(), link


def test_the_reader_of_citations_sees_what_it_should() -> None:
    assert list(cited_tests("`a.py` `test_one`, `test_two`, `b.py` `test_three`")) == [
        ("a.py", "test_one"),
        ("a.py", "test_two"),
        ("b.py", "test_three"),
    ]
