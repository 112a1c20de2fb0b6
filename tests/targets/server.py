"""HTTP servers of aiohttp, or of uvicorn on uvloop: under load, or idle."""
import asyncio
import http.client
import sys
import threading

import truth

REQUEST_LIMIT = 20_000


async def work(number):
    await asyncio.sleep(number % 5 / 1000)
    await asyncio.gather(*(asyncio.sleep(0.001) for _ in range(3)))
    return b"done"


async def stays():
    await asyncio.sleep(3600)


def keep_some():
    return [asyncio.get_running_loop().create_task(stays(), name=f"stays-{n}")
            for n in range(5)]


def load(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for number in range(REQUEST_LIMIT):
        connection.request("GET", f"/{number}")
        assert connection.getresponse().read() == b"done"
        if number == 20:
            truth.ready(settle=False)


def start_load(port):
    if "idle" in sys.argv:
        threading.Timer(0.3, truth.ready).start()
        return
    for _ in range(3):
        threading.Thread(target=load, args=(port,), name="client", daemon=True).start()


async def aiohttp_server():
    from aiohttp import web

    async def handle(request):
        return web.Response(body=await work(int(request.path[1:])))

    application = web.Application()
    application.router.add_route("*", "/{number}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    start_load(runner.addresses[0][1])
    await asyncio.gather(*keep_some())


async def application(scope, receive, send):
    assert scope["type"] == "http"
    body = await work(int(scope["path"][1:]))
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": body})


async def uvicorn_server():
    import uvicorn
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning",
                                           lifespan="off"))
    serving = asyncio.get_running_loop().create_task(server.serve(), name="serving")
    while not server.started:
        await asyncio.sleep(0.01)
    start_load(server.servers[0].sockets[0].getsockname()[1])
    await asyncio.gather(serving, *keep_some())


if sys.argv[1] == "aiohttp":
    asyncio.run(aiohttp_server())
else:
    import uvloop
    uvloop.run(uvicorn_server())
