"""All threads of an executor hang, and the jobs behind them wait."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import crowd

stuck = threading.Event()


def resolve(host):
    stuck.wait()  # culprit: resolve


async def connect(executor, host):
    await asyncio.get_running_loop().run_in_executor(executor, resolve, host)


async def incident():
    executor = ThreadPoolExecutor(4, thread_name_prefix="resolver")
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(connect(executor, f"host-{number}"))


crowd.run(incident)
