"""A thread, the main one or another, is in vfork: its child has not ended.

Asked "end", the child ends and the thread goes on.
"""
import asyncio
import ctypes
import json
import os
import sys
import threading
import time

vfork = ctypes.CDLL(sys.argv[1]).sleep_in_vfork
in_main = sys.argv[2] == "main"
read, write = os.pipe()
back = threading.Event()


def stay_in_vfork():
    assert vfork(read) == 0
    back.set()


def serve():
    time.sleep(0.2)  # nothing tells that the call has come to its sleep
    print(json.dumps({"ready": True, "pid": os.getpid(), "extra": {}}), flush=True)
    for _ in sys.stdin:
        os.write(write, b"-")
        print(json.dumps({"back": back.wait(60)}), flush=True)


async def main():
    tasks = [asyncio.create_task(asyncio.sleep(3600), name=f"sleep-{n}") for n in range(50)]
    await asyncio.sleep(0)
    if in_main:
        stay_in_vfork()
    await asyncio.gather(*tasks)


threading.Thread(target=serve, daemon=True).start()
if not in_main:
    threading.Thread(target=stay_in_vfork, daemon=True).start()
asyncio.run(main())
