"""Loops in threads: idle with timers, some of them cancelled, blocked by a sleep, by a
thread's lock, by a computation, and in a callback that is no task."""
import asyncio
import threading
import time

import truth

never = threading.Event()
count = 4
barrier = threading.Barrier(count + 1)


def sleep_long():
    barrier.wait()
    time.sleep(3600)  # line: sleeps


def wait_for_lock():
    barrier.wait()
    never.wait()


async def blocking(how):
    await asyncio.sleep(0.01)
    how()


async def waits():
    await asyncio.sleep(3600)


async def many(how):
    for number in range(3):
        asyncio.create_task(waits(), name=f"{how.__name__} waits {number}")
    task = asyncio.create_task(blocking(how), name=how.__name__)
    loop = asyncio.get_running_loop()
    for _ in range(5):
        loop.call_later(0.02, never.is_set)  # due while it is blocked
    await task


async def calls_back():
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, sleep_long)
    await asyncio.sleep(3600)


async def idle():
    loop = asyncio.get_running_loop()
    for number in range(10):
        timer = loop.call_later(1800 + number, never.is_set)
        if number < 5:
            timer.cancel()
    loop.call_later(0.05, barrier.wait)
    await asyncio.sleep(3600)


for main in (many(sleep_long), many(wait_for_lock), calls_back(), idle()):
    threading.Thread(target=asyncio.run, args=(main,), daemon=True).start()
barrier.wait()
time.sleep(0.1)
truth.ready()
threading.Event().wait()
