"""Done tasks with exceptions: that nobody has fetched, or somebody has, or will."""
import asyncio
import gc
import weakref

import truth

background = set()
by_name = {}


class MyError(Exception):
    pass


def raise_it(error):
    raise error


async def fail(error):
    await asyncio.sleep(0)
    raise_it(error)


async def succeed():
    pass


async def forever():
    await asyncio.get_running_loop().create_future()


class Service:
    def __init__(self):
        self.tasks = []
        self.task = start("attribute", fail(OSError(2, "no such file")))
        self.tasks.append(start("attribute's item", fail(MyError())))

    async def run(self):
        await forever()



service = None


def start(name, coroutine, kind=asyncio.Task):
    return kind(coroutine, loop=asyncio.get_running_loop(), name=name)


async def runs():
    local = start("local variable", fail(KeyError("key")))
    cell = start("cell", fail(ValueError("é")))

    async def inner():
        return cell

    await forever()
    del local


async def gathers():
    children = [start("gathered", fail(ValueError("gathered"))), start("pending", forever())]
    await asyncio.gather(*children, return_exceptions=True)


async def awaits():
    try:
        task = start("awaited", fail(ValueError("awaited")))
        await task
    except ValueError:
        await forever()
        del task


def summary(task):
    """What asynctree says of such a task; looking does not fetch."""
    error = task._exception
    frames, traceback = [], error.__traceback__
    while traceback:
        code = traceback.tb_frame.f_code
        frames.append(truth.frame_entry(code, traceback.tb_lineno))
        traceback = traceback.tb_next
    return {"id": truth.address(task), "name": task.get_name(), "type": type(task).__name__,
            "state": "done", "coroutine": task.get_coro().__qualname__, "stack": frames,
            "loop": truth.address(task._loop), "waiting_on": None, "awaits": [],
            "awaited_by": [], "must_cancel": False, "current": False, "created_at": None}


def unfetched():
    tasks = [thing for thing in gc.get_objects() if isinstance(thing, asyncio.Future)
             and hasattr(thing, "get_coro") and thing._log_traceback]
    return [summary(task) for task in tasks if task.get_name() != "gathered"]


async def main():
    global service
    background.add(start("in a set", fail(ConnectionError("gone", 7))))
    background.add(start("succeeded", succeed()))
    background.add(start("cancelled", forever()))
    by_name["key"] = [start("in a list of a dict", fail(MyError("a", object())))]
    by_name[start("key of a dict", fail(MyError("b\n" * 3)))] = 1
    background.add(start("fetched", fail(ValueError("fetched"))))
    background.add(start("subclass", fail(ValueError()), type("Mine", (asyncio.Task,), {})))
    by_name["weak"] = weakref.ref(next(iter(background)))
    service = Service()
    waiting = [start("service", service.run()), start("runs", runs()),
               start("gathers", gathers()), start("awaits", awaits())]
    await asyncio.sleep(0.05)
    for task in background:
        if task.get_name() == "cancelled":
            task.cancel()
        if task.get_name() == "fetched":
            task.exception()
    await asyncio.sleep(0.05)
    truth.answer("unfetched", unfetched)
    truth.ready()
    await asyncio.wait(waiting)


asyncio.run(main())
