"""A callback waits in its loop's thread for what only this loop can do."""
import asyncio

import crowd


async def load():
    return 1


def current_value(loop):
    return asyncio.run_coroutine_threadsafe(load(), loop).result()  # culprit: current_value


async def show():
    await asyncio.sleep(0.3)
    crowd.truth.ready(settle=False)
    current_value(asyncio.get_running_loop())


async def incident():
    await asyncio.create_task(show())


crowd.run(incident, seconds=None)
