"""A task takes a lock that it holds."""
import asyncio

import crowd

lock = asyncio.Lock()


async def save():
    async with lock:  # culprit: save
        await asyncio.sleep(0)


async def update():
    async with lock:
        await asyncio.sleep(0.01)
        await save()


async def incident():
    await asyncio.create_task(update())


crowd.run(incident)
