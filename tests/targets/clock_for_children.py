"""Sleeps, with a clock for its children that is ahead of its own."""
import asyncio
import os

import truth

os.unshare(os.CLONE_NEWTIME)
with open("/proc/self/timens_offsets", "w") as file:
    file.write("monotonic 86400 0")


async def main():
    asyncio.get_running_loop().call_later(0.1, truth.ready)
    await asyncio.sleep(3600)


asyncio.run(main())
