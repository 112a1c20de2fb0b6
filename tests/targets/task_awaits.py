"""Tasks that await tasks: a line, many on one, diamonds, cycles."""
import asyncio
import sys

import truth


async def leaf():
    await asyncio.sleep(3600)


async def awaits(task):
    return await task


async def awaits_all(tasks):
    await asyncio.gather(*tasks)


async def awaits_of(box, key):
    while key not in box:
        await asyncio.sleep(0)
    await box[key]


async def gathers_itself():
    await asyncio.gather(asyncio.current_task(), named("beside itself"))


def named(name, coroutine=None):
    return asyncio.get_running_loop().create_task(coroutine or leaf(), name=name)


def line():
    end = named("line.3")
    middle = named("line.2", awaits(end))
    return named("line.1", awaits(middle))


def many_on_one():
    one = named("many.one")
    return [named(f"many.{n}", awaits(one)) for n in range(8)]


async def shielded(task):
    await asyncio.shield(task)


async def left_awaiters():
    """The sets of who awaits keep the marks of those that left."""
    some, none = named("some left"), named("all left")
    awaiters = [named(f"awaiter.{n}", shielded(some if n < 10 else none)) for n in range(20)]
    await asyncio.sleep(0.01)
    for n in (0, 1, 2, 4, 5, 7, 8, 9, *range(10, 20)):
        awaiters[n].cancel()
    await asyncio.sleep(0.01)
    return some, none, awaiters


def diamonds(layers=12):
    """38 tasks: a top, and `layers` times two that wait for one, and a bottom."""
    below = named("diamond.bottom")
    for layer in range(layers):
        sides = [named(f"diamond.{layer}.{side}", awaits(below)) for side in "lr"]
        below = named(f"diamond.{layer}.top", awaits_all(sides))
    return named("diamond", awaits(below))


def cycle(size):
    box = {}
    for n in range(size):
        box[n] = named(f"cycle{size}.{n}", awaits_of(box, (n + 1) % size))
    return named(f"on cycle{size}", awaits(box[0]))


async def main(what):
    if what == "acyclic":
        kept = [line(), many_on_one(), await left_awaiters(), diamonds()]
    else:
        kept = [cycle(2), cycle(3), named("itself", gathers_itself())]
    asyncio.get_running_loop().call_later(0.1, truth.ready)
    await asyncio.sleep(3600)
    return kept


asyncio.run(main(sys.argv[1]))
