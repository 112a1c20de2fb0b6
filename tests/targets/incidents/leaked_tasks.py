"""For every request a task is left behind, which waits for a notice that never comes."""
import asyncio

import crowd

left = set()


async def watch(notice):
    await notice.wait()  # culprit: watch


async def incident():
    for _ in range(2000):
        left.add(asyncio.create_task(watch(asyncio.Event())))
    await asyncio.sleep(3600)


crowd.run(incident)
