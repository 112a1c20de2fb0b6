"""A coroutine that forks: asyncio forgets in the child what was before, and its loop, which
cannot go on there, keeps what is made from then on."""
import asyncio
import os
import time


async def leaf():
    await asyncio.sleep(3600)


async def grouped():
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name="grouped")
        group.create_task(leaf(), name="grouped too")


async def main():
    loop = asyncio.get_running_loop()
    kept = [loop.create_task(leaf(), name="before"), loop.create_task(grouped(), name="group")]
    await asyncio.sleep(0.01)
    if os.fork():
        await asyncio.sleep(3600)
    import truth
    truth.know_loop(loop)
    kept.append(loop.create_task(leaf(), name="in child"))
    kept.append(loop.create_task(grouped(), name="group in child"))
    truth.ready()
    time.sleep(3600)


asyncio.run(main())
