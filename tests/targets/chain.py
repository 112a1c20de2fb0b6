"""Tasks in a chain, each awaiting the next: as many as the argument says."""
import asyncio
import sys

import truth


async def hop(task):
    await task


async def end():
    await asyncio.sleep(3600)


async def main(count):
    loop = asyncio.get_running_loop()
    task = loop.create_task(end(), name="end")
    for _ in range(count - 2):
        task = loop.create_task(hop(task))
    loop.call_later(0.05, truth.ready)
    await task


asyncio.run(main(int(sys.argv[1])))
