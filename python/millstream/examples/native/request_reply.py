"""A task that owns some state and answers requests: each brings a promise for its answer.

Prints:

    the account has 70
    refused: not enough
"""

import asyncio
from typing import NamedTuple

import millstream as ms


class Withdraw(NamedTuple):
    amount: int
    answer: ms.Chan[int]


async def account(balance: int, requests: ms.Receiver[Withdraw]) -> None:
    async for amount, answer in requests:
        if amount > balance:
            answer.close(error=ValueError("not enough"))
        else:
            balance -= amount
            answer.put_nowait(balance)


async def withdraw(amount: int, requests: ms.Sender[Withdraw]) -> int:
    answer: ms.Chan[int] = ms.promise()
    await requests.put(Withdraw(amount, answer))
    return await answer.get()


async def main() -> None:
    to_account: ms.Sender[Withdraw]
    requests: ms.Receiver[Withdraw]
    to_account, requests = ms.pair()
    async with ms.Scope() as scope, to_account:
        scope.spawn(account(100, requests))
        print("the account has", await withdraw(30, to_account))
        try:
            await withdraw(300, to_account)
        except ValueError as error:
            print("refused:", error)


if __name__ == "__main__":
    asyncio.run(main())
