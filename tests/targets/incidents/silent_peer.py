"""One of many hosts does not answer, and all wait for its reply."""
import asyncio

import crowd


async def fetch(number, reader):
    if number == 17:
        return await reader.readexactly(100)  # culprit: fetch
    return await asyncio.sleep(0)


async def collect(reader):
    tasks = [asyncio.create_task(fetch(number, reader)) for number in range(100)]
    await asyncio.wait(tasks)


async def incident():
    (reader, writer), server = await crowd.silent_peer()
    await collect(reader)


crowd.run(incident)
