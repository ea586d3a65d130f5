"""All names of aiter 0.1 and 0.13 are there, and are called as there."""

from __future__ import annotations

import inspect

from millstream.compat import aiter as aiter_
from millstream.compat.aiter import parallel_map_aiter, push_aiter
from seed_support import check_signatures, collect, numbers, run


def test_every_signature_is_as_in_the_originals() -> None:
    compared = check_signatures(
        "millstream.compat.aiter",
        "aiter_signatures.json",
        added={
            "push_aiter:push_aiter": {"tail", "next_preflight"},
            "map_aiter:map_aiter": {"worker_count"},
            "parallel_map_aiter:parallel_map_aiter": {"q", "maxsize"},
        },
        anywhere={"on_error", "error", "abrupt_end"},
        moved={"parallel_map_aiter:parallel_map_aiter"},
    )
    assert compared == 82


def test_a_star_import_brings_what_the_originals_bring() -> None:
    names: dict[str, object] = {}
    exec("from millstream.compat.aiter import *", names)
    assert names["push_aiter"] is push_aiter
    assert {name for name in names if not name.startswith("_")} == set(aiter_.__all__)


def test_deferred_coroutine_and_simple_map_are_modules_of_the_package() -> None:
    assert inspect.ismodule(aiter_.deferred_coroutine)
    assert inspect.ismodule(aiter_.simple_map_aiter)


def test_parallel_map_takes_its_arguments_in_the_order_of_either_generation() -> None:
    async def main() -> None:
        assert sorted(await collect(parallel_map_aiter(abs, 2, numbers(5)))) == [0, 1, 2, 3, 4]
        assert sorted(await collect(parallel_map_aiter(abs, numbers(5), 2))) == [0, 1, 2, 3, 4]
        by_name = parallel_map_aiter(map_f=abs, worker_count=2, aiter=numbers(5), q=None, maxsize=1)
        assert sorted(await collect(by_name)) == [0, 1, 2, 3, 4]

    run(main())
