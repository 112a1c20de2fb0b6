"""Many tasks at rest, and a thread that is always busy and notes when it was not.

The file given holds numbers for the test to read: how often the thread looked
at the clock, and its largest gap since the test last wrote 0 there, in ns.
"""
import asyncio
import mmap
import sys
import threading
import time

import truth


def tick(numbers):
    last = time.monotonic_ns()
    while True:
        now = time.monotonic_ns()
        numbers[0] += 1
        if now - last > numbers[1]:
            numbers[1] = now - last
        last = now


async def leaf():
    await asyncio.sleep(3600)


async def group(size):
    async with asyncio.TaskGroup() as tasks:
        for _ in range(size):
            tasks.create_task(leaf())


async def main(count):
    kept = [asyncio.create_task(group(99)) for _ in range(count // 100)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with open(sys.argv[2], "r+b") as file:
        numbers = memoryview(mmap.mmap(file.fileno(), 4096)).cast("Q")
    threading.Thread(target=tick, args=(numbers,), name="ticking", daemon=True).start()
    truth.ready(False)
    await asyncio.gather(*kept)


asyncio.run(main(int(sys.argv[1])))
