"""A graph of tasks by a seed, each waiting for its lot in a way of its own; what they
wait for is said here by what the code means, not by what asyncio keeps of it."""
import asyncio
import contextlib
import random
import sys
import types

import truth

dice = random.Random(int(sys.argv[1]))
COUNT = int(sys.argv[2])
KIND = sys.argv[3]


@types.coroutine
def old(thing):
    return (yield from thing)


class ByIter:
    def __init__(self, thing):
        self.thing = thing

    def __await__(self):
        return self.thing.__await__()


class ByGenerator(ByIter):
    def __await__(self):
        return (yield from self.thing.__await__())


async def items(thing):
    yield await thing


async def coroutine(thing):
    return await thing


async def loop_over(agen):
    async for _ in agen:
        pass


async def in_timeout(thing):
    async with asyncio.timeout(3600):
        await thing


async def with_exit(thing):
    @contextlib.asynccontextmanager
    async def manager():
        yield
        await thing
    async with manager():
        pass


def in_time(thing):
    """Before 3.12 wait_for() makes a task of what is none: another one waits then."""
    return asyncio.wait_for(thing, 3600 if sys.version_info >= (3, 12) else None)


WRAPS = [coroutine, lambda t: coroutine(old(t)), lambda t: coroutine(ByIter(t)),
         lambda t: coroutine(ByGenerator(t)), lambda t: loop_over(items(t)), in_timeout,
         with_exit, in_time, lambda t: coroutine(anext(items(t))),
         lambda t: coroutine(anext(items(t), None))]


async def wrapped(thing):
    for _ in range(dice.randrange(4)):
        thing = dice.choice(WRAPS)(thing)
    await thing


def futures(tasks, depth=0):
    """One future that stands for all of the tasks."""
    if len(tasks) == 1 and dice.random() < .5:
        return asyncio.shield(futures(tasks, depth + 1)) if dice.random() < .5 else tasks[0]
    if depth < 3 and dice.random() < .5:
        half = dice.randrange(1, len(tasks) + 1)
        parts = [tasks[:half], tasks[half:]]
        return asyncio.gather(*(futures(part, depth + 1) for part in parts if part),
                              return_exceptions=dice.random() < .5)
    if dice.random() < .3:
        return asyncio.shield(asyncio.gather(*tasks))
    return asyncio.gather(*tasks)


async def by_future(tasks):
    await wrapped(futures(tasks))


async def by_wait(tasks):
    half = dice.randrange(1, len(tasks) + 1)
    await asyncio.wait([*tasks[:half], *(futures([task]) for task in tasks[half:])],
                       return_when=dice.choice(["ALL_COMPLETED", "FIRST_EXCEPTION"]))


async def by_completed(tasks):
    for each in asyncio.as_completed(tasks):
        await each


async def by_completed_async(tasks):
    each_of = asyncio.as_completed(tasks)
    if not hasattr(each_of, "__aiter__"):  # before 3.13
        return await by_completed(tasks)
    async for each in each_of:
        await each


async def member(name, tasks):
    await by_future(tasks)


async def waits(number, tasks):
    await started.wait()
    if not tasks:
        return await asyncio.sleep(3600)
    await dice.choice([by_future, by_future, by_wait, by_completed, by_completed_async])(tasks)


async def group(number, tasks):
    await started.wait()
    async with asyncio.TaskGroup() as members:
        for place, task in enumerate(tasks):
            everything.append(
                members.create_task(member(number, [task]), name=f"m-{number}-{place}"))
        if dice.random() < .5:
            await asyncio.sleep(3600)


everything = []  # the tasks


def current_task(loop=None):
    """The task of either make."""
    return asyncio.tasks._py_current_task(loop) or asyncio.tasks._c_current_task(loop)


if hasattr(asyncio.tasks, "_py_current_task"):  # before 3.12 both makes have one
    asyncio.tasks.current_task = current_task


async def main():
    global started
    started = asyncio.Event()
    loop = asyncio.get_running_loop()
    kind = {"c": [asyncio.Task], "py": [asyncio.tasks._PyTask],
            "both": [asyncio.Task, asyncio.tasks._PyTask]}[KIND]
    tasks, lots, expected = [], [], {}
    for number in range(COUNT):
        lot = []
        lots.append(lot)
        grouped = dice.random() < .2
        made = dice.choice(kind)((group if grouped else waits)(number, lot),
                                 loop=loop, name=f"t-{number}")
        tasks.append(made)
        everything.append(made)
        chosen = sorted({dice.randrange(COUNT)
                         for _ in range(dice.choice([0, 1, 1, 1, 2, 3, 8]))} - {number})
        names = [f"t-{other}" for other in chosen]
        expected[f"t-{number}"] = names
        if grouped:
            expected[f"t-{number}"] = [f"m-{number}-{place}" for place in range(len(chosen))]
            for place, name in enumerate(names):
                expected[f"m-{number}-{place}"] = [name]
        lot.append(chosen)
    for lot in lots:
        lot[:] = [tasks[other] for other in lot.pop()]
    await asyncio.sleep(0.01)
    started.set()
    for _ in range(500):  # turns of the loop: all that can end has ended then
        await asyncio.sleep(0)
    ended = {task.get_name() for task in everything if task.done()}
    left = {name: sorted(set(names) - ended) for name, names in expected.items()
            if name not in ended}
    loop.call_later(0.05, lambda: truth.ready(expected=left))
    await asyncio.sleep(3600)


asyncio.run(main())
