"""The consumer of a queue has died, and the producers fill it up."""
import asyncio

import crowd


async def consume(queue):
    await queue.get()
    raise ValueError("a bad order")


async def produce(queue):
    while True:
        await queue.put(b"order")  # culprit: produce


async def incident():
    queue = asyncio.Queue(10)
    consumer = asyncio.create_task(consume(queue))
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(produce(queue))
    await consumer


crowd.run(incident)
