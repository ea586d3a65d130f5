"""The example programs run, print what they say that they print, and leave no noise behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from millstream.examples._catalogue import GROUPS, Program, find, programs

PROGRAMS = programs()
PATIENCE = 60
"""Seconds after which a program that should end is taken to hang, on however busy a machine."""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-X", "dev", "-W", "error", "-m", "millstream.examples", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUNBUFFERED": "1"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), check=False, capture_output=True, text=True, timeout=PATIENCE, env=environment()
    )


def without_numbers(lines: list[str]) -> set[str]:
    return {re.sub(r"\d+", "N", line) for line in lines}


def check(program: Program, lines: list[str]) -> None:
    if program.order == "exact":
        assert lines == program.prints
    elif program.order == "any":
        assert sorted(lines) == sorted(program.prints)
    else:
        assert without_numbers(lines) == without_numbers(program.prints)


@pytest.mark.parametrize("group", GROUPS)
def test_the_programs_of_a_group_print_what_they_say_and_nothing_else(group: str) -> None:
    ended = run(group)
    assert ended.stderr == ""
    assert ended.returncode == 0
    parts = re.split(r"^--- ([\w.]+): .*\n", ended.stdout, flags=re.MULTILINE)
    printed = dict(zip(parts[1::2], parts[2::2]))
    chosen = [program for program in PROGRAMS if program.name.startswith(group + ".")]
    assert list(printed) == [program.name for program in chosen]
    for program in chosen:
        check(program, printed[program.name].splitlines())


def test_every_program_says_what_it_is_and_what_it_prints() -> None:
    assert len(PROGRAMS) >= 70
    for program in PROGRAMS:
        assert program.about.endswith("."), program
        assert program.order and program.prints, program
        assert "" not in program.prints, program


def test_the_seeds_programs_use_the_seeds_names_alone() -> None:
    for program in PROGRAMS:
        with open(program.load().__file__, encoding="utf-8") as file:
            imported = set(re.findall(r"^(?:import|from) (millstream[\w.]*)", file.read(), flags=re.MULTILINE))
        imported = {name for name in imported if not name.startswith("millstream.examples")}
        group = program.name.partition(".")[0]
        if group in ("aiochan", "go"):
            assert imported == {"millstream.compat.aiochan"}, program.name
        elif group == "aiter":
            assert {name.split(".")[2] for name in imported} == {"aiter"}, program.name
        elif group == "channels":
            assert imported <= {"millstream.compat", "millstream.compat.channels"}, program.name
        else:
            assert imported == {"millstream"}, program.name


def test_without_arguments_all_are_listed() -> None:
    ended = run()
    assert (ended.returncode, ended.stderr) == (0, "")
    listed = [line.split()[0] for line in ended.stdout.splitlines()]
    assert listed == [program.name for program in PROGRAMS]


def test_a_program_runs_by_the_end_of_its_name_and_says_nothing_more() -> None:
    ended = run("request_reply")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == find("native.request_reply").prints


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "there is no example 'nothing'"),
        (["hello"], "could be any of: native.hello, aiochan.hello"),
        (["--serve", "aiochan.hello"], "--serve takes one program that is a server"),
        (["--unknown"], "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line_is_refused_clearly(arguments: list[str], says: str) -> None:
    ended = run(*arguments)
    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_names_the_options() -> None:
    ended = run("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for option in ("--all", "--serve", "--slowly", "--port"):
        assert option in ended.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("name", [program.name for program in PROGRAMS if program.is_server])
def test_a_server_serves_until_it_is_interrupted(name: str) -> None:
    serving = subprocess.Popen(
        command("--serve", "--port", "0", name),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    with serving:
        try:
            assert serving.stdout is not None and serving.stderr is not None
            port = re.search(r"listening on 127\.0\.0\.1:(\d+)", serving.stdout.readline())
            assert port is not None
            with socket.create_connection(("127.0.0.1", int(port[1])), timeout=PATIENCE) as client:
                if name == "aiter.accept_loop":
                    assert serving.stdout.readline() == "connection 1\n"
                else:
                    for text in (b"one\n", b"two\n"):
                        client.sendall(text)
                        assert client.recv(100) == text
                serving.send_signal(signal.SIGINT)
                assert serving.wait(PATIENCE) == 130
            assert serving.stderr.read() == ""
        finally:
            serving.kill()


def test_time_passes_slowly_if_it_is_asked_for() -> None:
    start = time.monotonic()
    assert run("--slowly", "go.search1").stdout.splitlines()[-1].startswith("it took 0.")
    assert time.monotonic() - start >= 0.18
