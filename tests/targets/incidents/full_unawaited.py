"""All threads of a loop's default executor hang, with jobs that nobody waits for."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import crowd

stuck = threading.Event()
jobs = []


def report(event):
    stuck.wait()  # culprit: report


async def incident():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(5))
    for event in range(100):
        jobs.append(loop.run_in_executor(None, report, event))


crowd.run(incident)
