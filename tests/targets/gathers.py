"""gather(): nested, of futures, across tasks, from outside any task."""
import asyncio

import truth


async def leaf():
    await asyncio.sleep(3600)


async def caller(*names):
    await asyncio.gather(*(named(name) for name in names))


def named(name, coroutine=None):
    return asyncio.get_running_loop().create_task(coroutine or leaf(), name=name)


async def nested():
    await asyncio.gather(
        named("nested.a"),
        asyncio.gather(named("nested.b"), asyncio.gather(named("nested.c"))),
        caller("nested.d", "nested.e"))


async def of_futures():
    loop = asyncio.get_running_loop()
    await asyncio.gather(loop.create_future(), named("beside a future"), loop.create_future())


async def creator(box):
    box.set_result(asyncio.gather(named("lent.a"), named("lent.b")))
    await asyncio.sleep(3600)


async def borrower(box):
    gathered = await wait_box(box)
    await gathered


async def wait_box(box):
    # A future's result that is a future itself must not be awaited by accident.
    while not box.done():
        await asyncio.sleep(0.001)
    return box.result()


async def await_it(future):
    await future


async def fails():
    raise ValueError("on purpose")


async def with_exceptions():
    await asyncio.gather(fails(), named("after a failure"), return_exceptions=True)


async def twice():
    task = named("twice")
    await asyncio.gather(task, task, named("once"))


async def main(outside):
    loop = asyncio.get_running_loop()
    box = loop.create_future()
    tasks = [named("caller", caller("a", "b", "c")),
             named("nested", nested()),
             named("of futures", of_futures()),
             named("creator", creator(box)),
             named("borrower", borrower(box)),
             named("awaits outside", await_it(outside)),
             named("awaits outside too", await_it(outside)),
             named("with exceptions", with_exceptions()),
             named("twice caller", twice())]
    loop.call_later(0.05, truth.ready)
    await asyncio.gather(*tasks)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
outside = asyncio.gather(loop.create_task(leaf(), name="outside.a"),
                         loop.create_task(leaf(), name="outside.b"))
loop.run_until_complete(main(outside))
