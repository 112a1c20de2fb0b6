"""Three philosophers, each with one fork."""
import asyncio

import crowd

forks = []


async def dine(seat):
    async with forks[seat]:
        await asyncio.sleep(0.01)
        async with forks[(seat + 1) % 3]:  # culprit: dine
            await asyncio.sleep(0)


async def incident():
    forks.extend(asyncio.Lock() for _ in range(3))
    await asyncio.gather(*(dine(seat) for seat in range(3)))


crowd.run(incident)
