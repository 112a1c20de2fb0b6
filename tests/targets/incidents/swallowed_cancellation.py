"""A task catches its cancellation and goes on."""
import asyncio

import crowd


async def poll():
    while True:
        try:
            await asyncio.sleep(600)  # culprit: poll
        except:  # noqa: E722
            pass


async def incident():
    task = asyncio.create_task(poll())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])


crowd.run(incident)
