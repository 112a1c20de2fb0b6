"""Many tasks in groups of 100 like ones: as many as the argument says."""
import asyncio
import sys

import truth


async def query(number):
    await asyncio.sleep(3600 + number)


async def handler(number):
    await query(number)


async def group(count):
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            tasks.create_task(handler(number))


async def main(count, size=100):
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as groups:
        for _ in range(max(1, count // size)):
            groups.create_task(group(min(count, size) - 1))
        loop.call_later(0.1, truth.ready)


asyncio.run(main(int(sys.argv[1])))
