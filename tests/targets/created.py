"""Tasks that remember where they were created: run with -X dev, or with an argument."""
import asyncio
import sys

import truth


class Service:
    def start(self, coroutine, name):
        return asyncio.get_running_loop().create_task(coroutine, name=name)


def deep(depth, coroutine, name):
    if depth:
        return deep(depth - 1, coroutine, name)
    return Service().start(coroutine, name)


async def forever():
    await asyncio.get_running_loop().create_future()


class Mine(asyncio.Task):
    pass


def origin(task):
    """None where it keeps none."""
    summaries = task._source_traceback
    return summaries and [place(each) for each in summaries]


def place(summary):
    """Only newer ones know the code, and with it a qualified name."""
    if hasattr(summary, "_code"):
        return truth.frame_entry(summary._code, summary.lineno)
    return {"function": summary.name, "file": summary.filename, "line": summary.lineno}


async def main():
    loop = asyncio.get_running_loop()
    tasks = [Service().start(forever(), "method"), deep(30, forever(), "deep"),
             Mine(forever(), loop=loop, name="mine"),
             truth.know(asyncio.tasks._PyTask(forever(), loop=loop, name="python")),
             asyncio.current_task()]
    if sys.argv[1:] == ["later"]:
        loop.set_debug(True)
        tasks += [asyncio.create_task(forever(), name="after set_debug()")]
    await asyncio.sleep(0)
    truth.answer("created", lambda: {truth.address(task): origin(task) for task in tasks})
    truth.ready()
    await asyncio.wait(tasks[:-1])


asyncio.run(main())
