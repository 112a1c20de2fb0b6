"""Loops that are idle, busy and stopped, with callbacks and timers to come."""
import asyncio
import threading

import truth

HOUR = 3600


def nothing():
    pass


async def idle():
    loop = asyncio.get_running_loop()
    for hours in (1, 2, 3):
        loop.call_later(hours * HOUR, nothing)
    loop.call_later(HOUR, nothing).cancel()
    started.wait()
    await loop.create_future()


async def busy():
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, nothing)
    for _ in range(7):
        loop.call_soon(nothing)
    started.wait()
    threading.Event().wait()


started = threading.Barrier(3)
for coroutine in (idle, busy):
    threading.Thread(target=asyncio.run, args=(coroutine(),), name=coroutine.__name__,
                     daemon=True).start()
started.wait()
stopped = asyncio.new_event_loop()
task = stopped.create_task(asyncio.sleep(HOUR))
stopped.run_until_complete(asyncio.sleep(0.01))
for _ in range(2):
    stopped.call_soon(nothing)
truth.ready()
threading.Event().wait()
