"""A task waits for a lock of threads, which nobody gives back."""
import asyncio
import threading

import crowd

lock = threading.Lock()


def count_hit():
    with lock:  # culprit: count_hit
        pass


async def handle():
    await asyncio.sleep(0.3)
    crowd.truth.ready(settle=False)
    count_hit()


async def incident():
    lock.acquire()
    await asyncio.create_task(handle())


crowd.run(incident, seconds=None)
