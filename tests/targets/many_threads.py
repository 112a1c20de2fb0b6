"""200 threads: some busy in Python, some in C without the GIL, most blocked in some call.

Asked, it says how often the busy ones have come round.
"""
import asyncio
import hashlib
import json
import os
import select
import socket
import sys
import threading
import time

rounds = {"python": 0, "native": 0}
data = bytes(200_000)
lock = threading.Lock()
lock.acquire()
pair = socket.socketpair()


def busy_in_python():
    while True:
        rounds["python"] += 1
        sum(range(1000))


def busy_in_native_code():
    while True:
        hashlib.sha256(data)
        rounds["native"] += 1


def short_naps():
    while True:
        time.sleep(0.01)


def serve():
    print(json.dumps({"ready": True, "pid": os.getpid(), "extra": {}}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(rounds), flush=True)


THREADS = {
    lock.acquire: 40,
    threading.Event().wait: 40,
    lambda: time.sleep(3600): 30,
    lambda: pair[0].recv(1): 20,
    lambda: select.select([pair[0]], [], []): 18,
    short_naps: 30,
    busy_in_native_code: 14,
    busy_in_python: 6,  # last: from then on every other thread waits for its turn
}


async def main():
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(asyncio.sleep(3600), name=f"sleep-{number}")
        await asyncio.sleep(0)
        threading.Thread(target=serve, daemon=True).start()


for function, count in THREADS.items():
    for _ in range(count):
        threading.Thread(target=function, daemon=True).start()
asyncio.run(main())
