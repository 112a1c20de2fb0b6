"""A task that runs, in each of three threads."""
import asyncio
import threading
import time

import truth

barrier = threading.Barrier(3)


def recurse(depth):
    if depth:
        recurse(depth - 1)
    else:
        if barrier.wait() == 0:
            truth.ready()
        time.sleep(3600)


async def inner(depth):
    recurse(depth)


async def outer(depth):
    await asyncio.sleep(0)
    await inner(depth)


async def main(number):
    await asyncio.create_task(outer(number), name=f"busy{number}")


for number in range(1, 3):
    threading.Thread(target=asyncio.run, args=(main(number),), name=f"busy{number}",
                     daemon=True).start()
asyncio.run(main(0))
