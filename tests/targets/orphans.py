"""Tasks that nobody keeps, in several ways, and others that somebody keeps.

Garbage is collected only when the test asks for it: what asyncio lists after that
was kept by somebody.
"""
import asyncio
import functools
import gc
import weakref

import truth

gc.disable()
kept = []
everywhere = asyncio.Event()


async def bare():
    await asyncio.get_running_loop().create_future()


async def event_of_its_own():
    event = asyncio.Event()
    await event.wait()


async def knows_itself():
    task = asyncio.current_task()
    await asyncio.get_running_loop().create_future()
    return task


async def awaits_another():
    child = asyncio.create_task(bare(), name="child of an orphan")
    await child


async def holds_queue(size=1):
    queue = asyncio.Queue(size)
    await queue.get()


async def in_a_closure():
    event = asyncio.Event()

    async def inner():
        await event.wait()

    await inner()


async def gathers():
    await asyncio.gather(bare(), event_of_its_own())


class Holder:
    def __init__(self):
        self.future = asyncio.get_running_loop().create_future()

    async def wait(self):
        await self.future


async def waits_for_everyone():
    await everywhere.wait()


async def sleeps():
    await asyncio.sleep(3600)


async def with_timeout():
    async with asyncio.timeout(3600):
        await bare()



ORPHANS = bare, event_of_its_own, knows_itself, awaits_another, holds_queue, in_a_closure, gathers
OTHERS = waits_for_everyone, sleeps, with_timeout


def collect():
    """The names of the tasks that nobody keeps, also of those that then go on: what a
    coroutine does when it is destroyed may wake its task."""
    ended = []
    references = [weakref.ref(task, lambda _, name=task.get_name(): ended.append(name))
                  for task in asyncio.all_tasks(loop)]
    gc.collect()
    del references
    return ended


async def main():
    global loop
    loop = asyncio.get_running_loop()
    for function in ORPHANS + OTHERS:
        asyncio.create_task(function(), name=f"{function.__name__}/alone")
    for function in ORPHANS:
        kept.append(asyncio.create_task(function(), name=f"{function.__name__}/kept"))
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(function(), name=f"{function.__name__}/called back")
        kept.append(future)
        future.add_done_callback(functools.partial(print, task))
    asyncio.create_task(Holder().wait(), name="holder/alone")
    holder = Holder()
    kept.append(holder)
    asyncio.create_task(holder.wait(), name="holder/kept")
    del task, holder
    await asyncio.sleep(0.05)
    truth.answer("collect", collect)
    truth.ready()
    await asyncio.sleep(3600)


asyncio.run(main())
