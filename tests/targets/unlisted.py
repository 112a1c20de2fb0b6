"""Tasks that are in none of asyncio's lists, but that a listed task knows as its awaiters."""
import asyncio

import truth


async def leaf():
    await asyncio.sleep(3600)


async def awaits(task):
    await task


async def gathers(*tasks):
    await asyncio.gather(*tasks)


async def main():
    loop = asyncio.get_running_loop()
    child = loop.create_task(leaf(), name="child")
    other = loop.create_task(leaf(), name="other child")
    parent = loop.create_task(awaits(child), name="unlisted parent")
    second = loop.create_task(gathers(child, other), name="unlisted second")
    grandparent = loop.create_task(awaits(parent), name="unlisted grandparent")
    await asyncio.sleep(0.02)
    unlisted = parent, second, grandparent
    for task in unlisted:
        asyncio._unregister_task(truth.know(task))
    assert not asyncio.all_tasks() & set(unlisted)
    loop.call_later(0.05, truth.ready)
    await asyncio.sleep(3600)
    return unlisted, other


asyncio.run(main())
