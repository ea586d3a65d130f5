"""Values by their topic, to who has subscribed to it; and tuples, whose topic comes first.

Prints:

    divisible by three: [0, 3, 6]
    one more: [1, 4, 7]
    two more, until it was unsubscribed: [2, 5]
    [('error', 'disk full')]
"""

import millstream.compat.aiochan as ac


async def main() -> None:
    source: ac.Chan[int] = ac.Chan()
    pub = source.pub(lambda number: number % 3)
    nought, one, two = (pub.sub(rest, buffer=10) for rest in range(3))
    for number in range(6):
        await source.put(number)
    two_more = await two.collect(2)
    pub.unsub(2, two)
    for number in range(6, 9):
        await source.put(number)
    source.close()
    print("divisible by three:", await nought.collect())
    print("one more:", await one.collect())
    print("two more, until it was unsubscribed:", two_more)

    log = ac.from_iter([("info", "started"), ("error", "disk full"), ("info", "ended")])
    print(await log.pub().sub("error").collect(1))


if __name__ == "__main__":
    ac.run(main())
