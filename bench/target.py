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
import json
import os
import sys
import types

from groups import group, groups, query  # the targets of the tests are beside it

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


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer():
    if not sys.stdin.readline():
        os._exit(0)
    say(pages())


async def main(shape, count):
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, answer)
    loop.call_later(0.1, say, {"ready": True, "pid": os.getpid(), "extra": {}})
    await {"flat": flat, "groups": groups, "chain": chain}[shape](count)


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
