"""A child that nobody ends is asked for its output."""
import asyncio

import crowd


async def convert(name):
    child = await asyncio.create_subprocess_exec("sleep", "3600", stdout=asyncio.subprocess.PIPE)
    await child.communicate()  # culprit: convert


async def incident():
    await asyncio.gather(*(convert(f"{number}.png") for number in range(3)),
                         *(asyncio.sleep(0) for _ in range(47)))


crowd.run(incident)
