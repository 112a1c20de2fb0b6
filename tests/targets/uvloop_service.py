"""A service on uvloop that rests: streams, groups, a queue, a lock."""
import asyncio

import uvloop

import truth


async def leaf():
    await asyncio.sleep(3600)


async def serve(reader, writer):
    await reader.readline()


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readexactly(1)


async def worker(queue):
    while True:
        await queue.get()


async def locked(lock):
    async with lock:
        await leaf()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    queue, lock = asyncio.Queue(), asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(client(port), name=f"client-{number}")
            group.create_task(worker(queue), name=f"worker-{number}")
            group.create_task(locked(lock), name=f"locked-{number}")
        group.create_task(asyncio.wait_for(leaf(), 3000), name="in time")
        asyncio.get_running_loop().call_later(0.2, truth.ready)


uvloop.run(main())
