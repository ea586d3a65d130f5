"""Channels without asyncio: fan-in and fan-out by callbacks, and a select with one.

Prints:

    first has 0
    second has 1
    third has 2
    first has 3
    second has 4
    third has 5
    selected 6
"""

from __future__ import annotations

from typing import Any

import millstream.compat.aiochan as ac


def consume(name: str, chan: ac.Chan[int]) -> None:
    def got(value: int | None) -> None:
        if value is not None:
            print(name, "has", value)
            chan.get_nowait(got, immediate_only=False)

    chan.get_nowait(got, immediate_only=False)


def main() -> None:
    chan: ac.Chan[int] = ac.Chan(loop="no_loop")
    for name in ("first", "second", "third"):
        consume(name, chan)
    for number in range(6):
        chan.put_nowait(number, immediate_only=False)
    chan.close()

    one: ac.Chan[int] = ac.Chan(loop="no_loop")
    other: ac.Chan[int] = ac.Chan(loop="no_loop")

    def selected(value: Any, where: Any) -> None:
        print("selected", value)

    ac.select(one, other, cb=selected)
    other.put_nowait(6, immediate_only=False)


if __name__ == "__main__":
    main()
