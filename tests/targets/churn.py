"""Thousands of tasks a second come and go; some stay."""
import asyncio

import truth


async def stays():
    await asyncio.sleep(3600)


async def short(delay):
    await asyncio.sleep(delay)


async def fan_out():
    await asyncio.gather(*(short(0) for _ in range(20)))


async def group():
    async with asyncio.TaskGroup() as tasks:
        for number in range(10):
            tasks.create_task(short(number % 3 / 1000), name=f"short-{number}")


async def generations():
    async def items():
        for _ in range(5):
            await asyncio.sleep(0)
            yield 1
    async for _ in items():
        pass


async def cancels():
    task = asyncio.create_task(short(10))
    await asyncio.sleep(0)
    task.cancel()


async def busy(number):
    works = [fan_out, group, generations, cancels]
    turn = number
    while True:
        await works[turn % len(works)]()
        turn += 1


async def main():
    kept = [asyncio.create_task(stays(), name=f"stays-{n}") for n in range(20)]
    kept += [asyncio.create_task(busy(n), name=f"busy-{n}") for n in range(10)]
    asyncio.get_running_loop().call_later(0.1, truth.ready, False)
    await asyncio.gather(*kept)


asyncio.run(main())
