"""A task group is held by the last of its members, which waits for a future."""
import asyncio

import crowd


async def ask(number):
    if number == 31:
        await asyncio.get_running_loop().create_future()  # culprit: ask


async def ask_all():
    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(ask(number))


crowd.run(ask_all)
