"""A task that blocks its loop in a greenlet: at once, after it was left and came back, below
another one, and below an iteration."""
import asyncio
import sys
import threading
import time

from sqlalchemy.util.concurrency import await_only, greenlet_spawn

import truth


def busy():
    threading.Timer(0.3, truth.ready).start()
    time.sleep(3600)  # line: busy


def first():
    busy()


def deep(levels):
    """Needs more of C's stack, by a call through C a level."""
    return sorted([0], key=lambda _: deep(levels - 1)) if levels else await_only(asyncio.sleep(0.1))


def resumed():
    await_only(asyncio.sleep(0.1))
    deep(20)
    busy()


def nested():
    await_only(greenlet_spawn(resumed))


async def items():
    yield 1
    await greenlet_spawn(resumed)


async def iterates():
    async for _ in items():
        pass


async def blocks(how):
    await asyncio.sleep(0.05)
    if how == "iterates":
        await iterates()
    else:
        await greenlet_spawn(globals()[how])


async def waits():
    await asyncio.sleep(3600)


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(waits(), name="waits")
        group.create_task(blocks(sys.argv[1]), name="blocks")


asyncio.run(main())
