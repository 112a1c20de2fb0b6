"""Situations in which a task waits, each in several guises, and what is true of each.

A target registers its situations and calls main():

    @situation
    async def lock(scene):
        lock = scene.make(asyncio.Lock)
        holder = scene.start(hold(lock))

        async def wait():
            async with lock:
                pass

        return wait, lambda: {"kind": "lock", "object": lock, "holders": [holder],
                              "waiters": len(lock._waiters)}

For each variant a task of the name SITUATION/VARIANT runs `wait`.  What it then
waits for is told on request ("situations"), computed from the live objects: the
keys of `waiting_on`, where objects and tasks stand for themselves and Due(time)
for the seconds until then.  Keys that are left out are what DEFAULTS says.
tests/e2e/situations.py compares.
"""

import asyncio
import gc
import inspect
import os
import sys
import traceback

import truth

# plain: as it is.  renamed: the function is called like one of asyncio's own.
# subclassed: of objects and tasks of classes made from asyncio's.  wrapped: the
# user's own coroutines, generator and awaitable are around it.  group: the task
# is a member of a task group.
VARIANTS = "plain", "renamed", "subclassed", "wrapped", "group"

DEFAULTS = {"object": None, "tasks": [], "timeout_remaining_s": None}
LOCK_DEFAULTS = {"waiters": None, "holders": [], "value": None, "bound": None}
KIND_DEFAULTS = {"lock": LOCK_DEFAULTS, "semaphore": LOCK_DEFAULTS, "condition": LOCK_DEFAULTS}

UVLOOP = "--uvloop" in sys.argv

_situations = []  # (name, variants, function)
_kept = []  # tasks that nobody else may keep, so that no collection ends them
_expectations = []  # (task, what tells)


class Due:
    """A moment by the loop's clock: told as such, compared as the seconds until then."""

    def __init__(self, when):
        self.when = when


def first_timeout(task):
    """When the first of the timeouts is due that the task has entered."""
    dues = [thing.when() for thing in gc.get_objects()
            if isinstance(thing, asyncio.Timeout) and thing._task is task
            and thing._timeout_handler and thing.when() is not None]
    return Due(min(dues)) if dues else None


def timer_of(future):
    """When the timer is due that ends the wait for a future; uvloop's cannot be read."""
    for handle in () if UVLOOP else future.get_loop()._scheduled:
        if handle._args and handle._args[0] is future:
            return Due(handle.when())
    return None


class Timed:
    """A coroutine that wait_for() gets, and what is true of who waits for it there:
    `tell()` as it is, in time.  Before 3.12 a task of its own runs the coroutine."""

    def __init__(self, scene, coroutine, tell):
        self.scene, self.coroutine, self.tell_inner = scene, coroutine, tell
        if sys.version_info < (3, 12):
            scene.tell(self.inner, tell)

    def inner(self):
        return next(task for task in asyncio.all_tasks(self.scene.task.get_loop())
                    if task.get_coro() is self.coroutine)

    def tell(self, task):
        if sys.version_info >= (3, 12):
            return {**self.tell_inner(), "timeout_remaining_s": first_timeout(task)}
        return {"kind": "task", "object": self.inner(), "tasks": [self.inner()],
                "timeout_remaining_s": timer_of(task._fut_waiter)}


def situation(function=None, *, name=None, variants=VARIANTS, since=(3, 11)):
    """Registers a situation: `function(scene)`, async or not, gives `wait` and what tells.
    `since` is the first version of Python that has what it is made of.

    Its name is the function's, with a space for each underscore.  A decoy, which only
    looks like the situation, is a function of its own with variants=("decoy",).
    """
    if function is None:
        return lambda f: situation(f, name=name, variants=variants, since=since)
    if sys.version_info >= since:
        _situations.append((name or function.__name__.replace("_", " "), variants, function))
    return function


class Scene:
    """What a situation is built with."""

    def __init__(self, name, variant):
        self.name, self.variant = name, variant
        self.task = None  # the one that waits, once there is one
        self.started = []

    def make(self, kind, *args, **kwargs):
        """An object of the class `kind`, or of one made from it."""
        return self.type(kind)(*args, **kwargs)

    def type(self, kind):
        return type("Mine", (kind,), {}) if self.variant == "subclassed" else kind

    def start(self, coroutine, mark="helper", tell=None):
        """A task beside the one that waits; `tell`, if any, says what this one waits for."""
        task = create_task(coroutine, f"{self.name}/{self.variant} {mark}")
        self.started.append(task)
        _kept.append(task)
        if tell:
            self.tell(task, tell)
        return task

    def tell(self, task, tell):
        """`task` may be a function that gives it."""
        _expectations.append((task, tell))

    async def settle(self):
        await settle()

    async def _begin(self, wait):
        name = f"{self.name}/{self.variant}"
        if self.variant == "group":
            self.start(_in_group(self, wait, name), "group")
            await settle()
        else:
            kind = type("MyTask", (asyncio.Task,), {}) if self.variant == "subclassed" \
                else asyncio.Task
            coroutine = wrapper(wait) if self.variant == "wrapped" else wait()
            self.task = create_task(coroutine, name, kind)


def create_task(coroutine, name, kind=asyncio.Task):
    return kind(coroutine, loop=asyncio.get_running_loop(), name=name)


async def settle():
    """Until whatever can go on without time passing has gone on."""
    for _ in range(30):
        await asyncio.sleep(0)


async def _in_group(scene, wait, name):
    async with asyncio.TaskGroup() as group:
        scene.task = group.create_task(wait(), name=name)


class Awaitable:
    def __init__(self, coroutine):
        self.coroutine = coroutine

    def __await__(self):
        return (yield from self.coroutine.__await__())


async def _generator(wait):
    yield await Awaitable(wait())


async def wrapper(wait):
    async for _ in _generator(wait):
        pass


def rename(wait):
    """Calls a user's function what one of asyncio's own is called."""
    wait.__code__ = wait.__code__.replace(co_name="get", co_qualname="Queue.get")
    wait.__name__, wait.__qualname__ = "get", "Queue.get"
    return wait


def told(value):
    if isinstance(value, Due):
        return {"due": value.when}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [told(item) for item in value]
    if value is None or isinstance(value, (str, int, float, dict)):
        return value
    return truth.address(value)


def tell():
    entries = []
    for task, expectation in _expectations:
        keys = expectation()
        task = task() if callable(task) else task
        keys = {**DEFAULTS, **KIND_DEFAULTS.get(keys["kind"], {}), **keys}
        entries.append({"id": truth.address(task), "name": task.get_name(),
                        "waiting_on": {key: told(value) for key, value in keys.items()}})
    return entries


async def _build(name, variant, function):
    scene = Scene(name, variant)
    made = function(scene)
    wait, tell_of_it = await made if inspect.isawaitable(made) else made
    if variant == "renamed":
        wait = rename(wait)
    await scene._begin(wait)
    await settle()
    _expectations.append((scene.task, tell_of_it))
    return scene


async def _run(rest):
    try:
        await _build_all()
    except Exception:
        traceback.print_exc()
        os._exit(1)  # what was begun cannot be ended
    truth.answer("situations", tell)
    await rest()


async def _build_all():
    scenes = [await _build(name, variant, function)
              for name, variants, function in _situations for variant in variants]
    await asyncio.sleep(0.2)
    for scene in scenes:
        assert not scene.task.done(), f"{scene.name}/{scene.variant} does not wait: {scene.task}"


async def forever():
    await asyncio.get_running_loop().create_future()


async def rest_ready():
    truth.ready()
    await forever()


def main(rest=rest_ready):
    """Builds them all; then the main task runs `rest`, which says when it is ready."""
    if UVLOOP:
        import uvloop
        uvloop.run(_run(rest))
    else:
        asyncio.run(_run(rest))
