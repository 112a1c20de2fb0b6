"""A task of which nobody keeps a reference waits for a future that nobody has."""
import asyncio
import gc

import crowd


async def subscribe():
    await asyncio.get_running_loop().create_future()  # culprit: subscribe


async def incident():
    asyncio.create_task(subscribe())
    await asyncio.sleep(3600)


gc.disable()  # it would end the task
crowd.run(incident)
