"""All threads of a loop's default executor hang; who waits does so in several ways."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import crowd

stuck = threading.Event()


def compress(page):
    stuck.wait()  # culprit: compress


async def shielded(page):
    await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, compress, page))


async def incident():
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(6))
    async with asyncio.TaskGroup() as group:
        for page in range(20):
            group.create_task(shielded(page))
            group.create_task(asyncio.to_thread(compress, page))


crowd.run(incident)
