"""Who should notify waits for the condition's lock, whose holder waits to be told."""
import asyncio

import crowd


class Inbox:
    def __init__(self):
        self.changed = asyncio.Condition()
        self.answer = asyncio.get_running_loop().create_future()

    async def ask(self):
        async with self.changed:
            await self.answer  # culprit: Inbox.ask

    async def deliver(self):
        async with self.changed:
            self.answer.set_result(1)
            self.changed.notify_all()


async def incident():
    inbox = Inbox()
    async with asyncio.TaskGroup() as group:
        group.create_task(inbox.ask())
        await asyncio.sleep(0)
        for _ in range(30):
            group.create_task(inbox.deliver())


crowd.run(incident)
