"""Conversions run two at a time, in child processes that do not end."""
import asyncio

import crowd


class Converter:
    def __init__(self):
        self.limit = asyncio.Semaphore(2)

    async def convert(self, number):
        async with self.limit:
            child = await asyncio.create_subprocess_exec("sleep", "3600")
            await child.wait()  # culprit: Converter.convert


async def incident():
    converter = Converter()
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(converter.convert(number))


crowd.run(incident)
