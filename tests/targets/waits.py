"""wait, wait_for, timeout, shield, as_completed in both styles, staggered race."""
import asyncio
import asyncio.staggered

import truth


async def leaf():
    await asyncio.sleep(3600)


def named(name, coroutine=None):
    return asyncio.get_running_loop().create_task(coroutine or leaf(), name=name)


async def wait_all():
    await asyncio.wait([named("wait.a"), named("wait.b")])


async def wait_first():
    done = named("wait first.done", asyncio.sleep(0))
    await done
    loop = asyncio.get_running_loop()
    await asyncio.wait({named("wait first.a"), loop.create_future(),
                        asyncio.gather(named("wait first.b"))},
                       timeout=3000, return_when=asyncio.FIRST_COMPLETED)


async def wait_for_coroutine():
    await asyncio.wait_for(leaf(), 3000)


async def wait_for_task():
    await asyncio.wait_for(named("wait_for.inner"), 3000)


async def timeout():
    async with asyncio.timeout(3000):
        async with asyncio.timeout(2000):
            await named("timeout.inner")


async def shield():
    await asyncio.shield(leaf_task("shield.inner"))


def leaf_task(name):
    return named(name)


async def shield_in_wait_for():
    await asyncio.wait_for(asyncio.shield(named("wait_for.shielded")), 3000)


async def shield_in_gather():
    await asyncio.gather(asyncio.shield(named("gather.shielded")), named("gather.plain"))


async def as_completed_plain():
    for next_one in asyncio.as_completed([named("plain.a"), named("plain.b"),
                                          named("plain.done", asyncio.sleep(0))]):
        await next_one


async def as_completed_async():
    async for task in asyncio.as_completed([named("async.a"), named("async.b")],
                                           timeout=3000):
        await task


async def staggered():
    await asyncio.staggered.staggered_race([leaf, leaf, leaf], delay=0.01)


async def cancelled_but_shielded():
    inner = named("still shielded")
    try:
        await asyncio.shield(inner)
    except asyncio.CancelledError:
        await asyncio.sleep(3600)


async def queue_get():
    await asyncio.Queue().get()


async def queue_get_in_time():
    await asyncio.wait_for(asyncio.Queue().get(), 3000)


async def locked(lock):
    async with lock:
        await asyncio.sleep(3600)


async def executor():
    import threading
    await asyncio.to_thread(threading.Event().wait)


async def main():
    lock = asyncio.Lock()
    tasks = [named("wait all", wait_all()),
             named("wait first", wait_first()),
             named("wait_for coroutine", wait_for_coroutine()),
             named("wait_for task", wait_for_task()),
             named("timeout", timeout()),
             named("shield", shield()),
             named("shield in wait_for", shield_in_wait_for()),
             named("shield in gather", shield_in_gather()),
             named("as_completed plain", as_completed_plain()),
             named("as_completed async", as_completed_async()),
             named("staggered", staggered()),
             named("queue", queue_get()),
             named("queue in time", queue_get_in_time()),
             named("lock holder", locked(lock)),
             named("lock waiter", locked(lock)),
             named("executor", executor())]
    cancelled = named("cancelled", cancelled_but_shielded())
    await asyncio.sleep(0.1)
    cancelled.cancel()
    asyncio.get_running_loop().call_later(0.05, truth.ready)
    await asyncio.wait([*tasks, cancelled])


asyncio.run(main())
