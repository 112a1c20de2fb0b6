"""What runs because an exception was thrown into it: by a cancellation, or by somebody else."""
import asyncio
import sys
import time
import types

import truth


def hold():
    truth.ready()
    time.sleep(3600)  # line: hold


async def leaf():
    await asyncio.sleep(3600)


async def catches():
    try:
        await leaf()
    except asyncio.CancelledError:
        hold(
        )


@types.coroutine
def generator(thing):
    try:
        yield from thing
    except ValueError:
        hold()


class ByGenerator:
    def __init__(self, thing):
        self.thing = thing

    def __await__(self):
        return (yield from self.thing.__await__())


async def items(thing):
    try:
        yield await thing
    finally:
        pass


async def awaits(thing):
    try:
        await thing
    finally:
        pass


async def iterates(items_of):
    async for _ in items_of:
        pass


WAYS = {
    "generator": lambda: awaits(generator(awaits(catches()))),
    "await": lambda: awaits(ByGenerator(awaits(catches()))),
    "for": lambda: iterates(items(awaits(catches()))),
    "anext": lambda: awaits(anext(items(catches()), None)),
    "wait_for": lambda: asyncio.wait_for(catches(), 3600),
}


async def cancelled(how):
    task = asyncio.create_task(WAYS[how](), name="runs")
    waiting = asyncio.create_task(awaits(task), name="waits")
    await asyncio.sleep(0.01)
    task.cancel()
    await waiting


async def by_another():
    """One task is suspended in a generator; another one throws into that."""
    inner = generator(asyncio.get_running_loop().create_future())
    task = asyncio.create_task(awaits(inner), name="suspended")
    await asyncio.sleep(0.01)
    inner.throw(ValueError())
    await task


asyncio.run(by_another() if sys.argv[1] == "by another" else cancelled(sys.argv[1]))
