"""All wait for a lock whose holder reads from a silent peer."""
import asyncio

import crowd


class Connection:
    def __init__(self, reader):
        self.reader = reader
        self.lock = asyncio.Lock()

    async def query(self):
        async with self.lock:
            return await self.reader.readline()  # culprit: Connection.query


async def handle(connection):
    await connection.query()


async def incident():
    (reader, writer), server = await crowd.silent_peer()
    connection = Connection(reader)
    async with asyncio.TaskGroup() as group:
        for _ in range(300):
            group.create_task(handle(connection))


crowd.run(incident)
