"""Full queues that something far from their putters may yet get from, and some that
nothing will get from: their tasks are called "deserted"."""
import asyncio
import functools
import signal
import threading

import truth

HOUR = 3600


async def put(queue):
    while True:
        await queue.put(1)


def start(name, queue, *users):
    for coroutine in (put(queue), put(queue), *users):
        tasks.append(asyncio.create_task(coroutine, name=name))


def new():
    queue = asyncio.Queue(2)
    return queue


class Bus:
    def __init__(self):
        self.queue = new()


class Slots:
    __slots__ = "first", "queue"

    def __init__(self):
        self.queue = new()


class Service:
    def __init__(self, bus):
        self.bus = bus

    async def consume(self):
        while True:
            await self.bus.queue.get()
            await asyncio.sleep(HOUR)

    async def produce(self):
        await put(self.bus.queue)

    def drain(self):
        self.bus.queue.get_nowait()


async def items(queue):
    while True:
        yield await queue.get()


async def iterate(source):
    async for _ in source:
        await asyncio.sleep(HOUR)


async def by_name():
    while True:
        await NAMED.get()
        await asyncio.sleep(HOUR)


async def by_entry(queues):
    for name in "first", "second":
        await queues[name][0].get()
        await asyncio.sleep(HOUR)


async def consume_one(queue):
    await queue.get()


class Protocol(asyncio.Protocol):
    def __init__(self, bus):
        self.bus = bus

    def data_received(self, data):
        self.bus.queue.get_nowait()


def drain(loop, queue):
    asyncio.run_coroutine_threadsafe(queue.get(), loop).result()
    threading.Event().wait()


async def start_all():
    global NAMED, NAMED_BUT_LEFT
    loop = asyncio.get_running_loop()
    for bus in Bus(), Slots():
        service = Service(bus)
        start("attributes", bus.queue, service.consume())
    queue = new()
    start("generator", queue, iterate(items(queue)))
    NAMED = new()
    start("name", NAMED, by_name())
    queue = new()
    start("entry", queue, by_entry({"first": (queue, 1)}))
    queue = new()
    start("timer", queue)
    loop.call_later(HOUR, queue.get_nowait)
    service = Service(Bus())
    start("timer's method", service.bus.queue)
    loop.call_later(HOUR, functools.partial(service.drain))
    queue = new()
    start("closure", queue)
    loop.call_later(HOUR, lambda: queue.get_nowait())
    bus = Bus()
    start("protocol", bus.queue)
    server = await loop.create_server(lambda: Protocol(bus), "127.0.0.1", 0)
    tasks.append((server, await loop.create_connection(
        lambda: Protocol(bus), *server.sockets[0].getsockname())))
    thread_queue = new()
    start("thread", thread_queue)
    threading.Thread(target=drain, args=(loop, thread_queue), daemon=True).start()
    signal_queue = new()
    start("signal", signal_queue)
    loop.add_signal_handler(signal.SIGUSR2, signal_queue.get_nowait)

    dead = new()
    start("deserted", dead, consume_one(dead))
    NAMED_BUT_LEFT = new()
    start("deserted", NAMED_BUT_LEFT)
    service = Service(Bus())
    for _ in range(2):
        tasks.append(asyncio.create_task(service.produce(), name="deserted"))


async def main():
    await start_all()
    await asyncio.sleep(0.1)
    await stays()


async def stays():
    truth.ready()
    await asyncio.Event().wait()


tasks = []
asyncio.run(main())
