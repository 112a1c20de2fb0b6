"""A second process that images are made of: what target.py has none of.

Waits for the world outside, what stands behind futures, what went wrong.
"""
import asyncio
import concurrent.futures
import os
import socket
import ssl
import tempfile
import time

kept = []


def keep(thing):
    kept.append(thing)
    return thing


async def wait_for(thing):
    return await thing


def pair():
    ends = keep(socket.socketpair())
    for end in ends:
        end.setblocking(False)
    return ends[0]


def listener():
    server = keep(socket.create_server(("127.0.0.1", 0), backlog=0))
    server.setblocking(False)
    return server


def silent_address():
    """Where connecting takes for ever: the queue of the listener is full."""
    address = listener().getsockname()
    for _ in range(3):
        one = keep(socket.socket())
        one.setblocking(False)
        one.connect_ex(address)
    return address


async def connect():
    one = keep(socket.socket())
    one.setblocking(False)
    await asyncio.get_running_loop().sock_connect(one, silent_address())


async def handshake(end):
    await asyncio.open_connection(sock=end, ssl=ssl.create_default_context(),
                                  server_hostname="localhost")


async def start_tls(end):
    _, writer = keep(await asyncio.open_connection(sock=end))
    await writer.start_tls(ssl.create_default_context(), server_hostname="localhost")


async def closing(end):
    _, writer = keep(await asyncio.open_connection(sock=end))
    writer.write(bytes(1 << 22))
    writer.close()
    await writer.wait_closed()


async def read_pipe():
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    ends = os.pipe()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader),
                                 keep(open(ends[0], "rb", 0)))
    await reader.read(1)


async def write_pipe():
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, keep(open(os.pipe()[1], "wb", 0)))
    transport.write(bytes(1 << 20))
    await keep(asyncio.StreamWriter(transport, protocol, None, loop)).drain()


async def send_file(end):
    file = keep(tempfile.TemporaryFile())
    file.truncate(1 << 24)
    _, writer = keep(await asyncio.open_connection(sock=end))
    await asyncio.get_running_loop().sendfile(writer.transport, file)


async def children():
    pipe = asyncio.subprocess.PIPE
    yield (await child("sleep", "60", stdin=pipe, stdout=pipe)).communicate()
    yield (await child("sleep", "60", stdout=pipe)).stdout.readline()
    yield (await child("sleep", "60"))._transport._wait()
    yield (await child("sleep", "60")).wait()


async def child(*argv, **kwargs):
    return keep(await asyncio.create_subprocess_exec(*argv, **kwargs))


def futures(loop):
    """Those of other threads, and what asyncio makes of one."""
    pool = keep(concurrent.futures.ThreadPoolExecutor(1))
    loop.set_default_executor(keep(concurrent.futures.ThreadPoolExecutor(1)))
    yield asyncio.to_thread(time.sleep, 3600)
    yield asyncio.to_thread(print, "queued")
    yield loop.getaddrinfo("localhost", 80)
    yield wait_for(asyncio.wrap_future(pool.submit(time.sleep, 3600)))
    yield wait_for(asyncio.wrap_future(pool.submit(str.upper, "queued")))
    yield wait_for(asyncio.wrap_future(
        asyncio.run_coroutine_threadsafe(asyncio.sleep(3600), loop)))
    yield wait_for(asyncio.shield(asyncio.wrap_future(pool.submit(print))))
    yield first_of(asyncio.as_completed([asyncio.sleep(3600), asyncio.sleep(3601)]))
    yield wait_for(asyncio.gather(asyncio.shield(loop.create_future()), connect()))


async def first_of(iterator):
    for one in iterator:
        await one


async def refuses():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        await asyncio.sleep(3600)


async def cleans_up():
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.shield(asyncio.sleep(3600))


async def forgives():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        pass
    await asyncio.sleep(3600)


async def fails(depth):
    if depth:
        await fails(depth - 1)
    try:
        raise KeyError("no such row", depth)
    except KeyError as error:
        raise ValueError("é", 5, 1 << 80) from error


async def holds(*things):
    async with things[0], things[1], asyncio.timeout(3600):
        await asyncio.sleep(3600)


async def wants(thing):
    async with thing:
        pass


async def main():
    loop = asyncio.get_running_loop()
    make = asyncio.create_task
    loop.set_debug(True)
    kept.append(make(asyncio.sleep(3600), name="remembers"))
    kept.append(asyncio.tasks._PyTask(wait_for(loop.create_future()), loop=loop))
    loop.set_debug(False)
    failed = [make(fails(2)), asyncio.tasks._PyTask(fails(0), loop=loop)]
    cancelled = [make(coroutine()) for coroutine in (refuses, cleans_up, forgives)]
    kept.extend(map(make, futures(loop)))
    kept.extend(map(make, (
        connect(), loop.sock_accept(listener()), asyncio.open_connection(*silent_address()),
        loop.sock_recv_into(pair(), bytearray(1)), handshake(pair()), start_tls(pair()),
        closing(pair()), read_pipe(), write_pipe(), send_file(pair()))))
    async for coroutine in children():
        kept.append(make(coroutine))
    bounded, condition = asyncio.BoundedSemaphore(1), asyncio.Condition()
    kept.extend(map(make, (holds(bounded, condition), wants(bounded), wants(condition))))
    await asyncio.sleep(0.2)
    for task in cancelled:
        task.cancel()
    await asyncio.sleep(3600)
    del failed


asyncio.run(main())
