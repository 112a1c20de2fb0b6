"""asyncio without its C module: every task and future is Python's, no thread knows its loop."""
import sys

sys.modules["_asyncio"] = None

import asyncio  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

import truth  # noqa: E402


async def leaf():
    await asyncio.sleep(3600)


async def awaits(thing):
    await thing


async def waits(*tasks):
    await asyncio.wait(tasks)


async def completes(*tasks):
    for each in asyncio.as_completed(tasks):
        await each


async def completes_async(*tasks):
    async for each in asyncio.as_completed(tasks):
        await each


async def group(body):
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leaf(), name=f"{body.__name__}.a")
        tasks.create_task(leaf(), name=f"{body.__name__}.b")
        await body()


async def at_exit():
    pass


async def agen():
    await leaf()
    yield


async def ring(box, key):
    while key not in box:
        await asyncio.sleep(0)
    await box[key]


async def runs():
    await asyncio.sleep(0.02)
    truth.ready()
    time.sleep(3600)


async def main(how):
    loop = asyncio.get_running_loop()

    def named(name, coroutine=None):
        kept.append(loop.create_task(coroutine or leaf(), name=name))
        return kept[-1]

    kept, box = [], {}
    named("on", awaits(named("inner")))
    named("shield", awaits(asyncio.shield(named("shielded"))))
    named("gather", awaits(asyncio.gather(named("g1"), named("g2"))))
    named("wait", waits(named("w1"), named("w2")))
    named("completes", completes(named("c1"), named("c2")))
    named("completes async", completes_async(named("d1"), named("d2")))
    named("group", group(at_exit)), named("early", group(leaf))
    named("deep", asyncio.wait_for(asyncio.shield(asyncio.gather(named("e1"), named("e2"))), 3600))
    named("anext", awaits(anext(agen()))), named("event", asyncio.Event().wait())
    named("future", awaits(loop.create_future()))
    box[0], box[1] = named("ring 0", ring(box, 1)), named("ring 1", ring(box, 0))
    await asyncio.sleep(0.01)
    if how == "runs":
        named("runs", runs())
        named("never started")
    else:
        loop.call_later(0.1, truth.ready)
    await asyncio.sleep(3600)


threading.Thread(target=asyncio.run, args=(leaf(),), name="other").start()
asyncio.run(main(sys.argv[1]))
