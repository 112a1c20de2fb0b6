"""Nobody sets the event for which all requests wait."""
import asyncio

import crowd


class Settings:
    def __init__(self):
        self.loaded = asyncio.Event()

    async def get(self):
        await self.loaded.wait()  # culprit: Settings.get


async def handle(settings):
    await settings.get()


async def incident():
    settings = Settings()
    async with asyncio.TaskGroup() as group:
        for _ in range(300):
            group.create_task(handle(settings))


crowd.run(incident)
