"""Awaits in mixtures: what one await is made of, in another."""
import asyncio
import asyncio.staggered
import collections.abc
import concurrent.futures
import contextlib
import functools
import inspect
import sys
import threading
import types

import truth


async def leaf():
    await asyncio.sleep(3600)


kept = []


def named(name, coroutine=None, **kwargs):
    task = asyncio.get_running_loop().create_task(coroutine or leaf(), name=name, **kwargs)
    kept.append(task)
    return task


async def awaits(thing):
    return await thing


# ---- generators that are coroutines, in each other

@types.coroutine
def old(thing):
    return (yield from thing)


@types.coroutine
def old_of_new(thing):
    yield from awaits(thing)


@types.coroutine
def with_list():
    yield from [None] * 3
    yield from leaf()


def plain_generator(thing):
    yield from thing.__await__()


class ByPlain:
    def __init__(self, thing):
        self.thing = thing

    def __await__(self):
        return plain_generator(self.thing)


class ByFutureIterator:
    def __init__(self, future):
        self.future = future

    def __await__(self):
        return iter(self.future)


class Delegates:
    """__await__ of something whose __await__ is of something."""
    def __init__(self, thing):
        self.thing = thing

    def __await__(self):
        return self.thing.__await__()


class OfMap:
    """A C iterator, which no one can look into."""
    def __init__(self, future):
        self.future = future

    def __await__(self):
        return map(lambda x: x, self.future.__await__())


# ---- async iteration

class Iterates:
    def __init__(self, make):
        self.make = make

    def __aiter__(self):
        return self

    def __anext__(self):
        return self.make()


async def items():
    await leaf()
    yield 1


async def items_of(other):
    async for item in other:
        yield item


async def async_for(over):
    async for _ in over:
        pass


async def catches():
    while True:
        try:
            yield 1
        except ValueError:
            await leaf()


async def in_cleanup(make):
    try:
        yield 1
    finally:
        await make()


async def after_first(agen, how):
    await agen.__anext__()
    await how(agen)


@contextlib.asynccontextmanager
async def manager(inner=None, at_exit=None):
    async with contextlib.AsyncExitStack() as stack:
        if inner:
            await stack.enter_async_context(inner)
        yield
        if at_exit:
            await at_exit()


async def in_manager(outer, body):
    async with outer:
        await body()


@manager()
async def in_decorator():
    await leaf()


async def noop():
    pass


async def exit_stack_of_callbacks():
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(manager(at_exit=leaf))
        stack.push_async_callback(leaf)


class WithReturnsAwaitable:
    def __aenter__(self):
        return ByPlain(leaf())

    def __aexit__(self, *exception):
        return ByPlain(leaf())


async def uses(thing):
    async with thing:
        pass


async def fails_in(thing):
    async with thing:
        raise ValueError


async def in_except():
    try:
        raise ValueError
    except ValueError:
        async with manager():
            try:
                await leaf()
            finally:
                pass


async def in_match(value):
    match value:
        case {"a": [first, *_]} if await awaits(leaf()):
            return first


async def in_fstring():
    return f"{1!r} {await leaf()} {2}"


async def in_walrus():
    while (value := await leaf()):
        return value


async def in_arguments():
    return print(1, *[2], await leaf(), **{"end": await leaf()})


async def in_comparison():
    return 1 < 2 < await leaf() < 3


async def in_default():
    async def inner(a=await leaf()):
        pass
    return inner


async def in_nested_comprehension():
    return {a: [b async for b in items()] for a in [1] if a}


async def in_lambda_comprehension():
    return [x for x in [await leaf() for _ in [1]]]


async def in_subscript(things):
    things[await leaf()] = await leaf()


async def in_with_items():
    with contextlib.nullcontext(await leaf()):
        pass


async def in_assert():
    assert await leaf(), await leaf()


async def in_decorated():
    @(await leaf())
    def function():
        pass


async def in_class():
    class Local(await leaf()):
        pass


async def in_star():
    a, *b = await leaf(), *[1, 2]


class Method:
    async def method(self):
        await leaf()

    __call__ = method

    @functools.cached_property
    def bound(self):
        return self.method

    @functools.partialmethod
    async def partial(self):
        await leaf()


def marks(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    if sys.version_info < (3, 12):
        return wrapper
    return inspect.markcoroutinefunction(wrapper)


@marks
async def marked():
    await leaf()


@functools.singledispatch
async def dispatched(value):
    await leaf()


async def recursive(depth):
    if depth:
        return await recursive(depth - 1)
    await leaf()


async def alternates(depth):
    """Coroutine, generator, __await__, async generator in turn."""
    if not depth:
        await leaf()
    elif depth % 4 == 3:
        await old(alternates(depth - 1))
    elif depth % 4 == 2:
        await ByPlain(alternates(depth - 1))
    elif depth % 4 == 1:
        async for _ in items_by(alternates(depth - 1)):
            pass
    else:
        async with manager(at_exit=lambda: alternates(depth - 1)):
            pass


async def items_by(thing):
    yield await thing


SITUATIONS = {
    "old on old": lambda: awaits(old(old(leaf()))),
    "old of new": lambda: awaits(old_of_new(leaf())),
    "old on with list": lambda: awaits(with_list()),
    "plain generator": lambda: awaits(ByPlain(leaf())),
    "plain of plain": lambda: awaits(ByPlain(ByPlain(leaf()))),
    "delegates": lambda: awaits(Delegates(Delegates(leaf()))),
    "delegates to plain": lambda: awaits(Delegates(ByPlain(leaf()))),
    "iterates plain": lambda: async_for(Iterates(lambda: ByPlain(leaf()))),
    "iterates old": lambda: async_for(Iterates(lambda: old(leaf()))),
    "iterates coroutine": lambda: async_for(Iterates(leaf)),
    "iterates asend": lambda: async_for(Iterates(lambda: items().__anext__())),
    "iterates asend of items": lambda: async_for(items_of(Iterates(lambda: items().asend(None)))),
    "anext iterates": lambda: awaits(anext(Iterates(leaf))),
    "anext default iterates": lambda: awaits(anext(Iterates(leaf), 1)),
    "anext default iterates plain": lambda: awaits(anext(Iterates(lambda: ByPlain(leaf())), 1)),
    "anext default iterates old": lambda: awaits(anext(Iterates(lambda: old(leaf())), 1)),
    "anext default asend": lambda: awaits(anext(Iterates(lambda: items().asend(None)), 1)),
    "anext default of anext default": lambda: awaits(
        anext(Iterates(lambda: anext(items(), 1)), 2)),
    "items of items": lambda: async_for(items_of(items_of(items()))),
    "athrow": lambda: after_first(catches(), lambda g: g.athrow(ValueError)),
    "athrow in old": lambda: after_first(catches(), lambda g: old(g.athrow(ValueError))),
    "aclose": lambda: after_first(in_cleanup(leaf), lambda g: g.aclose()),
    "aclose with asend": lambda: after_first(
        in_cleanup(lambda: items().asend(None)), lambda g: g.aclose()),
    "aclose with plain": lambda: after_first(
        in_cleanup(lambda: ByPlain(leaf())), lambda g: g.aclose()),
    "manager": lambda: in_manager(manager(), leaf),
    "manager in manager": lambda: in_manager(manager(manager()), leaf),
    "manager at exit": lambda: in_manager(manager(at_exit=leaf), noop),
    "manager in manager at exit": lambda: in_manager(manager(manager(at_exit=leaf)), noop),
    "decorator": in_decorator,
    "exit stack": exit_stack_of_callbacks,
    "aenter plain": lambda: uses(WithReturnsAwaitable()),
    "match": lambda: in_match({"a": [1]}),
    "fstring": in_fstring, "walrus": in_walrus, "arguments": in_arguments,
    "comparison": in_comparison, "default": in_default,
    "nested comprehension": in_nested_comprehension,
    "comprehension in comprehension": in_lambda_comprehension,
    "subscript": lambda: in_subscript({}), "with items": in_with_items,
    "assert": in_assert, "decorated": in_decorated, "class": in_class, "star": in_star,
    "except": in_except,
    "method": Method().method, "call": Method(), "bound": Method().bound,
    "marked": marked, "dispatched": lambda: dispatched(1),
    "recursive": lambda: recursive(20), "alternates": lambda: alternates(23),
    "partial": functools.partial(functools.partial(awaits), leaf()),
    "timeout": lambda: in_manager(asyncio.timeout(3000), leaf),
    "in time": lambda: asyncio.wait_for(leaf(), 3000),
    "twice in time": lambda: asyncio.wait_for(asyncio.wait_for(leaf(), 3000), None),
    "runs nothing": asyncio.Event().wait,
}


async def stacks():
    for name, make in SITUATIONS.items():
        named(name, make())
    loop = asyncio.get_running_loop()
    for kind in (ByFutureIterator, OfMap, Delegates):
        named(f"on {kind.__name__}", awaits(kind(named(f"{kind.__name__} inner"))))
        named(f"on {kind.__name__} future", awaits(kind(loop.create_future())))
    # as tasks themselves
    for name, thing in {"asend task": items().asend(None),
                        "anext task": anext(items()),
                        "anext items": items_of(items()).__anext__()}.items():
        named(name, thing)
    cleanup = in_cleanup(leaf)
    await cleanup.__anext__()
    named("aclose task", cleanup.aclose())
    thrown = catches()
    await thrown.__anext__()
    named("athrow task", thrown.athrow(ValueError))


# ---- tools of asyncio

class MyFuture(asyncio.Future):
    pass


class OwnFuture:
    """The protocol of a future, and nothing else of it."""
    _asyncio_future_blocking = False

    def __init__(self, loop):
        self.loop = loop

    def get_loop(self):
        return self.loop

    def add_done_callback(self, callback, context=None):
        pass

    def done(self):
        return False

    def cancel(self, msg=None):
        return True

    def __await__(self):
        self._asyncio_future_blocking = True
        yield self


async def tools():
    loop = asyncio.get_running_loop()
    condition, barrier = asyncio.Condition(), asyncio.Barrier(3)
    queue, lock = asyncio.Queue(1), asyncio.Lock()

    async def in_condition(predicate=None):
        async with condition:
            await (condition.wait_for(predicate) if predicate else condition.wait())

    async def in_barrier():
        async with barrier:
            pass

    async def locks():
        async with lock:
            await leaf()

    await queue.put(1)
    named("condition", in_condition())
    named("condition for", in_condition(lambda: False))
    named("barrier", in_barrier())
    named("barrier 2", awaits(barrier.wait()))
    named("put", queue.put(1)), named("join", queue.join())
    named("semaphore", asyncio.Semaphore(0).acquire())
    named("locks", locks()), named("locked", locks())
    named("to_thread", asyncio.to_thread(threading.Event().wait))
    named("run_in_executor", awaits(loop.run_in_executor(None, threading.Event().wait)))
    named("wrapped", awaits(asyncio.wrap_future(concurrent.futures.Future())))
    named("of my future", awaits(MyFuture()))
    named("of own future", awaits(OwnFuture(loop)))
    named("run_coroutine_threadsafe", awaits(asyncio.wrap_future(
        asyncio.run_coroutine_threadsafe(awaits(named("awaited there")), loop))))
    process = await asyncio.create_subprocess_exec(
        "/bin/sleep", "3600", stdout=asyncio.subprocess.PIPE)
    named("process", process.wait()), named("communicate", process.communicate())
    reader, writer = await asyncio.open_connection(*(await server(loop)))
    named("reads", reader.readuntil(b"x"))


async def server(loop):
    started = await asyncio.start_server(lambda reader, writer: leaf(), "127.0.0.1", 0)
    named("serves", started.serve_forever())
    return started.sockets[0].getsockname()


# ---- tasks at odd moments

async def cancelled_in_finally(ready=None):
    try:
        await leaf()
    finally:
        await leaf()


async def cancels_itself():
    asyncio.current_task().cancel()
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        asyncio.current_task().uncancel()
        await leaf()


async def ignores_cancel():
    while True:
        try:
            await leaf()
        except asyncio.CancelledError:
            pass


async def timed_out():
    async with asyncio.timeout(0.001):
        try:
            await leaf()
        finally:
            await leaf()


async def moments():
    loop = asyncio.get_running_loop()
    first = named("in finally", cancelled_in_finally())
    second = named("ignores", ignores_cancel())
    named("cancels itself", cancels_itself())
    named("timed out", timed_out())
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(noop)
    await asyncio.sleep(0.01)
    first.cancel()
    for _ in range(3):
        second.cancel()
        await asyncio.sleep(0)
    group = asyncio.TaskGroup()

    async def grouped():
        async with group:
            group.create_task(ignores_cancel(), name="group ignores")
            group.create_task(leaf(), name="group leaf")
            await asyncio.sleep(0)
            raise ValueError

    named("group fails", grouped())
    await asyncio.sleep(0.01)


async def main(what):
    await what()
    asyncio.get_running_loop().call_later(0.1, truth.ready)
    await asyncio.sleep(3600)


asyncio.run(main(globals()[sys.argv[1]]))
