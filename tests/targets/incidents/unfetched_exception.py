"""A task in the background has died, and nobody has noticed."""
import asyncio

import crowd

background = set()


async def refresh():
    await asyncio.sleep(0)
    raise ConnectionError("the price server is gone")  # culprit: refresh


async def incident():
    background.add(asyncio.create_task(refresh()))
    await asyncio.sleep(3600)


crowd.run(incident)
