"""The worker has died, and the queue is joined for ever."""
import asyncio

import crowd


async def work(queue):
    while True:
        item = await queue.get()
        if item == 3:
            raise KeyError(item)  # culprit: work
        queue.task_done()


async def drain(queue):
    await queue.join()


async def incident():
    queue = asyncio.Queue()
    for item in range(10):
        queue.put_nowait(item)
    worker = asyncio.create_task(work(queue))
    await drain(queue)
    await worker


crowd.run(incident)
