"""Tasks wait for semaphores that none, one or several were found to hold."""
import asyncio

import truth


async def keep(semaphore):
    async with semaphore:
        await asyncio.sleep(3600)  # line: keeps


async def want(semaphore):
    async with semaphore:
        pass


async def main():
    async with asyncio.TaskGroup() as group:
        for held in 0, 1, 2, 1000:
            semaphore = asyncio.Semaphore(max(held, 1))
            if not held:
                await semaphore.acquire()
            for _ in range(held):
                group.create_task(keep(semaphore), name=f"keeper-{held}")
            await asyncio.sleep(0)
            group.create_task(want(semaphore), name=f"wants-{held}")
        await asyncio.sleep(0.1)
        truth.ready(settle=False)


asyncio.run(main())
