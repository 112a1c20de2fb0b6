"""Tasks that were cancelled have not given back what they acquired; the rest waits."""
import asyncio

import crowd

limit = None


async def fetch(number):
    await limit.acquire()  # culprit: fetch
    await asyncio.sleep(3600)
    limit.release()


async def incident():
    global limit
    limit = asyncio.Semaphore(5)
    first = [asyncio.create_task(fetch(number)) for number in range(5)]
    await asyncio.sleep(0.01)
    for task in first:
        task.cancel()
    await asyncio.gather(*first, return_exceptions=True)
    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(fetch(number))


crowd.run(incident)
