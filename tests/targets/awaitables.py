"""Everything that a task can be suspended in besides a coroutine."""
import asyncio
import collections.abc
import contextlib
import functools
import types

import truth


async def leaf():
    await asyncio.sleep(3600)  # line: leaf


# generators as coroutines

@types.coroutine
def old_style(inner):
    return (yield from inner)


async def calls_old_style():
    await old_style(leaf())


async def old_style_on_future(future):
    await old_style(future)


async def bare_yield():
    @types.coroutine
    def once():
        yield from asyncio.get_running_loop().create_future()
    await once()


# objects with __await__

class ByGenerator:
    def __await__(self):
        yield from leaf().__await__()


class ByGeneratorWithMore:
    def __await__(self):
        return (yield from self.more())

    def more(self):
        yield from asyncio.sleep(3600).__await__()


class ByCoroutine:
    def __await__(self):
        return leaf().__await__()


class ByFuture:
    def __init__(self, future):
        self.future = future

    def __await__(self):
        return self.future.__await__()


class OwnIterator:
    """An iterator of its own: nobody can look into it."""
    def __init__(self, future):
        self.iterator = future.__await__()

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.iterator)


class OwnCoroutine(collections.abc.Coroutine):
    """A coroutine only by its methods."""
    def __init__(self, future):
        self.iterator = future.__await__()

    def send(self, value):
        return self.iterator.send(value)

    def throw(self, *exception):
        return self.iterator.throw(*exception)

    def close(self):
        pass

    def __await__(self):
        return self


async def awaits(thing):
    return await thing


# named like the interpreter's own types, and none of them

class coroutine_wrapper:
    def __init__(self, future):
        self.coroutine = leaf()
        self.iterator = future.__await__()

    def __await__(self):
        return self

    def __next__(self):
        return next(self.iterator)

    def __iter__(self):
        return self


class async_generator_asend(coroutine_wrapper):
    pass


class coroutine(ByGenerator):
    pass


# async generators

async def agen():
    yield 1
    await leaf()  # line: agen
    yield 2


async def agen_at_first():
    await leaf()
    yield 1


async def agen_cleanup():
    try:
        yield 1
        yield 2
    finally:
        await leaf()  # line: cleanup


async def agen_catches():
    try:
        yield 1
    except ValueError:
        await leaf()
        yield 2


async def agen_nested():
    async for item in agen():
        yield item


async def agen_nested_twice():
    async for item in agen_nested():
        yield item


async def async_for():
    async for _ in agen():
        pass


async def async_for_nested():
    async for _ in agen_nested_twice():
        pass


async def asend():
    generator = agen()
    await generator.asend(None)
    await generator.asend(1)


async def athrow():
    generator = agen_catches()
    await generator.asend(None)
    await generator.athrow(ValueError("on purpose"))


async def aclose():
    generator = agen_cleanup()
    await generator.asend(None)
    await generator.aclose()


async def anext_plain():
    await anext(agen_at_first())


async def anext_default():
    await anext(agen_at_first(), None)


class Iterator:
    def __aiter__(self):
        return self

    async def __anext__(self):
        await leaf()


class AwaitableIterator:
    def __aiter__(self):
        return self

    def __anext__(self):
        return ByGenerator()


async def anext_of_class():
    async for _ in Iterator():
        pass


async def anext_default_of_class():
    await anext(Iterator(), None)


async def anext_default_of_awaitable():
    await anext(AwaitableIterator(), None)


async def async_for_awaitable():
    async for _ in AwaitableIterator():
        pass


async def list_comprehension():
    return [item async for item in agen()]


async def await_in_comprehension():
    return [await awaits(leaf()) for _ in range(3)]


async def set_comprehension_nested():
    return {item for number in range(2) for item in [x async for x in agen()]}


async def generator_expression():
    async for _ in (item async for item in agen()):
        pass


async def await_in_generator_expression():
    async for _ in (await leaf() for _ in range(3)):
        pass


# async with

class Context:
    def __init__(self, where):
        self.where = where

    async def __aenter__(self):
        if self.where == "enter":
            await leaf()

    async def __aexit__(self, *exception):
        if self.where == "exit":
            await leaf()


async def with_context(where):
    async with Context(where):
        if where == "body":
            await leaf()


async def exit_after_exception():
    async with Context("exit"):
        raise ValueError("on purpose")


@contextlib.asynccontextmanager
async def manager(where):
    if where == "enter":
        await leaf()
    try:
        yield 1
    finally:
        if where == "exit":
            await leaf()


async def with_manager(where):
    async with manager(where):
        if where == "body":
            await leaf()


async def exit_stack(where):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(manager("none"))
        await stack.enter_async_context(Context(where))
        await stack.enter_async_context(manager("none"))


async def exit_stack_callback():
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(leaf)


async def aclosing():
    async with contextlib.aclosing(agen_cleanup()) as items:
        async for _ in items:
            break


async def finally_clause():
    try:
        raise ValueError("on purpose")
    except ValueError:
        try:
            pass
        finally:
            await leaf()


async def except_star():
    try:
        raise ExceptionGroup("on purpose", [ValueError(1), TypeError(2)])
    except* ValueError:
        await leaf()
    except* TypeError:
        pass


async def big_expression(one):
    value = {
        "a": 1,
        "b": [one, (await awaits(
            leaf()
        ))],
        "c": 3,
    }
    return value


async def partial_target(_):
    await leaf()


SITUATIONS = {
    "old style": calls_old_style,
    "bare yield": bare_yield,
    "__await__ generator": lambda: awaits(ByGenerator()),
    "__await__ generator more": lambda: awaits(ByGeneratorWithMore()),
    "__await__ of coroutine": lambda: awaits(ByCoroutine()),
    "async for": async_for,
    "async for nested": async_for_nested,
    "asend": asend,
    "athrow": athrow,
    "aclose": aclose,
    "anext": anext_plain,
    "anext default": anext_default,
    "anext of class": anext_of_class,
    "anext default of class": anext_default_of_class,
    "anext default of awaitable": anext_default_of_awaitable,
    "async for awaitable": async_for_awaitable,
    "list comprehension": list_comprehension,
    "await in comprehension": await_in_comprehension,
    "nested comprehension": set_comprehension_nested,
    "generator expression": generator_expression,
    "await in generator expression": await_in_generator_expression,
    "with enter": lambda: with_context("enter"),
    "with body": lambda: with_context("body"),
    "with exit": lambda: with_context("exit"),
    "exit after exception": exit_after_exception,
    "manager enter": lambda: with_manager("enter"),
    "manager body": lambda: with_manager("body"),
    "manager exit": lambda: with_manager("exit"),
    "exit stack enter": lambda: exit_stack("enter"),
    "exit stack exit": lambda: exit_stack("exit"),
    "exit stack callback": exit_stack_callback,
    "aclosing": aclosing,
    "finally": finally_clause,
    "except*": except_star,
    "big expression": lambda: big_expression(1),
    "partial": functools.partial(partial_target, 1),
    "class named coroutine": lambda: awaits(coroutine()),
}

# The same ways, on a task: the edge must be there where the stack can't be.
ON_A_TASK = {
    "own iterator": OwnIterator,
    "by future": ByFuture,
    "named wrapper": coroutine_wrapper,
    "named asend": async_generator_asend,
}


async def main():
    loop = asyncio.get_running_loop()
    kept = [loop.create_task(make(), name=name) for name, make in SITUATIONS.items()]
    kept.append(loop.create_task(old_style_on_future(loop.create_future()),
                                 name="old style on future"))
    for name, kind in ON_A_TASK.items():
        inner = loop.create_task(leaf(), name=f"{name}: inner")
        kept.append(inner)
        kept.append(loop.create_task(awaits(kind(inner)), name=name))
    inner = loop.create_task(leaf(), name="own coroutine: inner")
    kept.append(inner)
    kept.append(loop.create_task(OwnCoroutine(inner), name="own coroutine"))
    loop.call_later(0.1, truth.ready)
    await asyncio.sleep(3600)
    return kept


asyncio.run(main())
