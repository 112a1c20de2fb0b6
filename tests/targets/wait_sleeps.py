"""Sleeping tasks."""
import asyncio
import gc

import situations
from situations import Due, situation


def timer_of(future):
    """When the timer is due that ends the sleep on `future`."""
    for handle in gc.get_objects():
        if type(handle) is asyncio.TimerHandle and handle._args and handle._args[0] is future:
            return Due(handle.when())
    return None


def sleep_of(scene):
    future = scene.task._fut_waiter
    return {"kind": "sleep", "object": future, "remaining_s": timer_of(future)}


@situation
def sleep(scene):
    async def wait():
        await asyncio.sleep(3600)

    return wait, lambda: sleep_of(scene)


@situation(name="sleep", variants=("decoy",))
def sleep_decoy(scene):
    """A user's function of that name, with the variables of asyncio's."""
    async def sleep(delay):
        future = asyncio.get_running_loop().create_future()
        h = asyncio.get_running_loop().call_later(delay, future.set_result, None)
        await future
        h.cancel()

    sleep.__code__ = sleep.__code__.replace(co_qualname="sleep")
    return lambda: sleep(3600), lambda: {"kind": "future", "object": scene.task._fut_waiter}


situations.main()
