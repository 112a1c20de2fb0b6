"""A process with as many tasks as asked for: target.py SHAPE COUNT.

    flat     one group: a task waits for all the others
    groups   groups of 100 tasks
    chain    each task awaits the next

Says on standard output when all of them wait.  A line on standard input then
asks for the pages of memory that the tasks lie in.
"""
import asyncio
import gc
import itertools
import sys
import types

# The targets of the tests are beside it.
from asked import answer_with, say_ready
from groups import group, groups, query

PAGE = 16 * 1024


async def flat(count):
    await group(count - 1)


async def hop(task):
    await task


async def chain(count):
    loop = asyncio.get_running_loop()
    task = loop.create_task(query(0))
    for _ in range(count - 2):
        task = loop.create_task(hop(task))
    await task


def parts(task):
    """The objects that a task is made of, as it is shown."""
    yield task
    yield task._fut_waiter
    # What it calls when it is done, which tells whom it wakes.
    yield from (part for part in gc.get_referents(task._fut_waiter)
                if isinstance(part, types.BuiltinFunctionType))
    coroutine = task.get_coro()
    while isinstance(coroutine, types.CoroutineType):
        yield coroutine
        coroutine = coroutine.cr_await
    # The name: asking for it would make another object of it.
    yield from (part for part in gc.get_referents(task) if type(part) in (int, str))


def timers():
    for handle in asyncio.get_running_loop()._scheduled:
        yield handle
        yield handle.when()


def pages():
    """The addresses of the pages that all these objects lie in, in their order."""
    found = set()
    for part in itertools.chain(timers(), *map(parts, asyncio.all_tasks())):
        first, size = id(part), part.__sizeof__()
        found.update(range(first // PAGE, (first + size - 1) // PAGE + 1))
    return [page * PAGE for page in sorted(found)]


async def main(shape, count):
    answer_with(pages)
    say_ready(0.1)
    await {"flat": flat, "groups": groups, "chain": chain}[shape](count)


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
