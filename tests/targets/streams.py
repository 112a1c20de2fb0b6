"""A server and its clients in one process, on asyncio's own streams."""
import asyncio

import truth


class EchoProtocol(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()


async def client(port, number):
    async with asyncio.timeout(3000):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(number):
            writer.write(b"hello\n")
            await reader.readline()
        await reader.readexactly(1)


async def raw_client(port):
    import socket
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_recv(sock, 1)


async def blocked_writer(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        writer.write(b"x" * (1 << 20))
        await writer.drain()


async def deaf(reader, writer):
    reader._transport.pause_reading()
    await asyncio.sleep(3600)


async def subprocess():
    process = await asyncio.create_subprocess_exec("sleep", "3600")
    await process.wait()


async def main():
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    deaf_server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    protocol_server = await loop.create_server(EchoProtocol, "127.0.0.1", 0)
    port, deaf_port, protocol_port = (
        one.sockets[0].getsockname()[1] for one in (server, deaf_server, protocol_server))
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(client(port, number), name=f"client-{number}")
            group.create_task(client(protocol_port, number), name=f"protocol-{number}")
        group.create_task(raw_client(port), name="raw")
        group.create_task(blocked_writer(deaf_port), name="blocked writer")
        group.create_task(server.serve_forever(), name="serving")
        group.create_task(subprocess(), name="subprocess")
        group.create_task(run_in_thread(), name="in thread")
        loop.call_later(0.3, truth.ready)


async def run_in_thread():
    import threading
    event = threading.Event()
    await asyncio.get_running_loop().run_in_executor(None, event.wait)


asyncio.run(main())
