"""Loops whose default executors are there or not, idle, busy and full."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import truth

never = threading.Event()
started = threading.Barrier(6)


async def use(size, jobs, job):
    loop = asyncio.get_running_loop()
    if size:
        loop.set_default_executor(ThreadPoolExecutor(size))
    for number in range(jobs):
        future = loop.run_in_executor(None, job)
        if job is int:
            await future
    loop.call_later(0.05, started.wait)
    await asyncio.sleep(3600)


for name, *how in (("none", 0, 0, None), ("unused", 3, 0, None), ("idle", 2, 5, int),
                   ("busy", 5, 2, never.wait), ("full", 2, 42, never.wait)):
    threading.Thread(target=asyncio.run, args=(use(*how),), name=name, daemon=True).start()
started.wait()
truth.ready()
threading.Event().wait()
