"""wait_for() of a task that swallows its cancellation: who waits for it never goes on."""
import asyncio

import crowd


async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)  # culprit: stubborn
        except asyncio.CancelledError:
            pass


async def ask():
    await asyncio.wait_for(stubborn_task, 0.01)


async def incident():
    global stubborn_task
    stubborn_task = asyncio.create_task(stubborn())
    await asyncio.create_task(ask())


crowd.run(incident)
