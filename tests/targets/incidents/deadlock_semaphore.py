"""Two tasks take a lock and a plain semaphore of one in different order."""
import asyncio

import crowd


async def load(lock, slots):
    async with lock:
        await asyncio.sleep(0.01)
        async with slots:
            pass


async def store(lock, slots):
    async with slots:
        await asyncio.sleep(0.01)
        async with lock:  # culprit: store
            pass


async def incident():
    lock, slots = asyncio.Lock(), asyncio.Semaphore(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(load(lock, slots))
        group.create_task(store(lock, slots))


crowd.run(incident)
