"""Eager tasks: suspended, and in their first step, in C and in Python."""
import asyncio
import asyncio.tasks
import sys
import time

import truth


async def leaf():
    await asyncio.sleep(3600)


async def awaits(thing):
    await thing


def hold():
    truth.ready()
    time.sleep(3600)  # line: hold


async def first_step(depth):
    if depth:
        child = asyncio.create_task(first_step(depth - 1), name=f"eager {depth - 1}")
        await child
    hold()


async def suspended(loop):
    kept = [loop.create_task(leaf(), name="leaf")]
    kept.append(loop.create_task(awaits(kept[0]), name="on leaf"))
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name="group.a")
        group.create_task(awaits(group.create_task(leaf(), name="group.b")), name="on b")
        kept.append(loop.create_task(awaits(asyncio.gather(leaf(), leaf())), name="gather"))
        loop.call_later(0.05, truth.ready)


def python_loop():
    """A loop of which every task is a Python one, also the first."""
    asyncio.tasks.current_task = asyncio.tasks._py_current_task
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.create_eager_task_factory(asyncio.tasks._PyTask))
    return loop


def c_loop():
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    return loop


async def main(how):
    loop = asyncio.get_running_loop()
    other = loop.create_task(leaf(), name="other")
    if how == "suspended":
        await suspended(loop)
    else:
        await asyncio.sleep(0.01)
        outer = loop.create_task(first_step(2), name="eager 2")
        await outer
    return other


make = {"c": c_loop, "python": python_loop}[sys.argv[2]]
with asyncio.Runner(loop_factory=make) as runner:
    runner.run(main(sys.argv[1]))
