"""What tasks wait for outside the process: sockets, streams, pipes and child processes, and
what is true of them."""
import asyncio
import os
import socket
import ssl
import tempfile
import warnings

import truth

warnings.simplefilter("ignore", ResourceWarning)
FOLDER = tempfile.mkdtemp(dir=os.path.dirname(__file__))
kept = []  # what must not be collected, or closed by it


def keep(thing):
    kept.append(thing)
    return thing


# ---------------------------------------------------------------- what is true

def address_text(address):
    """As asynctree writes an address of the socket module."""
    if isinstance(address, bytes):
        address = "@" + address[1:].decode()
    if isinstance(address, tuple):
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        address = f"{host}:{address[1]}"
    return address or None


def peer_of(sock):
    """The kernel lists no peer of a Unix socket."""
    try:
        return None if sock.family == socket.AF_UNIX else address_text(sock.getpeername())
    except OSError:
        return None


def on_socket(kind, op, object, sock, **more):
    return {"kind": kind, "op": op, "object": object, "fd": sock.fileno(),
            "local": address_text(sock.getsockname()), "peer": peer_of(sock), **more}


def on_pipe(op, object, fd):
    return {"kind": "pipe", "op": op, "object": object, "fd": fd,
            "local": os.readlink(f"/proc/self/fd/{fd}"), "peer": None}


def on_process(process, **more):
    with open(f"/proc/{process.pid}/cmdline") as file:
        argv = file.read().split("\0")[:-1]
    return {"kind": "process", "object": process._transport, "pid": process.pid,
            "argv": argv, **more}


def on_communicating(scene, process):
    """Process.communicate() reads and feeds the pipes by tasks of its own."""
    return on_process(process, tasks=[task for task in scene.task._fut_waiter._children
                                      if not task.done()])


def on_future(scene):
    return {"kind": "future", "object": scene.task._fut_waiter}


def variable(scene, name):
    """What the innermost frame of the task that has such a variable has in it."""
    truth.Chain.HIDDEN = truth.Chain.HIDDEN or truth._hidden_types()
    links = truth.Chain(scene.task.get_coro()).links
    return next(frame.f_locals[name] for frame, _, _ in reversed(links)
                if name in frame.f_locals)


# ---------------------------------------------------------------- what there is to wait for

def pair(scene, family=socket.AF_UNIX, kind=socket.SOCK_STREAM):
    """Two ends, the first one of the class that the variant wants."""
    mine, other = socket.socketpair(family, kind)
    mine = scene.make(socket.socket, fileno=mine.detach())
    for sock in mine, other:
        keep(sock).setblocking(False)
    return mine, other


def listener(family=socket.AF_INET, address=("127.0.0.1", 0), backlog=10):
    sock = keep(socket.socket(family))
    sock.setblocking(False)
    sock.bind(address)
    sock.listen(backlog)
    return sock


def connected(scene):
    """Both ends of a TCP connection, ours first."""
    server = listener()
    mine = keep(scene.make(socket.socket))
    mine.connect(server.getsockname())
    mine.setblocking(False)
    return mine, keep(server.accept()[0])


def silent_address(family=socket.AF_INET, host="127.0.0.1"):
    """Where connecting takes as long as one likes: the queue of the listener is full."""
    address = listener(family, (host, 0), 0).getsockname()
    for _ in range(3):
        sock = keep(socket.socket(family))
        sock.setblocking(False)
        sock.connect_ex(address)
    return address


async def stream(scene, sock):
    """A reader, of the class that the variant wants, and its writer."""
    loop = asyncio.get_running_loop()
    reader = scene.make(asyncio.StreamReader, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, sock=sock)
    return keep(reader), keep(scene.make(asyncio.StreamWriter, transport, protocol, reader, loop))


async def tls_stream():
    async def connected(reader, writer):
        keep(reader), keep(writer)

    server = keep(await asyncio.start_server(connected, "127.0.0.1", 0,
                                             ssl=tls_context(ssl.PROTOCOL_TLS_SERVER)))
    reader, writer = await asyncio.open_connection(
        *server.sockets[0].getsockname(), ssl=tls_context(ssl.PROTOCOL_TLS_CLIENT))
    return keep(reader), keep(writer)


def stuff(writer):
    """Until it must wait for the other end."""
    while not writer._protocol._paused:
        writer.write(b"x" * (1 << 16))


async def pipe_reader(scene, fd):
    loop = asyncio.get_running_loop()
    reader = keep(scene.make(asyncio.StreamReader, loop=loop))
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader, loop=loop),
                                 keep(open(fd, "rb", 0)))
    return reader


async def child(*argv, **kwargs):
    return keep(await asyncio.create_subprocess_exec(
        *(argv or ("sh", "-c", "sleep 3600; true", "a b", "\xe9\t")), **kwargs))


def tls_context(purpose):
    """Without certificates."""
    context = ssl.SSLContext(purpose)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    if purpose == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
