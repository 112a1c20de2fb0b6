"""A task that runs: through re.sub into a slow function, or in deep recursion."""
import asyncio
import re
import sys
import time

import truth


def slow(match):
    truth.ready()
    time.sleep(3600)  # line: slow
    return match.group()


def parse(text):
    rows = text.split()
    return [re.sub("b", slow, row)
            for row in rows]  # a comprehension has no frame of its own


class Report:
    def __init__(self, text):
        self.text = text

    def __len__(self):
        parse(self.text)
        return 1

    async def rows(self):
        return (
            len(self)
        )


def generator(report):
    yield 1
    yield len(report)


def recurse(depth):
    if depth:
        return recurse(depth - 1)
    return max(generator(Report("abc")))


async def middle(how):
    if how == "parse":
        return await Report("abc abd").rows()
    return sum(recurse(depth) for depth in [300])


async def outer(how):
    await asyncio.sleep(0.01)
    try:
        return await middle(how)
    finally:
        await asyncio.sleep(1)


async def agen(how):
    yield 1
    yield await middle(how)


async def through_agen(how):
    async for _ in agen(how):
        pass


async def main(how):
    loop = asyncio.get_running_loop()
    if how == "agen":
        task = loop.create_task(through_agen("parse"), name="runs")
    else:
        task = loop.create_task(outer(how), name="runs")
    others = [loop.create_task(asyncio.sleep(3600), name="sleeps")]
    await task
    return others


asyncio.run(main(sys.argv[1]))
