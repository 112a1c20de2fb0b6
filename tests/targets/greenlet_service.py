"""Tasks that go through greenlets and back, as SQLAlchemy's asyncio extension does: plain
functions in a greenlet, which await by a switch to the one that the task runs in."""
import asyncio

from sqlalchemy.util.concurrency import await_only, greenlet_spawn

import truth


async def query(seconds):
    await asyncio.sleep(seconds)


def execute(seconds):
    return await_only(query(seconds))  # line: execute


def transaction():
    execute(0.01)
    execute(3600)


async def handler():
    await greenlet_spawn(transaction)


async def holder(lock):
    async with lock:
        await greenlet_spawn(transaction)


def acquire(lock):
    await_only(lock.acquire())


async def acquirer(lock):
    await greenlet_spawn(acquire, lock)


async def nested():
    """A greenlet in what a greenlet waits for."""
    await greenlet_spawn(lambda: await_only(greenlet_spawn(transaction)))


async def in_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(handler(), name="grouped")
        await greenlet_spawn(lambda: await_only(asyncio.wait_for(query(3600), 3000)))


async def main():
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(handler(), name=f"handler-{number}")
        group.create_task(holder(lock), name="holder")
        group.create_task(acquirer(lock), name="acquirer")
        group.create_task(nested(), name="nested")
        group.create_task(in_group(), name="group")
        asyncio.get_running_loop().call_later(0.3, truth.ready)


asyncio.run(main())
