"""The program has ended, and asyncio.run() waits for a thread that hangs."""
import asyncio
import threading

import truth


def upload():
    threading.Event().wait()  # line: hangs


async def main():
    asyncio.create_task(asyncio.to_thread(upload))
    await asyncio.sleep(0.1)
    threading.Timer(0.5, truth.ready, kwargs={"settle": False}).start()


asyncio.run(main())
