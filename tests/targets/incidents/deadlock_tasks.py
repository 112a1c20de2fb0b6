"""Two tasks wait for each other."""
import asyncio

import crowd

tasks = {}


async def left():
    await asyncio.sleep(0)
    await tasks["right"]  # culprit: left


async def right():
    await asyncio.sleep(0)
    await tasks["left"]  # culprit: right


async def incident():
    tasks["left"], tasks["right"] = asyncio.create_task(left()), asyncio.create_task(right())
    await asyncio.wait(tasks.values())


crowd.run(incident)
