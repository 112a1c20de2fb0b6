"""A Tornado service that rests: handlers that wait in the ways of asyncio and of Tornado,
coroutines by generators among them, and clients of its own for them."""
import asyncio
import datetime

import tornado.gen
import tornado.httpclient
import tornado.ioloop
import tornado.locks
import tornado.queues
import tornado.tcpclient
import tornado.web

import truth

lock = asyncio.Lock()
their_lock = tornado.locks.Lock()
their_queue = tornado.queues.Queue()


async def ask_database():
    await asyncio.sleep(3600)


class Sleeping(tornado.web.RequestHandler):
    async def get(self):
        await ask_database()


class Locking(tornado.web.RequestHandler):
    async def get(self):
        async with lock:
            await ask_database()


class Theirs(tornado.web.RequestHandler):
    async def get(self):
        async with their_lock:
            await their_queue.get()


class Generator(tornado.web.RequestHandler):
    @tornado.gen.coroutine
    def get(self):
        yield self.deeper()

    @tornado.gen.coroutine
    def deeper(self):
        yield tornado.gen.with_timeout(datetime.timedelta(hours=2), ask_database())


class Streaming(tornado.web.RequestHandler):
    async def get(self):
        await self.flush()
        await tornado.gen.sleep(3600)


PATHS = {"sleeping": (Sleeping, 2), "locking": (Locking, 3), "theirs": (Theirs, 3),
         "generator": (Generator, 1), "streaming": (Streaming, 1)}


async def client(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await reader.readuntil(b"the end")


async def their_client(port):
    stream = await tornado.tcpclient.TCPClient().connect("127.0.0.1", port)
    await stream.read_until(b"the end")


async def main():
    application = tornado.web.Application(
        [(f"/{path}", handler) for path, (handler, _) in PATHS.items()])
    server = application.listen(0, "127.0.0.1")
    port = next(iter(server._sockets.values())).getsockname()[1]
    async with asyncio.TaskGroup() as group:
        for path, (_, count) in PATHS.items():
            for number in range(count):
                group.create_task(client(port, path), name=f"client-{path}-{number}")
        group.create_task(their_client(port), name="their client")
        tornado.ioloop.IOLoop.current().call_later(1, truth.ready)


asyncio.run(main())
