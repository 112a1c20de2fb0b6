"""A gather is held by the last of its members, which waits for a future."""
import asyncio

import crowd


class Cache:
    def __init__(self):
        self.loading = asyncio.get_running_loop().create_future()

    async def get(self, key):
        if key == 31:
            await self.loading  # culprit: Cache.get


async def incident():
    cache = Cache()
    await asyncio.gather(*(cache.get(key) for key in range(50)))


crowd.run(incident)
