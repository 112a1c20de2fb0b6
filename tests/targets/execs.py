"""Becomes itself again and again by exec, called in any of its many threads."""
import asyncio
import os
import random
import sys
import threading
import time


def become():
    time.sleep(random.random() * 0.03)
    os.execv(sys.executable, [sys.executable, *sys.argv])


async def main():
    for _ in range(20):
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(50)]
    if random.random() < 0.5:
        become()
    threading.Thread(target=become, daemon=True).start()
    await asyncio.gather(*tasks)


asyncio.run(main())
