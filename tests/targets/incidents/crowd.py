"""A healthy service of many tasks, in which an incident has to be found.

    crowd.run(incident, count)      incident: a coroutine function
"""
import asyncio
import socket
import sys

import truth

KINDS = 60  # of handlers, more than a screen has lines

HANDLER = """
async def {name}(service):
    await service.{how}()
"""


class Service:
    """What a handler of one kind uses."""

    def __init__(self):
        self.event = asyncio.Event()
        self.queue = asyncio.Queue()
        self.limit = asyncio.Semaphore(2)
        self.streams = []

    async def pauses(self):
        await asyncio.sleep(600)

    async def listens(self):
        await self.event.wait()

    async def works(self):
        while True:
            await self.queue.get()

    async def is_limited(self):
        async with self.limit:
            await asyncio.sleep(600)

    async def gathers(self):
        await asyncio.gather(*(asyncio.sleep(600 + n) for n in range(3)))

    async def reads(self):
        if len(self.streams) >= 5:  # descriptors are few
            return await self.listens()
        here, there = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=here)
        self.streams.append((writer, there))
        await asyncio.wait_for(reader.readline(), 3600)


HOWS = ["pauses", "listens", "works", "is_limited", "gathers", "reads"]


def handlers():
    code = "".join(HANDLER.format(name=f"handle_{n:02}", how=HOWS[n % len(HOWS)])
                   for n in range(KINDS))
    namespace = {}
    exec(compile(code, "/srv/app/handlers.py", "exec"), namespace)
    return [namespace[f"handle_{n:02}"] for n in range(KINDS)]


def start(count, kinds, group):
    """So many tasks; a gather has three more."""
    services = {kind: Service() for kind in kinds}
    while count > 0:
        for kind, service in services.items():
            group.create_task(kind(service))
            count -= 4 if kind.__name__.endswith(("4",)) else 1


async def main(incident, count, seconds):
    kinds = handlers()
    async with asyncio.TaskGroup() as group:
        start(count // 2, kinds[::2], group)
        await asyncio.sleep(0)
        group.create_task(incident(), name="incident")
        await asyncio.sleep(0)
        start(count // 2, kinds[1::2], group)
        if seconds is not None:
            await asyncio.sleep(seconds)
            truth.ready(settle=False)


def run(incident, seconds=0.3):
    """With `seconds` None it is the incident that says when it is there."""
    asyncio.run(main(incident, int(sys.argv[1]) if len(sys.argv) > 1 else 100, seconds))


def soon(callback, *args):
    """Blocks the loop by the callback, once all others stand still."""
    def block():
        truth.ready(settle=False)
        callback(*args)
    asyncio.get_running_loop().call_later(0.3, block)


async def silent_peer():
    """A stream to somebody who never says anything."""
    async def accept(reader, writer):
        await asyncio.sleep(3600)
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    stream = await asyncio.open_connection(*server.sockets[0].getsockname())
    return stream, server
