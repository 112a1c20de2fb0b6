"""All threads of an executor hang; who waits does so for several jobs at once."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import crowd

stuck = threading.Event()


def resize(image):
    stuck.wait()  # culprit: resize


async def handle(executor, number):
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(executor, resize, part) for part in range(3)))


async def incident():
    executor = ThreadPoolExecutor(4)
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(handle(executor, number))


crowd.run(incident)
