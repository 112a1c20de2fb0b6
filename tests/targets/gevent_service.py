"""asyncio beside gevent: in a greenlet of its hub, in a thread of its pool, and with a
coroutine that blocks its loop by waiting for a greenlet: gevent_service.py HOW."""
import asyncio
import sys
import threading

import gevent

import truth


async def query():
    await asyncio.sleep(3600)


async def blocks():
    threading.Timer(0.5, truth.ready).start()
    gevent.spawn(gevent.sleep, 3600).join()  # line: blocks


async def serve():
    lock = asyncio.Lock()
    async with lock, asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(query(), name=f"query-{number}")
        group.create_task(lock.acquire(), name="acquirer")
        if HOW == "blocked":
            await asyncio.sleep(0.1)
            await blocks()
        asyncio.get_running_loop().call_later(0.3, truth.ready)


def run():
    asyncio.run(serve())


HOW = sys.argv[1]
if HOW == "pool":
    gevent.get_hub().threadpool.spawn(run)
    gevent.sleep(3600)
elif HOW == "greenlet":
    gevent.spawn(run).join()
else:
    run()
