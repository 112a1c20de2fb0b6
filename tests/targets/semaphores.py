"""Tasks in circles of locks and semaphores, of which some end by themselves."""
import asyncio

import truth


async def hold_both(first, second, timeout=None):
    async with first:
        await asyncio.sleep(0.01)
        async with asyncio.timeout(timeout), second:
            pass


async def hold_twice(semaphore, timeout):
    async with semaphore:
        await asyncio.sleep(0.01)
        async with asyncio.timeout(timeout), semaphore:
            pass


async def hold(semaphore):
    async with semaphore:
        await asyncio.sleep(3600)


async def first_of(semaphore):
    """Goes on as soon as the other ends."""
    async with semaphore:
        await asyncio.wait([asyncio.create_task(hold_both(semaphore, asyncio.Lock()), name="first"),
                            asyncio.create_task(asyncio.sleep(3600))],
                           return_when=asyncio.FIRST_COMPLETED)


async def all_of(semaphore):
    async with semaphore, asyncio.TaskGroup() as group:
        group.create_task(hold(semaphore), name="child")


async def main():
    def start(name, coroutine):
        tasks.append(asyncio.create_task(coroutine, name=name))

    tasks = []
    for name, kind, timeout in (("plain", asyncio.Semaphore, None),
                                ("bounded", asyncio.BoundedSemaphore, None),
                                ("hasty", asyncio.Semaphore, 3600)):
        lock, semaphore = asyncio.Lock(), kind(1)
        start(f"{name} lock", hold_both(lock, semaphore))
        start(f"{name} semaphore", hold_both(semaphore, lock, timeout))
    for name, value, holders in (("self", 1, 0), ("free", 2, 0), ("shared", 2, 1)):
        semaphore = asyncio.Semaphore(value)
        for _ in range(holders):
            start(f"{name} holder", hold(semaphore))
        await asyncio.sleep(0)
        start(name, hold_both(semaphore, semaphore))
    for name, value, timeouts in (("pair", 2, (None, None)), ("hasty pair", 2, (None, 3600)),
                                  ("pair of three", 3, (None, None))):
        semaphore = asyncio.BoundedSemaphore(value)
        for number, timeout in enumerate(timeouts):
            start(f"{name} {number}", hold_twice(semaphore, timeout))
        if value > 2:
            start(f"{name} holder", hold(semaphore))
    start("waits for the first", first_of(asyncio.Semaphore(1)))
    start("waits for all", all_of(asyncio.Semaphore(1)))
    await asyncio.sleep(0.2)
    truth.ready(settle=False)
    await asyncio.gather(*tasks)


asyncio.run(main())
