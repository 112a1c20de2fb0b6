"""The situations of CPython's own tests of its external inspection."""
import asyncio
import asyncio.staggered
import contextlib
import sys
import time

import truth


def hold():
    truth.ready()
    time.sleep(3600)  # line: hold


async def sleeps():
    await asyncio.sleep(3600)


def named(name, coroutine):
    return asyncio.get_running_loop().create_task(coroutine, name=name)


# ---- a task group whose tasks wait for one that runs

async def c4():
    await asyncio.sleep(0)
    hold()


async def c3():
    await c4()


async def c2():
    await c3()


async def c1(task):
    await task


async def in_group():
    async with asyncio.TaskGroup() as group:
        task = group.create_task(c2(), name="c2_root")
        group.create_task(c1(task), name="sub_main_1")
        group.create_task(c1(task), name="sub_main_2")


# ---- an async generator that runs, in the task itself or as the task

async def nested_call():
    hold()


async def generator():
    for number in range(2):
        yield number
        if number == 1:
            await nested_call()


async def in_async_generator():
    async for _ in generator():
        pass


async def holds_at_first():
    yield hold()


async def as_anext():
    return await named("anext", anext(holds_at_first()))


# ---- gather and the staggered race, one of whose tasks runs

async def deep():
    await asyncio.sleep(0)
    hold()


async def one():
    await asyncio.sleep(0)
    await deep()


async def passes():
    await asyncio.sleep(0)


async def in_gather():
    await asyncio.gather(one(), passes())


async def in_race():
    await asyncio.staggered.staggered_race([one, sleeps], delay=None)


# ---- suspended async generators; a class named as one of their wrappers

async def slow_items():
    await sleeps()
    yield


async def slow_items_of(inner):
    async for item in inner:
        yield item


async def with_cleanup():
    try:
        yield
    finally:
        await sleeps()


async def consumes(items):
    async for _ in items:
        pass


async def awaits(thing):
    await thing


async def yields_after(task):
    await task
    yield


class async_generator_asend:
    __slots__ = ("generator",)

    def __init__(self, generator):
        self.generator = generator

    def __await__(self):
        return self

    def __next__(self):
        return None


async def suspended_generators():
    cleanup = with_cleanup()
    await anext(cleanup)
    with contextlib.closing(sleeps()) as never_started:
        kept = [named("async for", consumes(slow_items())),
                named("nested async for", consumes(slow_items_of(slow_items()))),
                named("anext", anext(slow_items())),
                named("asend", slow_items().asend(None)),
                named("aclose", cleanup.aclose()),
                named("waits for main", anext(yields_after(asyncio.current_task()))),
                named("x" * 300, sleeps())]
        await asyncio.sleep(0.01)
        kept.append(named("decoy", awaits(async_generator_asend(never_started))))
        await asyncio.sleep(0)
        hold()
    return kept


# ---- who awaits: a set with marks of what was removed

class RemovedTask(asyncio.Task):
    def __hash__(self):
        return 0


class RemainingTask(asyncio.Task):
    def __hash__(self):
        return 1


async def tombstones():
    victim = asyncio.current_task()
    victim.set_name("victim")
    removed = RemovedTask(sleeps(), name="removed")
    remaining = RemainingTask(sleeps(), name="remaining")
    asyncio.future_add_to_awaited_by(victim, removed)
    asyncio.future_add_to_awaited_by(victim, remaining)
    asyncio.future_discard_from_awaited_by(victim, removed)
    hold()


# ---- code that is long in every respect

def made(name, source, file):
    names = {}
    exec(compile(source, file, "exec"), names)
    return names[name]


async def long_code():
    name = "f" * 1100
    call = made(name, f"def {name}(then):\n    return then()\n", "x" * 1500 + ".py")
    big = made("big", "def big(then):\n" + "    x = 1\n" * 1200 + "    return then()\n",
               "big_linetable.py")
    big(lambda: call(hold))


# ---- depth

async def down(depth):
    if not depth:
        await asyncio.sleep(3600)
        return
    await down(depth - 1)


async def deep_coroutines():
    sys.setrecursionlimit(20_000)
    task = named("deep", down(5000))
    await asyncio.sleep(0.1)
    hold()
    return task


def recurse(depth):
    return recurse(depth - 1) if depth else hold()


async def deep_calls():
    sys.setrecursionlimit(100_000)
    recurse(10_000)


def loop_of_eager_tasks():
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.create_eager_task_factory(asyncio.Task))
    return loop


with asyncio.Runner(loop_factory=loop_of_eager_tasks if "eager" in sys.argv else None) as runner:
    runner.run(globals()[sys.argv[1]]())
