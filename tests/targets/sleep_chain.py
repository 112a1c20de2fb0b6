"""Nested coroutines that end in a sleep; one very deep; one between tasks."""
import asyncio

import truth


class Service:
    async def query(self, seconds):
        await asyncio.sleep(seconds)  # line: query

    class Inner:
        @staticmethod
        async def call(service):
            return await service.query(3600)


async def handler(service):
    def nothing():
        pass

    nothing()
    await (
        Service.Inner
        .call(service)
    )


async def deep(depth):
    if depth:
        await deep(depth - 1)
    else:
        await asyncio.sleep(3600)


def decorated(function):
    import functools

    @functools.wraps(function)
    async def wrapper(*args):
        return await function(*args)
    return wrapper


@decorated
async def worker():
    async def local():
        await asyncio.sleep(3600)
    await local()


@decorated
@decorated
async def unstarted():
    pass


# A function at a line that 16 bits don't hold, with a line table of many kilobytes.
LONG = "\n" * 100_000 + "async def long(awaitable):\n" + "".join(
    f"    a{n} = {n}\n" for n in range(5000)) + "    await awaitable\n" + "".join(
    f"    b{n} = {n}\n" for n in range(5000))
exec(compile(LONG, "/long.py", "exec"))


async def main():
    service = Service()
    tasks = [asyncio.create_task(handler(service), name="handler"),
             asyncio.create_task(deep(400), name="deep"),
             asyncio.create_task(worker(), name="worker"),
             asyncio.create_task(service.query(1800)),
             asyncio.create_task(asyncio.sleep(3600), name="bare sleep"),
             asyncio.create_task((lambda: asyncio.Event().wait())(), name="event"),
             asyncio.create_task(long(asyncio.sleep(3600)), name="long")]
    truth.ready()
    await asyncio.sleep(3600)
    return tasks


asyncio.run(main())
