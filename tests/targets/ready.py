"""Tasks whose turn has not come, while the loop is held by a callback or a task."""
import asyncio
import sys
import time

import truth


async def leaf():
    await asyncio.sleep(3600)


async def on_future(future):
    await future


async def on_future_nested(future):
    await on_future(future)


async def never_started(argument):
    await asyncio.sleep(argument)


async def yields():
    while True:
        await asyncio.sleep(0)


def hold():
    truth.ready()
    time.sleep(3600)  # line: hold


async def main(how):
    loop = asyncio.get_running_loop()

    def named(name, coroutine):
        return loop.create_task(coroutine, name=name)

    done, failed, pending = (loop.create_future() for _ in range(3))
    kept = [named("woken", on_future(done)),
            named("woken deep", on_future_nested(done)),
            named("to fail", on_future(failed)),
            named("waiting", on_future(pending)),
            cancelled := named("cancelled", leaf()),
            twice := named("cancelled twice", leaf()),
            awaited := named("awaited", leaf()),
            named("awaits", on_future(awaited)),
            named("yields", yields()),
            named("self-made future", on_future(loop.create_future()))]
    await asyncio.sleep(0.05)

    def step():
        done.set_result(None)
        failed.set_exception(ValueError("on purpose"))
        cancelled.cancel("why")
        twice.cancel()
        twice.cancel()
        kept.append(named("not started", never_started(3600)))
        kept.append(fresh := named("not started, cancelled", never_started(3600)))
        fresh.cancel()
        kept.append(named("waits for a fresh one", on_future(fresh)))
        hold()

    if how == "callback":
        loop.call_soon(step)
        await asyncio.sleep(3600)
    else:
        step()
    return kept


asyncio.run(main(sys.argv[1]))
