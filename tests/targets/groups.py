"""Many tasks in groups of 100 like ones: as many as the argument says."""
import asyncio
import sys


async def query(number):
    await asyncio.sleep(3600 + number)


async def handler(number):
    await query(number)


async def group(count):
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            tasks.create_task(handler(number))


async def groups(count, size=100):
    async with asyncio.TaskGroup() as tasks:
        for _ in range(max(1, count // size)):
            tasks.create_task(group(min(count, size) - 1))


async def main(count):
    import truth  # only here: who measures wants a process without it
    asyncio.get_running_loop().call_later(0.1, truth.ready)
    await groups(count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
