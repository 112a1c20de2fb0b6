"""A gather of a thousand is held by one that waits for a lock in a thread."""
import asyncio
import threading

import crowd

lock = threading.Lock()


def store(row):
    if row == 77:
        with lock:  # culprit: store
            pass


async def save(row):
    await asyncio.to_thread(store, row)


async def incident():
    lock.acquire()
    await asyncio.gather(*(save(row) for row in range(1000)))


crowd.run(incident)
