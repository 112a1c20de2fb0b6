"""Tasks that wait for sockets, streams, pipes and child processes."""
import asyncio
import os
import socket
import sys
import ssl
import tempfile

import situations
from endpoints import (FOLDER, address_text, child, connected, keep, listener, on_communicating,
                       on_future, on_pipe, on_process, on_socket, pair, pipe_reader,
                       silent_address, stream, stuff, tls_context, tls_stream, variable)
from situations import situation

# ---------------------------------------------------------------- sockets

def reading(name, call, kind=socket.SOCK_STREAM):
    @situation(name=name)
    def read(scene):
        mine, _ = pair(scene, kind=kind)

        async def wait():
            await call(asyncio.get_running_loop(), mine)

        return wait, lambda: on_socket("socket", "read", mine, mine)


reading("sock_recv", lambda loop, sock: loop.sock_recv(sock, 10))
reading("sock_recv_into", lambda loop, sock: loop.sock_recv_into(sock, bytearray(10)))
reading("sock_recvfrom", lambda loop, sock: loop.sock_recvfrom(sock, 10), socket.SOCK_DGRAM)
reading("sock_recvfrom_into", lambda loop, sock: loop.sock_recvfrom_into(sock, bytearray(10)),
        socket.SOCK_DGRAM)


@situation
def sock_recv_tcp(scene):
    mine, _ = connected(scene)

    async def wait():
        await asyncio.get_running_loop().sock_recv(mine, 10)

    return wait, lambda: on_socket("socket", "read", mine, mine)


@situation
def sock_recvfrom_udp(scene):
    mine = keep(scene.make(socket.socket, socket.AF_INET, socket.SOCK_DGRAM))
    mine.setblocking(False)
    mine.bind(("127.0.0.1", 0))
    if scene.variant == "group":
        mine.connect(("127.0.0.1", 9))

    async def wait():
        await asyncio.get_running_loop().sock_recvfrom(mine, 10)

    return wait, lambda: on_socket("socket", "read", mine, mine)


@situation
def sock_recvfrom_udp6(scene):
    mine = keep(scene.make(socket.socket, socket.AF_INET6, socket.SOCK_DGRAM))
    mine.setblocking(False)
    mine.bind(("::1", 0))

    async def wait():
        await asyncio.get_running_loop().sock_recvfrom(mine, 10)

    return wait, lambda: on_socket("socket", "read", mine, mine)


@situation
def sock_sendall(scene):
    mine, _ = connected(scene)

    async def wait():
        await asyncio.get_running_loop().sock_sendall(mine, b"x" * (1 << 24))

    return wait, lambda: on_socket("socket", "write", mine, mine)


@situation
def sock_sendto(scene):
    """To a Unix datagram socket that is full."""
    path = f"{FOLDER}/datagram.{scene.variant}"
    other = keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    other.bind(path)
    mine = keep(scene.make(socket.socket, socket.AF_UNIX, socket.SOCK_DGRAM))
    mine.setblocking(False)
    mine.connect(path)

    async def wait():
        while True:
            await asyncio.get_running_loop().sock_sendto(mine, b"x" * 1000, path)

    return wait, lambda: on_socket("socket", "write", mine, mine)


@situation
def sock_connect(scene):
    mine = keep(scene.make(socket.socket))
    mine.setblocking(False)
    address = silent_address()

    async def wait():
        await asyncio.get_running_loop().sock_connect(mine, address)

    return wait, lambda: on_socket("socket", "connect", mine, mine,
                                   peer=address_text(address))


@situation
def sock_accept(scene):
    server = listener()
    mine = keep(scene.make(socket.socket, fileno=server.detach()))

    async def wait():
        await asyncio.get_running_loop().sock_accept(mine)

    return wait, lambda: on_socket("socket", "accept", mine, mine)


def a_file():
    file = keep(tempfile.TemporaryFile())
    file.write(b"x" * (1 << 24))
    file.seek(0)
    return file


@situation
def sock_sendfile(scene):
    mine, _ = connected(scene)

    async def wait():
        await asyncio.get_running_loop().sock_sendfile(mine, a_file())

    return wait, lambda: on_socket("socket", "write", mine, mine)


@situation
async def sendfile(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)

    async def wait():
        await asyncio.get_running_loop().sendfile(writer.transport, a_file())

    return wait, lambda: on_socket("socket", "write", variable(scene, "sock"), mine)


@situation
async def sendfile_behind_data(scene):
    """What was written before must go first."""
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)
    stuff(writer)

    async def wait():
        await asyncio.get_running_loop().sendfile(writer.transport, a_file())

    return wait, lambda: on_socket("socket", "write", writer.transport, mine)


def connecting(name, connect, *silent):
    @situation(name=name)
    def connect_to(scene):
        address = silent_address(*silent)

        async def wait():
            await connect(asyncio.get_running_loop(), *address[:2])

        def tell():
            sock = variable(scene, "sock")
            return on_socket("socket", "connect", sock, sock, peer=address_text(address))

        return wait, tell


connecting("open_connection", lambda loop, *address: asyncio.open_connection(*address))
connecting("open_connection 6", lambda loop, *address: asyncio.open_connection(*address),
           socket.AF_INET6, "::1")
connecting("create_connection", lambda loop, *address: loop.create_connection(
    asyncio.Protocol, *address))


@situation
async def serve_forever(scene):
    async def connected(reader, writer):
        pass

    server = keep(await asyncio.start_server(connected, "127.0.0.1", 0))
    if scene.variant == "subclassed":
        server.__class__ = type("MyServer", (type(server),), {})

    async def wait():
        await server.serve_forever()

    return wait, lambda: on_socket("socket", "accept", server, server.sockets[0])


@situation
async def server_closes(scene):
    """It waits for a connection to end."""
    path = f"{FOLDER}/closes.{scene.variant}"

    async def connected(reader, writer):
        keep(reader), keep(writer)

    server = keep(await asyncio.start_unix_server(connected, path))
    keep(await asyncio.open_unix_connection(path))
    await scene.settle()
    # In 3.11 nobody waits for the connections of a server that is closed.
    if scene.variant == "plain" and sys.version_info >= (3, 12):
        server.close()

    async def wait():
        await server.wait_closed()

    def tell():
        if server.sockets:
            return on_socket("socket", "close", server, server.sockets[0])
        return {"kind": "socket", "op": "close", "object": server, "fd": None, "local": None,
                "peer": None}

    return wait, tell


# ---------------------------------------------------------------- streams

async def read_lines(reader):
    async for _ in reader:
        pass


READS = {
    "read": lambda reader: reader.read(10),
    "read all": lambda reader: reader.read(),
    "readline": lambda reader: reader.readline(),
    "readexactly": lambda reader: reader.readexactly(10),
    "readuntil": lambda reader: reader.readuntil(b"!"),
    "async for": read_lines,
}


def stream_reading(name, call):
    @situation(name=f"stream {name}")
    async def stream_read(scene):
        mine, _ = connected(scene)
        reader, _ = await stream(scene, mine)

        async def wait():
            await call(reader)

        return wait, lambda: on_socket("stream", "read", reader, mine)


for name, call in READS.items():
    stream_reading(name, call)


@situation
async def stream_drain(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)
    stuff(writer)

    async def wait():
        await writer.drain()

    return wait, lambda: on_socket("stream", "drain", writer, mine)


@situation
async def stream_wait_closed(scene):
    """What was written must go out first."""
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)
    stuff(writer)
    writer.close()

    async def wait():
        await writer.wait_closed()

    return wait, lambda: on_socket("stream", "close", writer, mine)


def unix_stream(name, address):
    @situation(name=name)
    async def unix(scene):
        """The end of the server, which has the name."""
        server = listener(socket.AF_UNIX, address(scene))
        keep(socket.socket(socket.AF_UNIX)).connect(address(scene))
        mine = server.accept()[0]
        reader, _ = await stream(scene, mine)

        async def wait():
            await reader.read(1)

        return wait, lambda: on_socket("stream", "read", reader, mine,
                                       local=address_text(address(scene)))


unix_stream("unix", lambda scene: f"{FOLDER}/a socket\\.{scene.variant}")
unix_stream("abstract", lambda scene: f"\0asynctree {os.getpid()}".encode()
            + scene.variant.encode())


@situation
async def unix_client(scene):
    path = f"{FOLDER}/client.{scene.variant}"
    listener(socket.AF_UNIX, path)

    async def wait():
        scene.reader, scene.writer = await asyncio.open_unix_connection(path)
        await scene.reader.read()

    return wait, lambda: on_socket("stream", "read", scene.reader,
                                   scene.writer.get_extra_info("socket"))


# ---------------------------------------------------------------- TLS

@situation
async def tls_read(scene):
    reader, writer = await tls_stream()

    async def wait():
        await reader.read()

    return wait, lambda: on_socket("stream", "read", reader, writer.get_extra_info("socket"))


@situation
async def tls_connects(scene):
    """The server does not answer."""
    server = listener()

    async def wait():
        await asyncio.open_connection(*server.getsockname(), ssl=True)

    def tell():
        sock = variable(scene, "sock")
        return on_socket("socket", "handshake", sock, sock)

    return wait, tell


@situation
def tls_accepts(scene):
    """The client does not speak; a loop has a task of its own for that."""
    server = listener()
    keep(socket.create_connection(server.getsockname()))
    accepted = keep(scene.make(socket.socket, fileno=server.accept()[0].detach()))

    async def wait():
        await asyncio.get_running_loop()._accept_connection2(
            asyncio.Protocol, accepted, {}, tls_context(ssl.PROTOCOL_TLS_SERVER), None)

    return wait, lambda: on_socket("socket", "handshake", accepted, accepted)


@situation
async def start_tls(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)

    async def wait():
        await writer.start_tls(tls_context(ssl.PROTOCOL_TLS_CLIENT))

    return wait, lambda: on_socket("stream", "handshake", writer, mine)


@situation
async def loop_start_tls(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)

    async def wait():
        await asyncio.get_running_loop().start_tls(
            writer.transport, asyncio.Protocol(), tls_context(ssl.PROTOCOL_TLS_CLIENT))

    return wait, lambda: on_socket("socket", "handshake", writer.transport, mine)


# ---------------------------------------------------------------- pipes

@situation
async def pipe_read(scene):
    fd, _ = os.pipe()
    reader = await pipe_reader(scene, fd)

    async def wait():
        await reader.readline()

    return wait, lambda: on_pipe("read", reader, fd)


@situation
async def fifo_read(scene):
    path = f"{FOLDER}/fifo.{scene.variant}"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    reader = await pipe_reader(scene, fd)

    async def wait():
        await reader.read(1)

    return wait, lambda: on_pipe("read", reader, fd)


@situation
async def pipe_drain(scene):
    loop = asyncio.get_running_loop()
    _, fd = os.pipe()
    transport, protocol = await loop.connect_write_pipe(
        lambda: scene.make(asyncio.streams.FlowControlMixin, loop=loop), keep(open(fd, "wb", 0)))
    writer = keep(asyncio.StreamWriter(transport, protocol, None, loop))
    stuff(writer)

    async def wait():
        await writer.drain()

    return wait, lambda: on_pipe("drain", writer, fd)


@situation
async def protocol_drain(scene):
    """A user's protocol, without a writer."""
    loop = asyncio.get_running_loop()

    class Protocol(asyncio.streams.FlowControlMixin):
        def connection_made(self, transport):
            self._transport = transport

    mine, _ = connected(scene)
    transport, protocol = await loop.create_connection(Protocol, sock=mine)
    stuff(keep(asyncio.StreamWriter(transport, protocol, None, loop)))

    async def wait():
        await protocol._drain_helper()

    return wait, lambda: on_socket("stream", "drain", protocol, mine)


# ---------------------------------------------------------------- child processes

@situation
async def process_wait(scene):
    process = await child()
    if scene.variant == "subclassed":
        process.__class__ = type("MyProcess", (type(process),), {})

    async def wait():
        await process.wait()

    return wait, lambda: on_process(process)


@situation
async def process_shell(scene):
    process = keep(await asyncio.create_subprocess_shell("sleep 3600; true"))

    async def wait():
        await process.wait()

    return wait, lambda: on_process(process)


@situation
async def communicate(scene):
    process = await child(stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)

    async def wait():
        await process.communicate(b"x" * (1 << 20))

    return wait, lambda: on_communicating(scene, process)


@situation
async def communicate_without_pipes(scene):
    process = await child()

    async def wait():
        await process.communicate()

    return wait, lambda: on_process(process)


@situation
async def process_stdout(scene):
    process = await child(stdout=asyncio.subprocess.PIPE)

    async def wait():
        async for _ in process.stdout:
            pass

    return wait, lambda: on_pipe("read", process.stdout, process.stdout._transport._fileno)


@situation
async def process_stdin(scene):
    process = await child(stdin=asyncio.subprocess.PIPE)
    stuff(process.stdin)

    async def wait():
        await process.stdin.drain()

    return wait, lambda: on_pipe("drain", process.stdin, process.stdin._transport._fileno)


@situation
async def process_starts(scene):
    """Its pipes are never connected."""
    class Loop(type(asyncio.get_running_loop())):
        async def connect_read_pipe(self, *_):
            await keep(self.create_future())

    async def wait():
        loop = asyncio.get_running_loop()
        loop.__class__ = Loop
        asyncio.get_running_loop().call_soon(asyncio.get_running_loop().call_soon, restore)
        await child(stdout=asyncio.subprocess.PIPE)

    def restore():
        asyncio.get_running_loop().__class__ = Loop.__base__

    def tell():
        transport = variable(scene, "transp")
        with open(f"/proc/{transport._pid}/cmdline") as file:
            argv = file.read().split("\0")[:-1]
        return {"kind": "process", "object": transport, "pid": transport._pid, "argv": argv}

    return wait, tell


# ---------------------------------------------------------------- what is none of these

@situation
async def protocol(scene):
    """A future of a user's protocol: who will end it only that knows."""
    class Protocol(asyncio.Protocol):
        def connection_made(self, transport):
            self.received = asyncio.get_running_loop().create_future()

    mine, _ = connected(scene)
    _, one = await asyncio.get_running_loop().create_connection(Protocol, sock=mine)

    async def wait():
        await one.received

    return wait, lambda: on_future(scene)


@situation
async def add_reader(scene):
    mine, _ = pair(scene)

    async def wait():
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(mine, readable.set_result, None)
        await readable

    return wait, lambda: on_future(scene)


@situation
async def datagrams(scene):
    class Protocol(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.received = asyncio.get_running_loop().create_future()

    transport, one = await asyncio.get_running_loop().create_datagram_endpoint(
        Protocol, local_addr=("127.0.0.1", 0))
    keep(transport)

    async def wait():
        await one.received

    return wait, lambda: on_future(scene)


@situation(name="sock_recv", variants=("decoy",))
def sock_recv_decoy(scene):
    mine, _ = pair(scene)

    class BaseSelectorEventLoop:
        async def sock_recv(self, sock, n):
            fut = asyncio.get_running_loop().create_future()
            fd = sock.fileno()
            await fut
            return fd

    recv = BaseSelectorEventLoop.sock_recv
    recv.__code__ = recv.__code__.replace(co_qualname="BaseSelectorEventLoop.sock_recv")
    return lambda: BaseSelectorEventLoop().sock_recv(mine, 10), lambda: on_future(scene)


@situation(name="stream", variants=("decoy",))
async def stream_decoy(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)

    class StreamReader:
        def __init__(self, transport):
            self._transport = transport

        async def _wait_for_data(self, func_name):
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    wait = StreamReader._wait_for_data
    wait.__code__ = wait.__code__.replace(co_qualname="StreamReader._wait_for_data")
    return (lambda: StreamReader(writer.transport)._wait_for_data("read"),
            lambda: on_future(scene))


@situation(name="borrowed", variants=("decoy",))
async def borrowed_decoy(scene):
    """asyncio's function, but an object of another class."""
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)

    class Reader:
        _waiter, _paused, _eof = None, False, False
        _loop = asyncio.get_running_loop()

    reader = Reader()
    reader._transport = writer.transport
    return (lambda: asyncio.StreamReader._wait_for_data(reader, "read"),
            lambda: on_future(scene))


@situation(name="process", variants=("decoy",))
async def process_decoy(scene):
    class Process:
        def __init__(self, process):
            self._transport, self.pid = process._transport, process.pid

        async def wait(self):
            await asyncio.get_running_loop().create_future()

    wait = Process.wait
    wait.__code__ = wait.__code__.replace(co_qualname="Process.wait")
    process = Process(await child())
    return process.wait, lambda: on_future(scene)


situations.main()
