"""The typed examples, as mypy and pyright see them: what is marked as wrong is refused, and nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import millstream as ms

EXAMPLES = Path(__file__).with_name("typed_examples.py")
WRONG = {n for n, line in enumerate(EXAMPLES.read_text().splitlines(), 1) if line.endswith("# wrong")}
PACKAGE = Path(ms.__file__).parent.parent


def check(*command: str, directory: Path) -> str:
    environment = {**os.environ, "MYPYPATH": "", "PYTHONPATH": ""}
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=directory, env=environment, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stdout


def test_there_is_something_to_refuse() -> None:
    assert len(WRONG) > 20


def test_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    settings = tmp_path / "mypy.ini"
    # An installed package is found where it is; one that lies in a source tree has to be pointed at.
    found = "" if "site-packages" in PACKAGE.parts else f"mypy_path = {PACKAGE}\n"
    settings.write_text(f"[mypy]\nstrict = True\nwarn_unused_ignores = True\n{found}")
    out = check("mypy", "--config-file", str(settings), "--no-error-summary", "--cache-dir", str(tmp_path / "cache"),
                str(EXAMPLES), directory=tmp_path)  # fmt: skip
    refused = {int(match[1]) for match in re.finditer(r"typed_examples\.py:(\d+): error:", out)}
    assert refused == WRONG, out


def test_pyright(tmp_path: Path) -> None:
    pytest.importorskip("pyright")
    example = tmp_path / EXAMPLES.name
    example.write_text(EXAMPLES.read_text())
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "extraPaths": [str(PACKAGE)], "reportUnusedVariable": False})
    )
    out = check("pyright", "--outputjson", "--pythonpath", sys.executable, str(example), directory=tmp_path)
    found = json.loads(out)["generalDiagnostics"]
    refused = {about["range"]["start"]["line"] + 1 for about in found if about["severity"] == "error"}
    assert refused == WRONG, "\n".join(f"{about['range']['start']['line'] + 1}: {about['message']}" for about in found)
