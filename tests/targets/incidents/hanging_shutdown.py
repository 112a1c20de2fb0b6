"""At the end all workers are cancelled, and one waits for what never comes."""
import asyncio

import crowd


class Session:
    def __init__(self):
        self.flushed = asyncio.Event()

    async def close(self):
        await self.flushed.wait()  # culprit: Session.close


async def work(session):
    try:
        await asyncio.sleep(600)
    finally:
        if session:
            await session.close()


async def shut_down(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def incident():
    tasks = [asyncio.create_task(work(Session() if number == 7 else None))
             for number in range(30)]
    await asyncio.sleep(0.01)
    await shut_down(tasks)


crowd.run(incident)
