"""Every value to every tap, until a tap is taken away.

Prints:

    a: 0, b: 0, c: 0
    a: 1, b: 1, c: 1
    a: 2, b: 2
    a: 3, b: 3
"""

import millstream.compat.aiochan as ac


async def main() -> None:
    source: ac.Chan[int] = ac.Chan()
    dup = source.dup()
    taps = {name: dup.tap() for name in "abc"}
    for number in range(4):
        if number == 2:
            dup.untap(taps.pop("c"))
        source.add(number)
        print(", ".join([f"{name}: {await tap.get()}" for name, tap in taps.items()]))
    source.close()


if __name__ == "__main__":
    ac.run(main())
