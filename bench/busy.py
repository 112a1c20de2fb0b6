"""A service that is always busy, with as many tasks as asked for: busy.py COUNT.

Half of the tasks pass a token on to the next and count it; the others wait, as
those of most services do.  A line on standard input asks for the count.
"""
import asyncio
import sys

from asked import answer_with, say_ready  # the targets of the tests are beside it

done = 0


async def pass_on(queue, following):
    global done
    while True:
        token = await queue.get()
        done += 1
        following.put_nowait(token)
        await asyncio.sleep(0)


async def wait_long(event):
    await event.wait()


async def main(count):
    answer_with(lambda: done)
    busy = (count - 1) // 2
    queues = [asyncio.Queue() for _ in range(busy)]
    for number in range(0, busy, 10):
        queues[number].put_nowait(number)
    async with asyncio.TaskGroup() as group:
        for number in range(busy):
            group.create_task(pass_on(queues[number], queues[(number + 1) % busy]))
        for _ in range(count - 1 - busy):
            group.create_task(wait_long(asyncio.Event()))
        say_ready(0.2)


asyncio.run(main(int(sys.argv[1])))
