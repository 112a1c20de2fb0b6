"""The main thread has ended by itself; a loop runs in another."""
import asyncio
import ctypes
import json
import os
import sys
import threading

SYS_EXIT = {"x86_64": 60, "aarch64": 93}[os.uname().machine]


async def leaf():
    await asyncio.sleep(3600)


async def main():
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(leaf(), name=f"leaf-{number}")


def serve():
    while open(f"/proc/{os.getpid()}/stat").read().rpartition(")")[2].split()[0] != "Z":
        pass
    print(json.dumps({"ready": True, "pid": os.getpid(), "extra": {}}), flush=True)
    for _ in sys.stdin:
        print("{}", flush=True)


threading.Thread(target=lambda: asyncio.run(main()), name="loop").start()
threading.Thread(target=serve, name="serve").start()
ctypes.CDLL(None).syscall(SYS_EXIT, 0)
