"""Threads are born and end all the time, in chains, and children are forked.

A thread that is born starts the next before it ends, so that whoever stops some
of them only has as many running as before.  Asked, it says how many there were.
"""
import asyncio
import json
import os
import sys
import threading

from forks import fork_forever

counts = {"threads": 0, "forks": 0}


def link():
    counts["threads"] += 1
    threading.Thread(target=link, daemon=True).start()


def serve():
    print(json.dumps({"ready": True, "pid": os.getpid(), "extra": {}}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(counts), flush=True)


async def main():
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(asyncio.sleep(3600), name=f"sleep-{number}")
        for function in link, link, link, serve:
            threading.Thread(target=function, daemon=True).start()
        threading.Thread(target=fork_forever, args=(counts, 0.005), daemon=True).start()


asyncio.run(main())
