"""Locks while another task blocks the loop: some of those who hold or wait are ready."""
import asyncio
import time

import situations
import truth
from situations import situation

_last = []  # what happens at last, before the loop is blocked
PLAIN = {"variants": ("plain",)}
running = asyncio.Semaphore(1)


def truth_of(lock, *holders, **facts):
    return {"kind": "lock", "object": lock, "waiters": len(lock._waiters), "holders": holders,
            **facts}


@situation(**PLAIN)
async def ready_holder(scene):
    lock, done = asyncio.Lock(), asyncio.Event()

    async def hold():
        async with lock:
            await done.wait()

    holder = scene.start(hold())
    await scene.settle()
    _last.append(done.set)
    return lock.acquire, lambda: truth_of(lock, holder)


@situation(**PLAIN)
async def released_by_another(scene):
    """Its stack says that it holds the lock, but the lock is free; the first in line is ready."""
    lock = asyncio.Lock()

    async def hold():
        async with lock:
            await situations.forever()

    scene.start(hold())
    await scene.settle()
    scene.start(lock.acquire(), "first")
    await scene.settle()
    _last.append(lock.release)
    return lock.acquire, lambda: truth_of(lock)


@situation(**PLAIN)
async def held_by_running(scene):
    """The stack of a task that runs is not used: who holds it is not found."""
    async def wait():
        await scene.settle()
        while not running.locked():
            await asyncio.sleep(0.05)
        async with running:
            pass

    return wait, lambda: truth_of(running, kind="semaphore", value=0)


async def block():
    async with running:
        await asyncio.sleep(0.1)
        for function in _last:
            function()
        truth.ready()
        time.sleep(3600)


situations.main(block)
