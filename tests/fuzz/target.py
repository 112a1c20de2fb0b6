"""The process that most images in tests/fuzz/images are of: a little of everything.

record-images makes them.
"""
import asyncio
import asyncio.tasks
import concurrent.futures
import contextlib
import functools
import socket
import threading
import time


class Subclass(asyncio.Task):
    pass


async def sleeper():
    await asyncio.sleep(3600)


async def link(depth):
    if depth:
        await link(depth - 1)
    else:
        await sleeper()


async def wait_for(thing):
    await thing


async def items():
    while True:
        await sleeper()
        yield 1


async def consumer():
    async for _ in items():
        pass


async def anext_of():
    await anext(items(), None)


async def group():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper(), name="in group é")
        tasks.create_task(link(3))
        await sleeper()


async def leaving():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper())


class Iterator:
    def __await__(self):
        return wait_for(sleeper()).__await__()


async def awaits_iterator():
    await Iterator()


class Foreign:
    """A third party's task."""

    def __init__(self, loop):
        self._loop = loop
        self._coro = wait_for(loop.create_future())
        self._name = "foreign"
        self._fut_waiter = self._coro.send(None)
        asyncio.tasks._register_task(self)

    def done(self):
        return False

    def get_loop(self):
        return self._loop


async def on_condition(condition):
    async with condition:
        await condition.wait()


async def limited():
    async with asyncio.timeout(3600):
        await sleeper()


@contextlib.asynccontextmanager
async def holding(lock):
    async with lock:
        yield


async def holder(lock):
    async with holding(lock), contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.Semaphore(1))
        await sleeper()


async def stream_reader(end):
    reader, _ = await asyncio.open_connection(sock=end)
    await reader.readline()


async def stream_writer(end):
    _, writer = await asyncio.open_connection(sock=end)
    while True:
        writer.write(bytes(1 << 16))
        await writer.drain()


async def child():
    process = await asyncio.create_subprocess_exec("sleep", "30")
    await process.wait()


async def served(reader, writer):
    await reader.read()


def wait_for_io(loop):
    """One of each kind that asyncio itself offers."""
    for end in (pairs := [socket.socketpair() for _ in range(4)]):
        end[0].setblocking(False)
    yield loop.sock_recv(pairs[0][0], 1)
    yield loop.sock_sendall(pairs[1][0], bytes(1 << 22))
    yield stream_reader(pairs[2][0])
    yield stream_writer(pairs[3][0])
    yield child()
    kept.append(pairs)


async def serve():
    server = await asyncio.start_server(served, "127.0.0.1", 0)
    kept.append(await asyncio.open_connection(*server.sockets[0].getsockname()))
    await server.serve_forever()


kept = []


async def main():
    loop = asyncio.get_running_loop()
    make = asyncio.create_task
    shared = make(sleeper(), name="shared")
    kept.extend(make(c) for c in (
        link(5), consumer(), anext_of(), group(), leaving(), awaits_iterator(),
        wait_for(shared), wait_for(shared), wait_for(asyncio.shield(make(sleeper()))),
        asyncio.wait_for(sleeper(), 3600)))
    kept.append(make(wait_for(asyncio.gather(sleeper(), sleeper(), shared))))
    kept.append(make(asyncio.wait([make(sleeper()), make(sleeper())])))
    kept.append(Subclass(wait_for(loop.create_future()), loop=loop))
    kept.append(asyncio.tasks._PyTask(wait_for(asyncio.futures._PyFuture(loop=loop)), loop=loop))
    kept.append(asyncio.tasks._PyTask(wait_for(shared), loop=loop, name="python"))
    kept.append(Foreign(loop))
    one, two, lock = asyncio.Event(), asyncio.Event(), asyncio.Lock()
    await lock.acquire()
    kept.extend(make(c) for c in (
        lock.acquire(), asyncio.Queue().get(), on_condition(asyncio.Condition()),
        asyncio.Barrier(2).wait(), limited(), asyncio.to_thread(time.sleep, 3600)))
    held, full, pool = asyncio.Lock(), asyncio.Queue(1), concurrent.futures.ThreadPoolExecutor(1)
    full.put_nowait(1)
    kept.extend(make(c) for c in (
        holder(held), holding(held).__aenter__(), full.put(2), full.join(), serve(),
        *wait_for_io(loop)))
    for function in time.sleep, functools.partial(time.sleep, 30):
        kept.append(make(wait_for(loop.run_in_executor(pool, function, 3600))))
    kept.append(make(one.wait()))
    cycle = []

    async def circle(other):
        await asyncio.sleep(0)
        await cycle[other]

    cycle.extend((make(circle(1)), make(circle(0))))
    kept.extend(cycle)
    await asyncio.sleep(0.2)
    kept.append(make(two.wait(), name="last"))


def busy():
    async def blocking():
        make = asyncio.create_task
        kept.append(make(sleeper(), name="in thread"))
        await asyncio.sleep(0)
        time.sleep(3600)

    async def outer():
        await blocking()

    asyncio.run(outer())


async def forever():
    await main()
    await sleeper()


threading.Thread(target=busy, daemon=True, name="busy").start()
asyncio.run(forever())
