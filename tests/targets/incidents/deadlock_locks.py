"""Two transfers take the locks of two accounts in different order."""
import asyncio

import crowd


class Account:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def change(self, amount):
        async with self.lock:  # culprit: Account.change
            await asyncio.sleep(0)


async def transfer(source, target):
    async with source.lock:
        await asyncio.sleep(0.01)
        await target.change(10)


async def incident():
    first, second = Account(), Account()
    async with asyncio.TaskGroup() as group:
        group.create_task(transfer(first, second))
        group.create_task(transfer(second, first))


crowd.run(incident)
