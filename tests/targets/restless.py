"""A process that keeps becoming another by exec, or forks children that soon die."""
import asyncio
import os
import random
import sys


async def main(seconds):
    tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(50)]
    await asyncio.sleep(seconds)
    return tasks


if sys.argv[1] == "exec":
    asyncio.run(main(0.02))
    os.execv(sys.executable, [sys.executable, *sys.argv])
while True:
    child = os.fork()
    if not child:
        asyncio.run(main(random.random() * 0.06))
        os._exit(0)
    os.write(1, b"%d\n" % child)
    os.waitpid(child, 0)
