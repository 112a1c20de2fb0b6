"""All connections of a pool are in use, by queries that are never answered."""
import asyncio
import contextlib

import crowd


class Pool:
    def __init__(self, size):
        self.free = asyncio.BoundedSemaphore(size)

    @contextlib.asynccontextmanager
    async def connection(self):
        async with self.free:
            stream, server = await crowd.silent_peer()
            yield stream


async def query(pool):
    async with pool.connection() as (reader, writer):
        await reader.read(100)  # culprit: query


async def handle(pool):
    await query(pool)


async def incident():
    pool = Pool(10)
    async with asyncio.TaskGroup() as group:
        for _ in range(412):
            group.create_task(handle(pool))


crowd.run(incident)
