"""Publish and subscribe: every event to the log, by topic to who wants it, and only the newest to a slow display.

Prints:

    log: 6 events
    alarms: ['alarm 2', 'alarm 5']
    the display saw at most 2, and the last: True
"""

import asyncio

import millstream as ms


async def main() -> None:
    events: ms.Chan[str] = ms.bounded(1)
    tee = ms.Tee(events)
    log = tee.tap(100)
    display = tee.tap(ms.Bound.drop_oldest(1))
    topics = ms.Topics(tee.tap(), lambda event: event.split()[0])
    alarms = topics.subscribe("alarm", 10)
    # No more taps and subscriptions: the hubs end with their source.
    for number in range(6):
        await events.put(f"{'alarm' if number % 3 == 2 else 'info'} {number}")
    events.close()
    print("log:", await log.stream().count(), "events")
    print("alarms:", await alarms.stream().collect())
    seen = await display.stream().collect()
    print("the display saw at most 2, and the last:", len(seen) <= 2 and seen[-1] == "alarm 5")


if __name__ == "__main__":
    asyncio.run(main())
