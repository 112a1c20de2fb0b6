"""A pattern is matched for ever, in C, and no other thread gets a turn."""
import asyncio
import re

import crowd


def is_valid(name):
    return re.match(r"(a+)+$", name)  # culprit: is_valid


async def register(name):
    return is_valid(name)


async def incident():
    await asyncio.sleep(0.3)
    crowd.truth.ready(settle=False)
    await asyncio.sleep(0.02)  # to be heard
    await asyncio.create_task(register("a" * 60 + "b"))


crowd.run(incident, seconds=None)
