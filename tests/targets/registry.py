"""Many tasks that a container keeps, one of which has failed: registry.py HOW COUNT FAILED,
where FAILED is "failed", or "fetched" where somebody has looked at it."""
import asyncio
import sys

import truth

HOW, COUNT, FAILED = sys.argv[1], int(sys.argv[2]), sys.argv[3]
WAYS = {"set": set, "list": list, "dict": lambda tasks: dict(enumerate(tasks, 1000)),
        "keys": lambda tasks: dict.fromkeys(tasks, 1.5)}


async def fails():
    await asyncio.sleep(0)
    raise ConnectionError("the price server is gone")  # line: fails


class Registry:
    def __init__(self):
        self.rows = [float(number) for number in range(20_000)]
        tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(COUNT - 1)]
        tasks.insert(COUNT * 2 // 3, asyncio.create_task(fails(), name="failed"))
        self.tasks = WAYS[HOW](tasks)
        self.failed = tasks[COUNT * 2 // 3].exception if FAILED == "fetched" else None


async def main():
    registry = Registry()
    await asyncio.sleep(0.1)
    if registry.failed:
        registry.failed()
    truth.ready(settle=False)
    await asyncio.sleep(3600)


asyncio.run(main())
