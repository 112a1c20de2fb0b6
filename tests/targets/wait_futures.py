"""Tasks that wait for tasks, for many at once, for bare futures and for executors."""
import asyncio
import asyncio.staggered
import concurrent.futures
import functools
import gc
import inspect
import multiprocessing
import socket
import sys
import threading
import time

import situations
from situations import Due, Timed, first_timeout, situation, timer_of

situations.KIND_DEFAULTS["executor"] = {
    "function": None, "state": None, "tid": None, "pool_size": None, "pool_queue": None}
for _kind in "gather", "wait", "as-completed", "taskgroup":
    situations.KIND_DEFAULTS[_kind] = {"pending": None, "total": None}

NATIVE = ("plain", "renamed", "wrapped", "group")


loop_of_target = None
default_executor = concurrent.futures.ThreadPoolExecutor(20)


@situation(name="main", variants=("plain",))
def _remember_loop(scene):
    global loop_of_target
    loop_of_target = loop()
    loop_of_target.set_default_executor(default_executor)

    async def wait():
        await forever()

    return wait, lambda: {"kind": "future", "object": waiter(scene)}


def loop():
    return asyncio.get_running_loop()


def waiter(scene):
    return scene.task._fut_waiter


async def forever():
    await loop().create_future()


async def at_once():
    pass


def members(scene, done=1, pending=2):
    """Some tasks, of which the first ones are done, and a future."""
    return [scene.start(at_once()) for _ in range(done)] + \
        [scene.start(forever()) for _ in range(pending)] + [loop().create_future()]


def undone(items):
    return [item for item in items if not item.done()]


def tasks_of(items):
    return [item for item in undone(items) if isinstance(item, asyncio.Task)]


def facts(kind, thing, items, total=None):
    return {"kind": kind, "object": thing, "tasks": tasks_of(items),
            "pending": len(undone(items)), "total": total}


# ---------------------------------------------------------------- tasks and futures

@situation
def task(scene):
    inner = scene.start(forever())

    async def wait():
        await inner

    return wait, lambda: {"kind": "task", "object": inner, "tasks": [inner]}


@situation
def future(scene):
    async def wait():
        await scene.make(asyncio.Future)

    return wait, lambda: {"kind": "future", "object": waiter(scene)}


@situation
def shield(scene):
    inner = scene.start(forever())

    async def wait():
        await asyncio.shield(inner)

    return wait, lambda: {"kind": "shield", "object": waiter(scene), "tasks": [inner]}


@situation
def shielded_future(scene):
    inner = scene.make(asyncio.Future)

    async def wait():
        await asyncio.shield(inner)

    return wait, lambda: {"kind": "shield", "object": waiter(scene)}


@situation(name="shield", variants=("decoy",))
def shield_decoy(scene):
    """A user's shield() with callbacks and variables that are called like asyncio's."""
    def shield(inner):
        def _outer_done_callback(outer):
            inner.done()

        _outer_done_callback.__code__ = _outer_done_callback.__code__.replace(
            co_qualname="shield.<locals>._outer_done_callback")
        outer = loop().create_future()
        outer.add_done_callback(_outer_done_callback)
        return outer

    async def wait():
        await shield(scene.start(forever()))

    return wait, lambda: {"kind": "future", "object": waiter(scene)}


@situation
def cancel_and_wait(scene):
    async def stubborn():
        while True:
            try:
                await forever()
            except asyncio.CancelledError:
                pass

    inner = scene.start(stubborn())

    async def wait():
        await asyncio.sleep(0)
        await asyncio.wait_for(inner, 0)

    return wait, lambda: {"kind": "task", "object": inner, "tasks": [inner]}


# ---------------------------------------------------------------- many at once

@situation
def gather(scene):
    items = members(scene)

    async def wait():
        await asyncio.gather(*items, items[1])

    return wait, lambda: facts("gather", waiter(scene), items, 4)


@situation
def gather_in_shield(scene):
    items = members(scene)

    async def wait():
        await asyncio.shield(asyncio.gather(*items))

    return wait, lambda: {"kind": "shield", "object": waiter(scene)}


@situation(name="gather", variants=("decoy",))
def gather_decoy(scene):
    """A user's future with children."""
    class _GatheringFuture(asyncio.Future):
        pass

    async def wait():
        outer = _GatheringFuture()
        outer._children = members(scene)
        await outer

    return wait, lambda: {"kind": "future", "object": waiter(scene)}


@situation
def wait_for_all(scene):
    items = members(scene, done=3, pending=4)

    async def wait():
        await asyncio.wait(items)

    return wait, lambda: facts("wait", waiter(scene), items, 8)


@situation
def wait_for_first(scene):
    items = members(scene, done=0)

    async def wait():
        await asyncio.wait(items, timeout=3000, return_when=asyncio.FIRST_COMPLETED)

    return wait, lambda: {**facts("wait", waiter(scene), items, 3),
                          "timeout_remaining_s": timer_of(waiter(scene))}


@situation(name="wait", variants=("decoy",))
def wait_decoy(scene):
    async def _wait(fs, timeout, return_when, loop):
        await loop.create_future()

    _wait.__code__ = _wait.__code__.replace(co_qualname="_wait")
    return lambda: _wait(set(members(scene)), None, None, loop()), \
        lambda: {"kind": "future", "object": waiter(scene)}


@situation(since=(3, 13))
def as_completed(scene):
    items = members(scene, done=2)
    made = []

    async def wait():
        made.append(asyncio.as_completed(items))
        async for _ in made[0]:
            pass

    return wait, lambda: facts("as-completed", made[0], items)


@situation
def as_completed_plain(scene):
    items = members(scene)
    made = []

    async def wait():
        made.append(asyncio.as_completed(items))
        for each in made[0]:
            await each

    return wait, lambda: facts("as-completed", identity(made[0]), items)


def identity(iterator):
    """Before 3.13 it is a generator, of which its coroutines have a queue."""
    return iterator.gi_frame.f_locals["done"] if inspect.isgenerator(iterator) else iterator


@situation(variants=("plain",))
def as_completed_in_time(scene):
    items, made = members(scene), []

    async def wait():
        made.append(asyncio.as_completed(items, timeout=3000))
        for each in made[0]:
            await each

    return wait, lambda: {**facts("as-completed", identity(made[0]), items),
                          "timeout_remaining_s": completion_timer(made[0])}


def completion_timer(iterator):
    if situations.UVLOOP:
        return None
    handle = iterator.gi_frame.f_locals["timeout_handle"] if inspect.isgenerator(iterator) \
        else iterator._timeout_handle
    return Due(handle.when())


@situation(variants=("plain",))
def as_completed_by_hand(scene):
    """Nobody but the queue stands between: before 3.13 the generator is not at hand."""
    items, made = members(scene), []

    async def wait():
        made.append(asyncio.as_completed(items))
        await next(made[0])
        await next(made[0])

    known = {} if sys.version_info >= (3, 13) else {"pending": None, "tasks": []}
    return wait, lambda: {**facts("as-completed", identity(made[0]), items), **known}


# ---------------------------------------------------------------- in time

@situation
def gather_in_time(scene):
    items = members(scene)

    async def wait():
        await asyncio.wait_for(asyncio.gather(*items), 3000)

    return wait, lambda: {**facts("gather", gathering(items), items, 4), "timeout_remaining_s":
                          timer_of(waiter(scene)) or first_timeout(scene.task)}


def gathering(items):
    return next(thing for thing in gc.get_objects()
                if type(thing) is asyncio.tasks._GatheringFuture and thing._children == items)


@situation
def future_in_time(scene):
    future = scene.make(asyncio.Future)

    async def wait():
        await asyncio.wait_for(future, 3000)

    return wait, lambda: {"kind": "future", "object": future, "timeout_remaining_s":
                          timer_of(waiter(scene)) or first_timeout(scene.task)}


@situation
def shield_in_time(scene):
    inner = scene.start(forever())
    shield = []

    async def wait():
        shield.append(asyncio.shield(inner))
        await asyncio.wait_for(shield[0], 3000)

    return wait, lambda: {"kind": "shield", "object": shield[0], "tasks": [inner],
                          "timeout_remaining_s":
                          timer_of(waiter(scene)) or first_timeout(scene.task)}


@situation
def coroutine_in_time(scene):
    async def inner():
        await asyncio.sleep(0)
        await asyncio.gather(*items)

    items = members(scene)
    timed = Timed(scene, inner(), lambda: facts("gather", gathering(items), items, 4))

    async def wait():
        await asyncio.wait_for(timed.coroutine, 3000)

    return wait, lambda: timed.tell(scene.task)


@situation(name="wait for", variants=("decoy",))
def wait_for_decoy(scene):
    async def wait_for(fut, timeout_handle):
        await loop().create_future()

    wait_for.__code__ = wait_for.__code__.replace(co_qualname="wait_for")
    return lambda: wait_for(scene.start(forever()), loop().call_later(3000, print)), \
        lambda: {"kind": "future", "object": waiter(scene)}


@situation
def taskgroup(scene):
    group = scene.make(asyncio.TaskGroup)
    started = []

    async def wait():
        async with group:
            started.extend(group.create_task(each(), name=f"{scene.name}/{scene.variant} member")
                           for each in (forever, at_once, forever))

    return wait, lambda: facts("taskgroup", group, started)


@situation(name="taskgroup", variants=("decoy",))
def taskgroup_decoy(scene):
    class TaskGroup:
        def __init__(self):
            self._tasks = set(members(scene))

        async def __aexit__(self, *_):
            await loop().create_future()

    TaskGroup.__aexit__.__code__ = TaskGroup.__aexit__.__code__.replace(
        co_qualname="TaskGroup.__aexit__")
    return lambda: TaskGroup().__aexit__(), lambda: {"kind": "future", "object": waiter(scene)}


@situation(variants=NATIVE)
def staggered_race(scene):
    tasks = []

    async def runner():
        tasks.append(asyncio.current_task())
        tasks[0].set_name(f"{scene.name}/{scene.variant} racer")
        await forever()

    async def wait():
        await asyncio.staggered.staggered_race([runner, runner], None)

    return wait, lambda: facts("wait", waiter(scene), members_of_race(tasks[0]))


def members_of_race(racer):
    """All that share a variable with one of them."""
    return [task for task in asyncio.all_tasks(loop_of_target)
            if getattr(task.get_coro(), "__qualname__", "").endswith("run_one_coro")
            and racer in task.get_coro().cr_frame.f_locals["running_tasks"]]


# ---------------------------------------------------------------- other threads and loops

def run_loop(started):
    async def run():
        started.set_result(asyncio.get_running_loop())
        await forever()

    asyncio.run(run())


other_loop = concurrent.futures.Future()
threading.Thread(target=run_loop, args=(other_loop,), daemon=True).start()


@situation
def task_of_another_loop(scene):
    async def wait():
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), other_loop.result()))

    async def there():
        scene.there = asyncio.current_task()
        scene.there.set_name(f"{scene.name}/{scene.variant} there")
        await forever()

    return wait, lambda: {"kind": "future", "object": waiter(scene), "tasks": [scene.there]}


@situation
def future_of_another_thread(scene):
    async def wait():
        await asyncio.wrap_future(scene.make(concurrent.futures.Future))

    return wait, lambda: {"kind": "future", "object": waiter(scene)}


# ---------------------------------------------------------------- executors

never = threading.Event()
tids = {}  # what a job was given → the thread that runs it


def job(key):
    tids[key] = threading.get_native_id()
    never.wait()


class Job:
    @classmethod
    def of_class(cls, key):
        job(key)

    def method(self, key):
        job(key)

    def __call__(self, key):
        job(key)


def executor_facts(scene, key, pool, function):
    """One that was shut down has a None in its queue, to wake a worker."""
    return {"kind": "executor", "object": waiter(scene), "function": function,
            "state": "running" if key in tids else "queued", "tid": tids.get(key),
            "pool_size": pool._max_workers, "pool_queue": pool._work_queue.qsize() - pool._shutdown}


def in_executor(scene, pool, function, name):
    key = scene.name, scene.variant

    async def wait():
        await loop().run_in_executor(pool, function, key)

    return wait, lambda: executor_facts(scene, key, pool, name)


@situation
def executor_running(scene):
    return in_executor(scene, scene.make(concurrent.futures.ThreadPoolExecutor, 3), job, "job")


busy = concurrent.futures.ThreadPoolExecutor(2)
for _ in range(2):
    busy.submit(never.wait)


@situation
def executor_queued(scene):
    return in_executor(scene, busy, Job().method, "Job.method")


@situation(variants=("plain",))
def executor_partial(scene):
    function = functools.partial(functools.partial(Job.of_class))
    return in_executor(scene, busy, function, "Job.of_class")


@situation(variants=("plain",))
def executor_callable(scene):
    return in_executor(scene, concurrent.futures.ThreadPoolExecutor(1), Job(), "Job")


@situation(variants=("plain",))
def executor_class(scene):
    return in_executor(scene, busy, Job, "Job")


@situation(variants=("plain",))
def executor_builtin(scene):
    key = scene.name, scene.variant

    async def wait():
        await loop().run_in_executor(busy, [].append, 1)

    return wait, lambda: executor_facts(scene, key, busy, "list.append")


@situation
def executor_forgotten(scene):
    """Shut down, and kept by its threads alone: what is left is worked off."""
    key = scene.name, scene.variant
    pool = concurrent.futures.ThreadPoolExecutor(1)

    async def wait():
        waiting = loop().run_in_executor(pool, job, key)
        pool.shutdown(wait=False)
        await waiting

    return wait, lambda: executor_facts(scene, key, pool, "job")


@situation
def to_thread(scene):
    key = scene.name, scene.variant

    async def wait():
        await asyncio.to_thread(job, key)

    return wait, lambda: executor_facts(scene, key, default_executor, "job")


@situation(name="to thread", variants=("decoy",))
def to_thread_decoy(scene):
    async def to_thread(func):
        await loop().create_future()

    to_thread.__code__ = to_thread.__code__.replace(co_qualname="to_thread")
    return lambda: to_thread(job), lambda: {"kind": "future", "object": waiter(scene)}


@situation(name="executor", variants=("decoy",))
def executor_decoy(scene):
    """A user's executor, which has what asyncio's has."""
    class _WorkItem:
        def __init__(self, future):
            self.future = future

        def run(self):
            never.wait()

    class ThreadPoolExecutor(concurrent.futures.Executor):
        def submit(self, function, /, *args):
            future = concurrent.futures.Future()
            threading.Thread(target=_WorkItem(future).run, daemon=True).start()
            return future

    async def wait():
        await loop().run_in_executor(ThreadPoolExecutor(), job, 1)

    return wait, lambda: {"kind": "future", "object": waiter(scene)}


def getaddrinfo(host, *args, **keywords):
    """A name server that does not answer."""
    job(host)


socket.getaddrinfo = getaddrinfo


def resolving():
    return "BaseEventLoop._getaddrinfo_debug" if loop_of_target.get_debug() else "getaddrinfo"


BY_PYTHON = () if situations.UVLOOP else ("plain",)  # uvloop resolves in threads of its own


@situation(variants=BY_PYTHON)
def resolver(scene):
    async def wait():
        await loop().getaddrinfo("a.invalid", 80)

    return wait, lambda: executor_facts(scene, "a.invalid", default_executor,
                                        resolving())


@situation(variants=BY_PYTHON)
def connection_resolving(scene):
    async def wait():
        await asyncio.open_connection("b.invalid", 80)

    return wait, lambda: executor_facts(scene, "b.invalid", default_executor,
                                        resolving())


# ---------------------------------------------------------------- processes

def in_process():
    time.sleep(3600)


processes = concurrent.futures.ProcessPoolExecutor(
    1, mp_context=multiprocessing.get_context("fork"))


def process_facts(scene, state):
    return {"kind": "executor", "object": waiter(scene), "function": "in_process",
            "state": state, "pool_size": 1,
            "pool_queue": len(processes._pending_work_items) - 1}


def in_processes(scene, state):
    async def wait():
        await loop().run_in_executor(processes, in_process)

    return wait, lambda: process_facts(scene, state)


@situation(variants=("plain",))
def process_running(scene):
    return in_processes(scene, "running")


@situation(variants=("plain",))
def process_queued(scene):
    """Its future says that it runs: it is in the queue that the process reads from."""
    return in_processes(scene, "queued")


@situation(name="process queued", variants=("wrapped", "group"))
def process_queued_too(scene):
    return in_processes(scene, "queued")


# ---------------------------------------------------------------- interpreters

if sys.version_info >= (3, 14):
    interpreters = concurrent.futures.InterpreterPoolExecutor(1)


def in_interpreters(scene, state):
    async def wait():
        await loop().run_in_executor(interpreters, time.sleep, 3600)

    def tell():
        thread, = interpreters._threads
        return {"kind": "executor", "object": waiter(scene), "function": "sleep", "state": state,
                "tid": thread.native_id if state == "running" else None, "pool_size": 1,
                "pool_queue": interpreters._work_queue.qsize()}

    return wait, tell


@situation(variants=("plain",), since=(3, 14))
def interpreter_running(scene):
    return in_interpreters(scene, "running")


@situation(variants=("plain", "subclassed", "wrapped", "group"), since=(3, 14))
def interpreter_queued(scene):
    return in_interpreters(scene, "queued")


situations.main()
