"""A member of a task group fails; another catches its cancellation and goes on."""
import asyncio

import crowd


async def listen():
    while True:
        try:
            await asyncio.Event().wait()  # culprit: listen
        except asyncio.CancelledError:
            pass


async def fail():
    await asyncio.sleep(0.01)
    raise OSError("disk full")


async def incident():
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(listen())
        group.create_task(fail())


crowd.run(incident)
