"""Task groups: nested, with children before __aexit__ and in it, and a leaving one."""
import asyncio

import truth


async def leaf(seconds=3600):
    await asyncio.sleep(seconds)


async def inside(group_name):
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name=f"{group_name}.a")
        group.create_task(leaf(), name=f"{group_name}.b")


async def before_exit():
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name="early.a")
        group.create_task(inside("early.group"), name="early.group")
        await asyncio.sleep(3600)  # line: before exit


async def two_groups():
    async with asyncio.TaskGroup() as outer:
        outer.create_task(leaf(), name="outer.a")
        async with asyncio.TaskGroup() as inner:
            inner.create_task(leaf(), name="inner.a")


async def finished_children():
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(leaf(0))
        await asyncio.sleep(0.01)
        group.create_task(leaf(), name="last")


async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass


async def failing():
    raise ValueError("on purpose")


async def aborting():
    async with asyncio.TaskGroup() as group:
        group.create_task(stubborn(), name="stubborn")
        await asyncio.sleep(0)
        group.create_task(failing(), name="failing")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(inside("in exit"), name="in exit")
        group.create_task(before_exit(), name="before exit")
        group.create_task(two_groups(), name="two groups")
        group.create_task(finished_children(), name="finished children")
        group.create_task(aborting(), name="aborting")
        asyncio.get_running_loop().call_later(0.05, truth.ready)


asyncio.run(main())
