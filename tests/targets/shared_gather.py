"""Many tasks that wait for one gather of many: sys.argv gives how many of both."""

import asyncio
import sys

import truth


async def starts():
    await asyncio.sleep(3600)


async def handles(startup):
    await asyncio.shield(startup)


async def main():
    startup = asyncio.gather(*[starts() for _ in range(int(sys.argv[1]))])
    tasks = [asyncio.create_task(handles(startup), name=f"request-{n}")
             for n in range(int(sys.argv[2]))]
    await asyncio.sleep(0)
    truth.ready(settle=False)
    await asyncio.gather(*tasks)


asyncio.run(main())
