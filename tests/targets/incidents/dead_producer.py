"""The only one that puts into a queue has ended; those that get from it are left."""
import asyncio

import crowd


async def produce(queue):
    for item in (b"first", b"second"):
        await queue.put(item)


async def consume(queue):
    while True:
        await queue.get()  # culprit: consume


async def incident():
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        for _ in range(3):
            group.create_task(consume(queue))


crowd.run(incident)
