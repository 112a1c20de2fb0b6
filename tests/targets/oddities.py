"""Odd tasks, odd functions, odd classes, and code whose lines are odd."""
import asyncio
import collections.abc
import functools
import sys
import time
import types

import truth


def hold(*_, **__):
    truth.ready()
    time.sleep(3600)


async def leaf():
    await asyncio.sleep(3600)


def named(name, coroutine=None, kind=None):
    loop = asyncio.get_running_loop()
    if kind:
        return kind(coroutine or leaf(), loop=loop, name=name)
    return loop.create_task(coroutine or leaf(), name=name)


async def awaits(thing):
    return await thing


# ---------------------------------------------------------------- functions

class Callable:
    async def __call__(self):
        await leaf()

    @staticmethod
    async def static():
        await leaf()

    @classmethod
    async def of_class(cls):
        await leaf()

    @property
    async def attribute(self):
        await leaf()


def decorated(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await function(*args)
    return wrapper


@decorated
@decorated
async def twice_decorated():
    await leaf()


class Awaitable:
    def __await__(self):
        yield from leaf().__await__()


class ReturnsIterator:
    def __await__(self):
        return iter(asyncio.get_running_loop().create_future())


class LikeACoroutine(collections.abc.Coroutine):
    """What Cython makes of an async def is no coroutine of the interpreter either."""

    def __init__(self, inner):
        self.inner = inner

    def send(self, value):
        return self.inner.send(value)

    def throw(self, *args):
        return self.inner.throw(*args)

    def close(self):
        self.inner.close()

    def __await__(self):
        return self

    __iter__ = __await__

    def __next__(self):
        return self.inner.send(None)


async def functions():
    local = {}
    exec("async def of_string(f):\n\n    await f()\n", local)
    renamed = leaf()
    renamed.__name__, renamed.__qualname__ = "other", "quite.other"
    return [
        named("call", Callable()()), named("static", Callable.static()),
        named("class method", Callable.of_class()), named("property", Callable().attribute),
        named("partial", functools.partial(awaits, leaf())()),
        named("lambda", (lambda: leaf())()), named("decorated", twice_decorated()),
        named("string", local["of_string"](leaf)), named("renamed", renamed),
        named("eval", eval("awaits(f())", {"awaits": awaits, "f": leaf})),
        named("like a coroutine", LikeACoroutine(leaf())),
        named("awaits like", awaits(LikeACoroutine(leaf()))),
        named("iterator", awaits(ReturnsIterator())),
        asyncio.ensure_future(Awaitable()), asyncio.ensure_future(ReturnsIterator()),
        named("of partial", functools.partial(Callable())()),
    ]


# ---------------------------------------------------------------- classes

class Meta(type):
    pass


class MetaTask(asyncio.Task, metaclass=Meta):
    pass


class WithMany(asyncio.Task):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number in range(60):
            setattr(self, f"attribute{number}", number)


class Mixin:
    def __init__(self, *args, **kwargs):
        self.mixed = 1
        super().__init__(*args, **kwargs)


class Mixed(Mixin, asyncio.Task):
    __slots__ = ("a", "b")


class OwnNames(asyncio.Task):
    """What it says of itself is not what it is; asynctree calls no code."""
    @property
    def _coro(self):
        return super()._coro


PyTask, PyFuture = asyncio.tasks._PyTask, asyncio.futures._PyFuture


class PyWithMany(PyTask):
    def __init__(self, *args, **kwargs):
        for number in range(60):
            setattr(self, f"attribute{number}", number)
        super().__init__(*args, **kwargs)


class MyFuture(asyncio.Future):
    pass


class MyPyFuture(PyFuture):
    pass


def long_line_of_classes(count, base):
    for number in range(count):
        base = type(f"C{number}", (base,), {})
    return base


async def classes():
    loop = asyncio.get_running_loop()
    long_name = type("T" * 700, (asyncio.Task,), {})
    wide = type("Ünï" * 200, (asyncio.Task,), {})
    deep = long_line_of_classes(60, asyncio.Task)
    deeper = long_line_of_classes(400, asyncio.Task)
    kept = [named(kind.__name__[:8], leaf(), kind)
            for kind in (MetaTask, WithMany, Mixed, long_name, wide, deep, OwnNames)]
    kept.append(named("deeper", leaf(), deeper))
    kept += [named("py many", leaf(), PyWithMany),
             named("on my future", awaits(MyFuture(loop=loop))),
             named("on my py future", awaits(MyPyFuture(loop=loop))),
             named("in dict", leaf(), WithMany), named("py dict", leaf(), PyTask)]
    kept[-1].__dict__["more"] = kept[-2].more = 1
    del kept[-1].more
    return kept


# ---------------------------------------------------------------- edges

async def shields(thing):
    await asyncio.shield(thing)


async def edges():
    loop = asyncio.get_running_loop()
    gather = asyncio.gather(named("g1"), asyncio.gather(named("g2"), named("g3")))
    shield = asyncio.shield(asyncio.shield(named("s1")))
    kept = [named("shield of gather", shields(gather)),
            named("wait_for of shield of gather",
                  asyncio.wait_for(asyncio.shield(asyncio.gather(named("w1"), named("w2"))),
                                   3000)),
            named("shield of shield", awaits(shield)),
            named("gather of shield of gather",
                  awaits(asyncio.gather(asyncio.shield(asyncio.gather(named("x1")))))),
            named("same twice", awaits(asyncio.gather(*[named("t1")] * 2, named("t2")))),
            named("wait of gathers", awaits(asyncio.wait(
                [asyncio.gather(named("v1"), named("v2")), asyncio.shield(named("v3"))])))]
    for n in range(3):
        kept.append(named(f"shares a future {n}", awaits(gather)))
        kept.append(named(f"shares a shield {n}", awaits(shield)))
    lonely = loop.create_future()
    kept += [named(f"one future {n}", awaits(lonely)) for n in range(3)]
    quick = named("quick", asyncio.sleep(0))
    some = asyncio.gather(quick, named("slow"), return_exceptions=True)
    kept.append(named("some done", awaits(some)))
    async def fails():
        raise ValueError
    kept.append(named("some failed", awaits(asyncio.gather(
        named("f", fails()), named("slow 2"), return_exceptions=True))))
    async def main_of_stack():
        async with __import__("contextlib").AsyncExitStack() as stack:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            group.create_task(leaf(), name="in stack")
            await asyncio.sleep(3600)
    kept.append(named("stack", main_of_stack()))
    async def passes_group():
        async with asyncio.TaskGroup() as group:
            group.create_task(uses(group), name="uses")
            await asyncio.sleep(3600)
    async def uses(group):
        group.create_task(leaf(), name="by user")
        async with asyncio.TaskGroup() as inner:
            inner.create_task(leaf(), name="inner")
            group.create_task(leaf(), name="by user in inner")
            await leaf()
    kept.append(named("passes", passes_group()))
    kept.append(named("wrapped", awaits(asyncio.wrap_future(
        asyncio.run_coroutine_threadsafe(leaf(), loop)))))
    return kept


# ---------------------------------------------------------------- cycles

async def through(box, key, how):
    while key not in box:
        await asyncio.sleep(0)
    await how(box[key])


async def by_wait(task):
    await asyncio.wait([task])


async def by_group(task):
    async with asyncio.TaskGroup() as group:
        group.create_task(awaits(task))


async def by_timeout(task):
    async with asyncio.timeout(3000):
        await task


async def by_completed(task):
    async for _ in asyncio.as_completed([task]):
        pass


async def by_gather(*tasks):
    await asyncio.gather(*tasks)


async def itself(how):
    await how(asyncio.current_task())


async def all_of(box, keys):
    while len(box) < len(keys):
        await asyncio.sleep(0)
    await asyncio.gather(*(box[key] for key in keys if box[key] != asyncio.current_task()))


async def cycles():
    kept = []
    hows = [awaits, by_wait, by_group, by_timeout, by_completed, shields, by_gather]
    box = {}
    for number, how in enumerate(hows):
        box[number] = named(f"ring {number}", through(box, (number + 1) % len(hows), how))
    kept.append(box)
    for how in (by_wait, by_group, by_completed, shields, by_gather):
        kept.append(named(f"self {how.__name__}", itself(how)))
    complete = {}
    for number in range(5):
        complete[number] = named(f"complete {number}", all_of(complete, range(5)))
    kept.append(complete)
    # two rings that share one task, and one that waits for both
    eight = {}
    async def middle():
        while len(eight) < 5:
            await asyncio.sleep(0)
        await asyncio.gather(eight["a1"], eight["b1"])
    eight["m"] = named("eight m", middle())
    for side in "ab":
        eight[side + "1"] = named(f"eight {side}1", through(eight, side + "2", awaits))
        eight[side + "2"] = named(f"eight {side}2", through(eight, "m", awaits))
    kept += [eight, named("on eight", awaits(eight["a2"]))]
    return kept


# ---------------------------------------------------------------- lines

class Chained:
    def __getattr__(self, name):
        return lambda *args: self if name != "end" else hold()


def multi_line_call():
    return (
        Chained()
        .one(
            1,
        )
        .end(
            2,
            [3
             for _ in range(2)],
        )
    )


def in_comprehension():
    return [
        value
        for value in [1]
        if
        multi_line_call()
    ]


class Context:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        in_comprehension()


class Operand:
    def __add__(self, other):
        with Context():
            pass

    def __lt__(self, other):
        return (self
                + other)

    def __get__(self, *args):
        return (
            Operand()
            <
            Operand()
        )

    def __contains__(self, item):
        return Owner.attribute


class Owner:
    attribute = Operand()


def default_argument(
        value=1,
        *,
        other=lambda: (
            1
            in
            Operand()
        )):
    try:
        raise ValueError
    except ValueError:
        try:
            return other(
            )
        finally:
            value = None


def far_code():
    source = "def far():\n" + "\n" * 70000 + "    x = (1,\n" + "\n" * 300 + \
        "         call())\n" + "\n" * 40 + "    return x\n"
    names = {"call": default_argument}
    exec(compile(source, "/far.py", "exec"), names)
    names["far"]()


def backwards():
    """The condition of a loop stands above its body, a decorator below nothing."""
    done = False
    while not (
            done and
            far_code()
    ):
        done = True


def match(value):
    match value:
        case {
            "a": _,
        } if backwards():
            pass


def no_lines():
    code = compile("def bare():\n    call()\n", "/bare.py", "exec")
    names = {"call": lambda: match({"a": 1})}
    exec(code, names)
    bare = names["bare"]
    bare.__code__ = bare.__code__.replace(co_linetable=b"")
    bare()


def first_line(number):
    code = compile("def early():\n    call()\n", "/early.py", "exec")
    names = {"call": no_lines}
    exec(code, names)
    early = names["early"]
    early.__code__ = early.__code__.replace(co_firstlineno=number)
    early()


async def lines():
    first_line(0)


async def lines_at_most():
    first_line((1 << 31) - 10)


# ---------------------------------------------------------------- tools

async def runs():
    await asyncio.sleep(0)
    backwards_in_async = [
        await awaits(asyncio.sleep(0)) for _ in range(3)]
    default_argument(
    )
    return backwards_in_async


async def traced(how):
    def trace(frame, event, argument):
        return trace

    if how == "settrace":
        sys.settrace(trace)
    elif how == "setprofile":
        sys.setprofile(trace)
    elif how == "monitoring":
        tool = sys.monitoring
        tool.use_tool_id(tool.DEBUGGER_ID, "test")
        for event in ("LINE", "INSTRUCTION", "CALL", "PY_START", "BRANCH"):
            tool.register_callback(tool.DEBUGGER_ID, getattr(tool.events, event),
                                   lambda *_: None)
        tool.set_events(tool.DEBUGGER_ID, tool.events.LINE | tool.events.INSTRUCTION
                        | tool.events.CALL | tool.events.PY_START)
    kept = [named("sleeps"), named("for", awaits(twice_decorated()))]
    for _ in range(3):
        await asyncio.sleep(0)
    await runs()
    return kept


async def rests(what):
    kept = await what()
    asyncio.get_running_loop().call_later(0.05, truth.ready)
    await asyncio.sleep(3600)
    return kept


if __name__ == "__main__":
    what = sys.argv[1]
    if what in ("settrace", "setprofile", "monitoring"):
        asyncio.run(traced(what))
    elif what in ("lines", "lines_at_most", "runs"):
        asyncio.run(globals()[what](), debug="debug" in sys.argv)
    else:
        asyncio.run(rests(globals()[what]), debug="debug" in sys.argv)
