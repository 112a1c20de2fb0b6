"""Tasks that were cancelled, with what became of it in their names."""
import asyncio
import sys

import truth

kinds = {"c": asyncio.Task, "python": asyncio.tasks._PyTask}
Task = kinds[sys.argv[1]]
made = {}
expected = []  # of those that wait for something new
cleaning = []


def task(name, coroutine):
    made[name] = truth.know(Task(coroutine, loop=asyncio.get_running_loop(), name=name))
    return made[name]


async def forever():
    await asyncio.get_running_loop().create_future()


async def swallow():
    try:
        await forever()
    except asyncio.CancelledError:
        pass
    await forever()


async def clean_up():
    try:
        await forever()
    finally:
        await swallow()


async def clean_up_outside():
    """The frame that handles it is not the innermost."""
    async with Manager():
        await forever()


class Manager:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *exception):
        await forever()


async def uncancel():
    try:
        await forever()
    except asyncio.CancelledError:
        made["uncancelled"].uncancel()
    await forever()


async def other_exception():
    try:
        await forever()
    except asyncio.CancelledError:
        pass
    try:
        raise ValueError
    except ValueError:
        await forever()


async def wait_for(thing):
    await thing


async def group(name):
    async with asyncio.TaskGroup() as tasks:
        expected.append(tasks.create_task(swallow(), name=f"{name}.child"))
        await forever()


async def timeout():
    try:
        async with asyncio.timeout(0.01):
            await forever()
    except TimeoutError:
        await forever()


async def main():
    swallowed = [task("swallowed", swallow()), task("other exception", other_exception()),
                 task("under way.inner", swallow()), task("gather.child", swallow()),
                 task("clean up", clean_up()), task("clean up outside", clean_up_outside())]
    expected.extend(swallowed)
    cleaning.extend(swallowed[-2:])
    cancelled = [*swallowed[:2], *swallowed[4:], task("uncancelled", uncancel()),
                 task("under way", wait_for(swallowed[2])), task("gather", gather(swallowed[3]))]
    kept = [task("not cancelled", forever())]
    if Task is asyncio.Task:  # the only ones that these take
        cancelled.append(task("group", group("group")))
        kept.append(task("timeout", timeout()))
    for _ in range(5):
        await asyncio.sleep(0.02)
    for each in cancelled:
        each.cancel()
    await asyncio.sleep(0.1)
    truth.answer("expected", lambda: {
        "cancelled": [truth.address(each) for each in expected],
        "cleaning": [truth.address(each) for each in cleaning]})
    truth.ready()
    await asyncio.wait(cancelled + kept)


async def gather(child):
    await asyncio.gather(child)


asyncio.run(main())
