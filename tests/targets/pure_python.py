"""Pure-Python futures and tasks, alone and mixed with those written in C."""
import asyncio
import asyncio.futures
import asyncio.tasks

import truth

PyTask, PyFuture = asyncio.tasks._PyTask, asyncio.futures._PyFuture


class MyPyTask(PyTask):
    pass


async def leaf():
    await asyncio.sleep(3600)


async def awaits(thing):
    await thing


async def outer(thing):
    await awaits(thing)


async def gathers(*things):
    await asyncio.gather(*things)


async def waits(*things):
    await asyncio.wait(things)


async def shields(thing):
    await asyncio.shield(thing)


async def group(kind):
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leaf(), name=f"{kind} group.a")
        await asyncio.sleep(0)
        tasks.create_task(leaf(), name=f"{kind} group.b")


async def group_before_exit():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leaf(), name="early.a")
        await asyncio.sleep(3600)


async def main():
    loop = asyncio.get_running_loop()
    # The C current_task() does not know Python tasks; without this a
    # TaskGroup could not tell its parent.
    asyncio.tasks.current_task = getattr(  # which 3.11 has in Python only
        asyncio.tasks, "_py_current_task", asyncio.tasks.current_task)

    def python(name, coroutine):
        return PyTask(coroutine, loop=loop, name=name)

    def c(name, coroutine):
        return asyncio.Task(coroutine, loop=loop, name=name)

    kept = [python("py", leaf()), python("py unnamed", leaf()), PyTask(leaf(), loop=loop)]
    kept.append(MyPyTask(leaf(), loop=loop, name="subclass"))
    kept.append(python("py on py future", outer(PyFuture(loop=loop))))
    kept.append(c("c on py future", outer(PyFuture(loop=loop))))
    kept.append(python("py on c future", outer(loop.create_future())))
    for first, first_name in (python, "py"), (c, "c"):
        for second, second_name in (python, "py"), (c, "c"):
            pair = f"{first_name} on {second_name}"
            inner = second(f"{pair}: inner", leaf())
            kept += [inner, first(pair, outer(inner))]
            inner = second(f"{pair}: gathered", leaf())
            kept += [inner, first(f"{pair} gather", gathers(inner))]
            inner = second(f"{pair}: waited", leaf())
            kept += [inner, first(f"{pair} wait", waits(inner))]
            inner = second(f"{pair}: shielded", leaf())
            kept += [inner, first(f"{pair} shield", shields(inner))]
    await asyncio.sleep(0.05)
    loop.set_task_factory(lambda loop, coro, **kw: PyTask(coro, loop=loop, **kw))
    kept += [python("py group", group("py")), python("py early", group_before_exit())]
    loop.call_later(0.05, truth.ready)
    await asyncio.sleep(3600)
    return kept


asyncio.run(main())
