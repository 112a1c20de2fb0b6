"""All wait for a lock whose holder sleeps, among handlers that all are different functions."""
import asyncio

import crowd

HANDLERS = "\n".join(f"async def handler_{n}():\n    await asyncio.sleep({600 + n})"
                     for n in range(300))


async def migrate(lock):
    async with lock:
        while True:
            await asyncio.sleep(60)  # culprit: migrate


async def idle():
    while True:
        await asyncio.sleep(60)


async def write(lock):
    async with lock:
        pass


async def incident():
    namespace = {"asyncio": asyncio}
    exec(compile(HANDLERS, "/srv/app/more_handlers.py", "exec"), namespace)
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for n in range(300):
            group.create_task(namespace[f"handler_{n}"]())
        group.create_task(idle(), name="idler")
        group.create_task(migrate(lock), name="migration")
        await asyncio.sleep(0)
        for _ in range(300):
            group.create_task(write(lock))


crowd.run(incident)
