"""All processes of a pool compute for ever, and the jobs behind them wait."""
import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import crowd


def render(page):
    while True:
        time.sleep(1)


async def publish(executor, page):
    await asyncio.get_running_loop().run_in_executor(executor, render, page)  # culprit: publish


async def incident():
    executor = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))
    async with asyncio.TaskGroup() as group:
        for page in range(20):
            group.create_task(publish(executor, page))


crowd.run(incident)
