"""A task that waits in a group, and awaits others too: group_members.py CASE.

Tells the members of the group that still go on, by the group itself.
"""
import asyncio
import os
import sys
import time
from contextlib import AsyncExitStack

from asked import say


async def forever():
    await asyncio.Event().wait()


def start(group, *names):
    return [group.create_task(forever(), name=name) for name in names]


def say_members(group):
    say({"ready": True, "pid": os.getpid(),
         "extra": {"members": sorted(task.get_name() for task in group._tasks
                                     if not task.done())}})


def say_soon(group):
    asyncio.get_running_loop().call_later(0.1, say_members, group)


async def plain():
    async with asyncio.TaskGroup() as group:
        start(group, "a", "b", "c")
        say_soon(group)


async def shared_member():
    """As many say that it alone awaits them as are in the group, but others."""
    outer = asyncio.TaskGroup()  # on no stack
    await outer.__aenter__()
    start(outer, "outer")
    async with asyncio.TaskGroup() as group:
        both, _ = start(group, "both", "member")
        also = asyncio.create_task(asyncio.wait([both]), name="also")
        say_soon(group)
    await also
    await outer.__aexit__(None, None, None)


async def ends(group):
    await asyncio.sleep(0.1)
    # The member has ended then, and the group does not know it yet.
    asyncio.get_running_loop().call_soon(block, group)


def block(group):
    say_members(group)
    time.sleep(3600)


async def ended_member():
    async with asyncio.TaskGroup() as outer:
        start(outer, "outer")
        async with asyncio.TaskGroup() as group:
            start(group, "member")
            group.create_task(ends(group), name="ended")


async def ended_member_in_a_stack():
    async with AsyncExitStack() as stack:
        start(await stack.enter_async_context(asyncio.TaskGroup()), "outer")
        async with asyncio.TaskGroup() as group:
            start(group, "member")
            group.create_task(ends(group), name="ended")


asyncio.run(globals()[sys.argv[1]]())
