"""The process that the images in tests/fuzz/images are of: a little of everything.

record.c says by which commands they are made.
"""
import asyncio
import asyncio.tasks
import threading
import time


class Subclass(asyncio.Task):
    pass


async def sleeper():
    await asyncio.sleep(3600)


async def link(depth):
    if depth:
        await link(depth - 1)
    else:
        await sleeper()


async def wait_for(thing):
    await thing


async def items():
    while True:
        await sleeper()
        yield 1


async def consumer():
    async for _ in items():
        pass


async def anext_of():
    await anext(items(), None)


async def group():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper(), name="in group é")
        tasks.create_task(link(3))
        await sleeper()


async def leaving():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper())


class Iterator:
    def __await__(self):
        return wait_for(sleeper()).__await__()


async def awaits_iterator():
    await Iterator()


class Foreign:
    """A third party's task."""

    def __init__(self, loop):
        self._loop = loop
        self._coro = wait_for(loop.create_future())
        self._name = "foreign"
        self._fut_waiter = self._coro.send(None)
        asyncio.tasks._register_task(self)

    def done(self):
        return False

    def get_loop(self):
        return self._loop


async def on_condition(condition):
    async with condition:
        await condition.wait()


async def limited():
    async with asyncio.timeout(3600):
        await sleeper()


kept = []


async def main():
    loop = asyncio.get_running_loop()
    make = asyncio.create_task
    shared = make(sleeper(), name="shared")
    kept.extend(make(c) for c in (
        link(5), consumer(), anext_of(), group(), leaving(), awaits_iterator(),
        wait_for(shared), wait_for(shared), wait_for(asyncio.shield(make(sleeper()))),
        asyncio.wait_for(sleeper(), 3600)))
    kept.append(make(wait_for(asyncio.gather(sleeper(), sleeper(), shared))))
    kept.append(make(asyncio.wait([make(sleeper()), make(sleeper())])))
    kept.append(Subclass(wait_for(loop.create_future()), loop=loop))
    kept.append(asyncio.tasks._PyTask(wait_for(asyncio.futures._PyFuture(loop=loop)), loop=loop))
    kept.append(asyncio.tasks._PyTask(wait_for(shared), loop=loop, name="python"))
    kept.append(Foreign(loop))
    one, two, lock = asyncio.Event(), asyncio.Event(), asyncio.Lock()
    await lock.acquire()
    kept.extend(make(c) for c in (
        lock.acquire(), asyncio.Queue().get(), on_condition(asyncio.Condition()),
        asyncio.Barrier(2).wait(), limited(), asyncio.to_thread(time.sleep, 3600)))
    kept.append(make(one.wait()))
    cycle = []

    async def circle(other):
        await asyncio.sleep(0)
        await cycle[other]

    cycle.extend((make(circle(1)), make(circle(0))))
    kept.extend(cycle)
    await asyncio.sleep(0.2)
    kept.append(make(two.wait(), name="last"))


def busy():
    async def blocking():
        make = asyncio.create_task
        kept.append(make(sleeper(), name="in thread"))
        await asyncio.sleep(0)
        time.sleep(3600)

    async def outer():
        await blocking()

    asyncio.run(outer())


async def forever():
    await main()
    await sleeper()


threading.Thread(target=busy, daemon=True, name="busy").start()
asyncio.run(forever())
