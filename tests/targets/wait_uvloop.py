"""Tasks on uvloop, whose loop and transports are no Python objects, that wait for sockets,
streams, pipes and child processes."""
import asyncio
import os
import ssl

import situations
from endpoints import (FOLDER, address_text, child, connected, keep, listener, on_communicating,
                       on_future, on_pipe, on_process, on_socket, pair, pipe_reader,
                       silent_address, stream, stuff, tls_context, tls_stream)
from situations import situation


def untold(kind, op, object):
    """That is all that can be told."""
    return {"kind": kind, "op": op, "object": object, "fd": None, "local": None, "peer": None}


@situation
async def stream_read(scene):
    mine, _ = connected(scene)
    reader, writer = await stream(scene, mine)

    async def wait():
        await reader.readline()

    return wait, lambda: on_socket("stream", "read", reader,
                                   writer.get_extra_info("socket"))


@situation
async def stream_drain(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)
    stuff(writer)

    async def wait():
        await writer.drain()

    return wait, lambda: on_socket("stream", "drain", writer, writer.get_extra_info("socket"))


@situation
async def unix(scene):
    """The end of the server, which has the name."""
    path = f"{FOLDER}/uvloop.{scene.variant}"
    readers = []

    async def serve(reader, writer):
        readers.append((reader, writer))

    keep(await asyncio.start_unix_server(serve, path))
    keep(await asyncio.open_unix_connection(path))
    while not readers:
        await asyncio.sleep(0.001)
    reader, writer = keep(readers[0])

    async def wait():
        await reader.read(1)

    return wait, lambda: on_socket("stream", "read", reader, writer.get_extra_info("socket"),
                                   local=address_text(path))


@situation
async def tls_read(scene):
    reader, writer = await tls_stream()

    async def wait():
        await reader.read()

    return wait, lambda: untold("stream", "read", reader)


@situation
def open_connection(scene):
    address = silent_address()

    async def wait():
        await asyncio.open_connection(*address)

    return wait, lambda: untold("socket", "connect", None)


@situation
async def start_tls(scene):
    mine, _ = connected(scene)
    _, writer = await stream(scene, mine)

    async def wait():
        await writer.start_tls(tls_context(ssl.PROTOCOL_TLS_CLIENT))

    return wait, lambda: on_socket("stream", "handshake", writer,
                                   writer.get_extra_info("socket"))


@situation
async def pipe_read(scene):
    fd, _ = os.pipe()
    reader = await pipe_reader(scene, fd)

    async def wait():
        await reader.read()

    return wait, lambda: on_pipe("read", reader, fd)


@situation
async def process_wait(scene):
    process = await child()

    async def wait():
        await process.wait()

    return wait, lambda: on_process(process)


@situation
async def communicate(scene):
    process = await child(stdout=asyncio.subprocess.PIPE)

    async def wait():
        await process.communicate()

    return wait, lambda: on_communicating(scene, process)


@situation
async def process_stdout(scene):
    """uvloop has a socket for a pipe."""
    process = await child(stdout=asyncio.subprocess.PIPE)

    async def wait():
        await process.stdout.readline()

    return wait, lambda: on_socket("pipe", "read", process.stdout,
                                   process.stdout._transport.get_extra_info("socket"))


@situation
def sock_recv(scene):
    """No frame of it, and no object, can be told from a user's."""
    mine, _ = pair(scene)

    async def wait():
        await asyncio.get_running_loop().sock_recv(mine, 10)

    return wait, lambda: on_future(scene)


@situation
def sock_accept(scene):
    mine = listener()

    async def wait():
        await asyncio.get_running_loop().sock_accept(mine)

    return wait, lambda: on_future(scene)


@situation
async def serve_forever(scene):
    server = keep(await asyncio.start_server(lambda *_: None, "127.0.0.1", 0))

    async def wait():
        await server.serve_forever()

    return wait, lambda: on_future(scene)


@situation(name="stream", variants=("decoy",))
def stream_decoy(scene):
    """A transport that is called as one of uvloop's."""
    TCPTransport = type("TCPTransport", (), {"__module__": "uvloop.loop",
                                             "is_closing": lambda self: False})
    reader = keep(asyncio.StreamReader(loop=asyncio.get_running_loop()))
    reader.set_transport(TCPTransport())
    return reader.read, lambda: untold("stream", "read", reader)


situations.main()
