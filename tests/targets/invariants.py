"""Three loops that make and end thousands of tasks a second, and what holds of
them at any instant.

Each worker says in its name in which generation it is: it takes that name when
all tasks of the one before are done, and makes new ones after.  Where it rests,
the line says which of its tasks there are.  A task a loop says in its name how
many leaves there are: it is right but for the one that is made or ends just now.

Meanwhile garbage is collected, children are forked, threads with loops end.

With the argument "steady" those names stay: who reads a target that runs on
takes a task that changes its name for another one in its place.

Asked, it says how often it has done each of these things.
"""
import asyncio
import faulthandler
import gc
import itertools
import json
import os
import sys
import threading
import time

from forks import fork_forever

LOOPS = 3
CHILDREN = 12
JOBS = 3
steady = sys.argv[1:] == ["steady"]
done = dict.fromkeys(["tasks 0", "tasks 1", "tasks 2", "collections", "forks", "threads"], 0)


def say(task, name):
    if not steady:
        task.set_name(name)


class Leaves:
    """How many leaves a loop has, said by the name of a task."""

    def __init__(self, loop):
        self.loop, self.count = loop, 0
        self.task = asyncio.create_task(rest(), name=f"count-{loop}")

    def add(self, change):
        self.count += change
        say(self.task, f"count-{self.loop}-{self.count}")

    def create(self, group, coroutine, name):
        self.add(1)
        done[f"tasks {self.loop}"] += 1
        group.create_task(coroutine, name=name)


async def rest():
    await asyncio.sleep(3600)


# ---------------------------------------------------------------- task groups

async def leaf(leaves, gate):
    await gate.wait()
    leaves.add(-1)


async def grouping(leaves, who):
    task = asyncio.current_task()
    for generation in itertools.count():
        say(task, f"group-{who}-{generation}")
        await asyncio.sleep(0)  # line: group has none
        gate = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number in range(CHILDREN):
                leaves.create(group, leaf(leaves, gate), f"leaf-{who}-{generation}-{number}")
            await asyncio.sleep(0)  # line: group has all
            await asyncio.sleep(0)  # line: group has all at rest
            gate.set()


# ---------------------------------------------------------------- to_thread

async def job(leaves, gate):
    await asyncio.to_thread(gate.wait)
    leaves.add(-1)


async def threading_jobs(leaves, who):
    task = asyncio.current_task()
    for generation in itertools.count():
        say(task, f"threads-{who}-{generation}")
        await asyncio.sleep(0)  # line: threads have none
        gate = threading.Event()
        async with asyncio.TaskGroup() as group:
            for number in range(JOBS):
                leaves.create(group, job(leaves, gate), f"job-{who}-{generation}-{number}")
            await asyncio.sleep(0)  # line: threads have all
            await asyncio.sleep(0)  # line: threads have all at rest
            gate.set()


# ---------------------------------------------------------------- async generators

async def numbers(task, who, generation):
    for number in range(5):
        say(task, f"items-{who}-{generation}-{number}")
        await asyncio.sleep(0)  # line: item
        yield number


async def iterating(leaves, who):
    del leaves
    task = asyncio.current_task()
    for generation in itertools.count():
        async for number in numbers(task, who, generation):
            await middle(number)


async def middle(number):
    if number == 2:
        await asyncio.sleep(0)


# ---------------------------------------------------------------- what goes on besides

def collect():
    while True:
        gc.collect()
        done["collections"] += 1
        time.sleep(0.01)


async def short_life(number):
    asyncio.current_task().set_name(f"short-{number}")
    await asyncio.sleep(0.001)


def end_threads():
    for number in itertools.count():
        thread = threading.Thread(target=asyncio.run, args=(short_life(number),))
        thread.start()
        thread.join()
        done["threads"] += 1
        time.sleep(0.005)


WORKERS = (("group", grouping), ("group", grouping), ("threads", threading_jobs),
           ("items", iterating))


async def main(loop):
    leaves = Leaves(loop)
    kept = [leaves.task]
    for number, (kind, worker) in enumerate(WORKERS):
        who = f"{loop}.{number}"
        kept.append(asyncio.create_task(worker(leaves, who), name=f"{kind}-{who}"))
    asyncio.current_task().set_name(f"main-{loop}")
    await asyncio.gather(*kept)


def serve():
    """Answers once all loops run: what is promised begins with that."""
    faulthandler.dump_traceback_later(60)
    while not all(done[f"tasks {loop}"] for loop in range(LOOPS)):
        time.sleep(0.01)
    faulthandler.cancel_dump_traceback_later()
    time.sleep(0.3)
    print(json.dumps({"ready": True, "pid": os.getpid(), "extra": {}}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(done), flush=True)


for function in collect, end_threads, serve:
    threading.Thread(target=function, daemon=True).start()
threading.Thread(target=fork_forever, args=(done, 0.02), daemon=True).start()
for started in range(1, LOOPS):
    threading.Thread(target=asyncio.run, args=(main(started),), daemon=True).start()
asyncio.run(main(0))
