"""All wait for a lock whose holder waits for a thread that hangs."""
import asyncio
import threading

import crowd

written = threading.Event()


def write_rows(rows):
    written.wait()  # culprit: write_rows


class Journal:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def append(self, rows):
        async with self.lock:
            await asyncio.to_thread(write_rows, rows)


async def incident():
    journal = Journal()
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(journal.append([number]))


crowd.run(incident)
