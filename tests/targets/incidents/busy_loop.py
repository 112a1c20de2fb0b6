"""A task polls without a pause."""
import asyncio

import crowd


async def poll():
    while True:
        await asyncio.sleep(0)  # culprit: poll


async def incident():
    await asyncio.create_task(poll())


crowd.run(incident)
