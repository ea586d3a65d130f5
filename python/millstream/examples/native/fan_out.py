"""One producer, many consumers: each value to one of them, or all values of a customer to the same one.

Prints:

    12 orders, each dealt with once
    each customer by one lane: True
"""

import asyncio
from typing import NamedTuple

import millstream as ms


class Order(NamedTuple):
    customer: str
    number: int


ORDERS = [Order(customer, number) for number in range(4) for customer in ("ann", "bob", "eve")]


async def deal_with(orders: ms.Receiver[Order]) -> list[Order]:
    dealt_with: list[Order] = []
    async for order in orders:
        await asyncio.sleep(0.1)
        dealt_with.append(order)
    return dealt_with


async def main() -> None:
    orders: ms.Chan[Order] = ms.rendezvous()
    async with ms.Scope() as scope:
        workers = [scope.spawn(deal_with(orders.receiver())) for _ in range(3)]
        await ms.stream(ORDERS).forward_into(orders)
    lists = [worker.result() for worker in workers]
    assert sorted(order for orders in lists for order in orders) == sorted(ORDERS)
    print(sum(map(len, lists)), "orders, each dealt with once")

    async with ms.Scope() as scope:
        lanes = ms.lanes(ORDERS, 2, key=lambda order: order.customer)
        workers = [scope.spawn(deal_with(lane)) for lane in lanes]
    customers = [{order.customer for order in worker.result()} for worker in workers]
    print("each customer by one lane:", not customers[0] & customers[1])


if __name__ == "__main__":
    asyncio.run(main())
