"""Waits for a child, and for one that is process 1 of a namespace of its own; says what the
two are called here, where this is process 1."""
import asyncio
import os


async def wait(*argv):
    child = await asyncio.create_subprocess_exec(*argv)
    print(child.pid, flush=True)
    await child.wait()


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(wait("sleep", "1001"))
        await asyncio.sleep(0.1)
        os.unshare(os.CLONE_NEWPID)
        group.create_task(wait("sleep", "1002"))


asyncio.run(main())
