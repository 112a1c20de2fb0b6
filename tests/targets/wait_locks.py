"""Events, barriers, locks, semaphores, conditions and queues, and who holds them."""
import asyncio
import asyncio.locks as renamed_module
import asyncio.queues
import contextlib
import functools

import situations
from situations import Timed, forever, situation

SubLock = renamed_module.Lock  # by another name


async def hold(manager):
    async with manager:
        await forever()


def lock_truth(lock, *holders, kind="lock", **facts):
    return {"kind": kind, "object": lock, "waiters": len(lock._waiters), "holders": holders,
            **facts}


def semaphore_truth(semaphore, *holders):
    return lock_truth(semaphore, *holders, kind="semaphore", value=semaphore._value,
                      bound=getattr(semaphore, "_bound_value", None))


def queue_truth(queue, kind):
    return {"kind": kind, "object": queue, "size": queue.qsize(), "maxsize": max(0, queue.maxsize),
            "getters": len(queue._getters), "putters": len(queue._putters)}


def future_truth(scene):
    return {"kind": "future", "object": scene.task._fut_waiter}


# ---------------------------------------------------------------- what is waited for

@situation
def event(scene):
    event = scene.make(asyncio.Event)
    for _ in range(3):
        scene.start(event.wait())

    async def wait():
        await event.wait()

    return wait, lambda: {"kind": "event", "object": event, "waiters": len(event._waiters)}


@situation
async def barrier(scene):
    barrier = scene.make(asyncio.Barrier, 4)
    for _ in range(2):
        scene.start(barrier.wait())

    async def wait():
        await barrier.wait()

    return wait, lambda: {"kind": "barrier", "object": barrier, "waiters": barrier.n_waiting}


@situation
async def barrier_entered(scene):
    barrier = scene.make(asyncio.Barrier, 2)

    async def wait():
        async with barrier:
            pass

    return wait, lambda: {"kind": "barrier", "object": barrier, "waiters": 1}


@situation
async def lock(scene):
    lock = scene.make(SubLock)
    holder = scene.start(hold(lock))
    await scene.settle()
    scene.start(hold(lock), "other", lambda: lock_truth(lock, holder))

    async def wait():
        async with lock:
            pass

    return wait, lambda: lock_truth(lock, holder)


@situation
async def lock_acquire(scene):
    lock = scene.make(asyncio.Lock)
    await lock.acquire()  # by nobody who can be found

    async def wait():
        await lock.acquire()

    return wait, lambda: lock_truth(lock)


@situation
async def semaphore(scene):
    semaphore = scene.make(asyncio.Semaphore, 3)
    holders = [scene.start(hold(semaphore)) for _ in range(3)]
    await scene.settle()
    scene.start(hold(semaphore))

    async def wait():
        async with semaphore:
            pass

    return wait, lambda: semaphore_truth(semaphore, *holders)


@situation
async def bounded_semaphore(scene):
    semaphore = scene.make(asyncio.BoundedSemaphore, 2)
    holder = scene.start(hold(semaphore))
    await semaphore.acquire()

    async def wait():
        await semaphore.acquire()

    return wait, lambda: semaphore_truth(semaphore, holder)


@situation
async def condition(scene):
    condition = scene.make(asyncio.Condition)

    async def wait():
        async with condition:
            await condition.wait()

    async def other():
        async with condition:
            await condition.wait_for(lambda: False)

    scene.start(other(), "other", lambda: lock_truth(condition, kind="condition"))
    return wait, lambda: lock_truth(condition, kind="condition")


@situation
async def condition_held(scene):
    """Somebody holds it while others wait to be notified, and others for its lock."""
    lock = scene.make(asyncio.Lock)
    condition = scene.make(asyncio.Condition, lock)

    async def helper():
        await condition.wait_for(lambda: False)

    async def wait():
        async with lock:
            await helper()

    async def hold_it():
        await scene.settle()
        async with condition:
            await forever()

    holder = scene.start(hold_it())

    async def enter():
        await scene.settle()
        await scene.settle()
        async with condition:
            pass

    scene.start(enter(), "entering", lambda: lock_truth(lock, holder))
    return wait, lambda: lock_truth(condition, holder, kind="condition")


@situation
async def condition_again(scene):
    """Notified, it waits for the lock that who notified it still holds."""
    condition = scene.make(asyncio.Condition)

    async def wait():
        async with condition:
            await condition.wait()

    async def notify():
        await scene.settle()
        async with condition:
            condition.notify_all()
            await forever()

    holder = scene.start(notify())
    return wait, lambda: lock_truth(condition._lock, holder)


def queue_situation(name, kind, put):
    @situation(name=f"{name} {'put' if put else 'get'}")
    async def queue(scene):
        queue = scene.make(kind, 2 if put else -1)
        for item in range(2 if put else 0):
            await queue.put(item)
        scene.start(queue.put(3) if put else queue.get())

        async def wait():
            await (queue.put(4) if put else queue.get())

        return wait, lambda: queue_truth(queue, "queue-put" if put else "queue-get")


for kind in "Queue", "PriorityQueue", "LifoQueue":
    queue_situation(kind, getattr(asyncio, kind), False)
    queue_situation(kind, getattr(asyncio.queues, kind), True)


@situation
async def queue_join(scene):
    queue = scene.make(asyncio.Queue)
    for item in range(70):  # more than a block of a deque
        await queue.put(item)

    async def wait():
        await queue.join()

    return wait, lambda: queue_truth(queue, "queue-join")


@situation(variants=("plain", "wrapped", "group"))
async def lock_in_time(scene):
    """Each of those who wait for it has a time of its own."""
    lock = asyncio.Lock()
    await lock.acquire()
    scene.start(asyncio.wait_for(lock.acquire(), None), None, lambda: lock_truth(lock))
    for seconds in 3000, 2000:
        timed = Timed(scene, lock.acquire(), lambda: lock_truth(lock))
        task = scene.start(asyncio.wait_for(timed.coroutine, seconds), seconds)
        scene.tell(task, functools.partial(timed.tell, task))
    await scene.settle()
    return lock.acquire, lambda: lock_truth(lock)


# ---------------------------------------------------------------- decoys

class Lock:
    """A user's own, with the names of asyncio's."""

    def __init__(self):
        self._waiters, self._locked = [], True

    async def acquire(self):
        fut = asyncio.get_running_loop().create_future()
        self._waiters.append(fut)
        await fut

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *_):
        pass


@situation(name="lock", variants=("decoy",))
def lock_decoy(scene):
    lock = Lock()

    async def wait():
        async with lock:
            pass

    return wait, lambda: future_truth(scene)


class Grafted:
    """Not asyncio's, though the code that runs is."""

    _locked, _waiters, _value = True, None, 0
    acquire = asyncio.Lock.acquire
    get = asyncio.Queue.get

    def _get_loop(self):
        return asyncio.get_running_loop()

    def empty(self):
        return True

    _is_shutdown = False

    def __init__(self):
        self._getters = []


@situation(name="lock", variants=("grafted",))
def lock_grafted(scene):
    return lambda: Grafted().acquire(), lambda: future_truth(scene)


@situation(name="queue", variants=("grafted",))
def queue_grafted(scene):
    return lambda: Grafted().get(), lambda: future_truth(scene)


class Queue:
    async def get(self):
        await forever()


@situation(name="queue", variants=("decoy",))
def queue_decoy(scene):
    return lambda: Queue().get(), lambda: future_truth(scene)


class Semaphore:
    """Not one of asyncio's, but it has one: what is waited for is that."""

    def __init__(self, inner):
        self.inner = inner

    async def acquire(self):
        await self.inner.acquire()


@situation(name="semaphore", variants=("around",))
def semaphore_around(scene):
    inner = asyncio.Semaphore(0)
    return lambda: Semaphore(inner).acquire(), lambda: semaphore_truth(inner)


# ---------------------------------------------------------------- who holds it

def held(function):
    """The situation of one who waits for a lock; `function(lock)`, a coroutine, holds it."""
    @situation(name=f"held {function.__name__.replace('_', ' ')}")
    async def of(scene):
        lock = scene.make(asyncio.Lock)
        holder = scene.start(function(lock))
        await scene.settle()

        async def wait():
            async with lock:
                pass

        assert lock.locked(), function
        return wait, lambda: lock_truth(lock, holder)


def not_found(function):
    """The same, where nothing tells who holds it, or it is not that task."""
    @situation(name=f"not found {function.__name__.replace('_', ' ')}")
    async def of(scene):
        lock = scene.make(asyncio.Lock)
        scene.start(function(lock))
        await scene.settle()
        if not lock.locked():
            await lock.acquire()

        async def wait():
            async with lock:
                pass

        return wait, lambda: lock_truth(lock)


@contextlib.asynccontextmanager
async def managed(lock):
    async with lock:
        yield


@contextlib.asynccontextmanager
async def managed_twice(lock):
    before = asyncio.Event()
    async with asyncio.timeout(None), managed(lock), managed(asyncio.Lock()):
        yield before


async def generated(lock):
    async with lock:
        yield 1
        yield 2


@held
async def deep_below(lock):
    async def inner(n):
        await (inner(n - 1) if n else forever())

    async with lock:
        await inner(20)


@held
async def with_others(lock):
    async with asyncio.Lock(), lock, asyncio.Semaphore(), asyncio.Condition():
        async with asyncio.timeout(None):
            await forever()


@held
async def by_function(lock):
    async with managed(lock):
        await forever()


@held
async def by_nested_functions(lock):
    async with managed_twice(lock) as before:
        assert before
        await forever()


@held
async def by_exit_stack(lock):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(None))
        await stack.enter_async_context(lock)
        stack.callback(print)
        await forever()


@held
async def by_exit_stack_of_function(lock):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(managed_twice(lock))
        await forever()


@held
async def by_exit_stack_in_function(lock):
    @contextlib.asynccontextmanager
    async def all_of_them():
        async with contextlib.AsyncExitStack() as stack:
            for one in asyncio.Lock(), managed(lock), asyncio.Lock():
                await stack.enter_async_context(one)
            yield stack

    async with all_of_them():
        await forever()


@held
async def by_pushed_exit(lock):
    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(lock)
        await forever()


@held
async def by_pushed_method(lock):
    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(lock.__aexit__)
        await forever()


@held
async def by_callback(lock):
    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(print)
        stack.callback(lock.release)
        stack.callback(asyncio.Lock().locked)
        await forever()


@held
async def by_async_callback(lock):
    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(lock.__aexit__, None, None, None)
        await forever()


@held
async def by_callback_of_condition(lock):
    condition = asyncio.Condition(lock)
    await condition.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(condition.release)
        await forever()


@held
async def while_exit_stack_unwinds(lock):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(lock)
        stack.push_async_callback(forever)


@held
async def while_exit_stack_unwinds_an_exception(lock):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(lock)
        stack.push_async_callback(forever)
        raise ValueError


@held
async def by_closing(lock):
    generator = generated(lock)
    async with contextlib.aclosing(generator):
        await anext(generator)
        await forever()


@held
async def by_iteration(lock):
    async for _ in generated(lock):
        await forever()


@held
async def by_own_stack(lock):
    class Stack(contextlib.AsyncExitStack):
        pass

    async with Stack() as stack:
        await stack.enter_async_context(lock)
        await forever()


@held
async def in_cleanup_of_function(lock):
    @contextlib.asynccontextmanager
    async def cleaning():
        async with lock:
            try:
                yield
            finally:
                await forever()

    async with cleaning():
        pass


@held
async def in_cleanup_after_exception(lock):
    async with lock:
        try:
            raise ValueError
        finally:
            await forever()


@held
async def in_handler(lock):
    async with lock:
        try:
            async with asyncio.Lock():
                raise ValueError
        except ValueError:
            await forever()


@held
async def entering_the_next(lock):
    other = asyncio.Lock()
    await other.acquire()
    async with lock, other:
        pass


@held
async def waiting_for_itself(lock):
    async with lock:
        async with lock:
            pass


@held
async def acquiring_it_again(lock):
    async with lock:
        await lock.acquire()


@held
async def by_condition(lock):
    async with asyncio.Condition(lock):
        await forever()


@held
async def while_another_condition_waits(lock):
    other = asyncio.Condition()
    async with lock, other:
        await other.wait()


@held
async def by_wait_for(lock):
    await asyncio.wait_for(hold(lock), None)


@held
async def for_long(lock):
    """Further than one block of callbacks."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(100):
            await stack.enter_async_context(asyncio.Lock())
        await stack.enter_async_context(lock)
        await forever()


@held
async def by_class_method(lock):
    class Service:
        async def serve(this):
            async with lock:
                await forever()

    await Service().serve()


@held
async def by_sync_and_async(lock):
    with contextlib.nullcontext(), contextlib.ExitStack():
        async with lock:
            for _ in range(3):
                await forever()


class Slow(asyncio.Lock):
    """Does something of its own on the way in."""

    async def __aenter__(self):
        self.event = asyncio.Event()
        await self.event.wait()
        await super().__aenter__()


class SlowOut(asyncio.Lock):
    async def __aexit__(self, *error):
        await super().__aexit__(*error)
        await forever()


class OwnEnter(asyncio.Lock):
    def __aenter__(self):
        return self.acquire()


class OwnCell(asyncio.Lock):
    async def __aenter__(self):
        await (lambda: self.acquire())()


@not_found
async def acquired(lock):
    await lock.acquire()
    await forever()


@not_found
async def callback_before_it_is_acquired(lock):
    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(lock.release)
        await lock.acquire()


@not_found
async def callback_of_another_name(lock):
    """A method of it, but not the one that lets go."""
    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(lock.locked)
        await forever()


@not_found
async def callback_of_its_own(lock):
    """A decoy: it only looks like what the exit stack makes."""
    def wrap(callback):
        def _exit_wrapper(*error):
            callback()

        _exit_wrapper.__code__ = _exit_wrapper.__code__.replace(
            co_qualname="_BaseExitStack._create_cb_wrapper.<locals>._exit_wrapper")
        return _exit_wrapper

    await lock.acquire()
    async with contextlib.AsyncExitStack() as stack:
        stack.push(wrap(lock.release))
        await forever()


@not_found
async def left_by_exception(lock):
    try:
        async with lock:
            raise ValueError
    except ValueError:
        await forever()


@not_found
async def left_within_outer(lock):
    async with asyncio.Lock():
        try:
            async with lock:
                raise ValueError
        except ValueError:
            await forever()


@not_found
async def left_by_suppressed_exception(lock):
    async with contextlib.AsyncExitStack() as stack:
        stack.push(lambda *_: True)
        await stack.enter_async_context(lock)
        raise ValueError
    await forever()


@not_found
async def in_own_class(lock):
    class Pool:
        async def __aenter__(self):
            await lock.acquire()

        async def __aexit__(self, *_):
            lock.release()

    async with Pool():
        await forever()


@not_found
async def released(lock):
    """What it does not have any more is somebody else's."""
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(lock)
        stack.pop_all()
        lock.release()
        await forever()


@not_found
async def let_go_to_wait(lock):
    condition = asyncio.Condition(lock)

    async def helper():
        await condition.wait()

    async with managed(lock):
        await helper()


@not_found
async def entering_what_is_like_it(lock):
    class _AsyncGeneratorContextManager:
        def __init__(self):
            self.gen = generated(lock)

        async def __aenter__(self):
            pass

        async def __aexit__(self, *_):
            pass

    async with _AsyncGeneratorContextManager():
        await forever()


def by_class(kind, finds_holder):
    """Tasks that enter, or leave, a lock of a class with its own way of doing so."""
    @situation(name=f"class {kind.__name__}", variants=("plain", "wrapped", "group"))
    async def of(scene):
        lock = kind()
        holders = []
        if finds_holder:
            holders = [scene.start(hold(lock))]
        else:
            scene.start(leave(lock))
            await scene.settle()
            await lock.acquire()
        await scene.settle()

        async def wait():
            async with lock:
                pass

        return wait, lambda: lock_truth(lock, *holders)


async def leave(lock):
    async with lock:
        raise ValueError


by_class(OwnEnter, True)
by_class(OwnCell, True)
by_class(SlowOut, False)


@situation(variants=("plain", "renamed", "wrapped", "group"))
async def slow_enter(scene):
    """One that has not come to the lock yet waits for what it does first."""
    lock = Slow()
    await lock.acquire()

    async def wait():
        async with lock:
            pass

    scene.start(lock.acquire(), "other", lambda: lock_truth(lock))
    return wait, lambda: {"kind": "event", "object": lock.event, "waiters": 1}


@situation
async def held_twice(scene):
    semaphore = scene.make(asyncio.Semaphore, 3)

    async def twice():
        async with semaphore, managed(semaphore):
            await forever()

    first = scene.start(twice())
    second = scene.start(hold(semaphore))
    await scene.settle()

    async def wait():
        async with semaphore:
            pass

    return wait, lambda: semaphore_truth(semaphore, first, second)


@situation
async def deadlock(scene):
    one, other = scene.make(asyncio.Lock), scene.make(asyncio.Lock)

    async def both(first, second):
        async with first:
            await scene.settle()
            async with second:
                pass

    rival = scene.start(both(other, one), "rival", lambda: lock_truth(one, scene.task))

    async def wait():
        await both(one, other)

    return wait, lambda: lock_truth(other, rival)


@situation
async def woken(scene):
    """The lock is free, and the first in line has not had its turn."""
    semaphore = scene.make(asyncio.Semaphore, 0)
    for _ in range(3):
        doomed = scene.start(semaphore.acquire())
    await scene.settle()
    doomed.cancel()

    async def wait():
        async with semaphore:
            pass

    return wait, lambda: semaphore_truth(semaphore)


situations.main()
