"""Task groups of which few members are left: named by how many there were, and how many are."""
import asyncio

import truth


async def member(stays):
    if stays:
        await asyncio.get_running_loop().create_future()


async def doze(stays):
    if stays:
        await asyncio.sleep(3600)


async def fan_out(count, left, of=member):
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(of(number < left))


async def complete(count, left):
    for one in asyncio.as_completed([member(number < left) for number in range(count)]):
        await one


async def pass_around(count):
    """As a server does: who accepts starts what serves, and knows the group."""
    async with asyncio.TaskGroup() as group:
        group.create_task(accept(group, count))


async def accept(group, count):
    for number in range(count):
        group.create_task(member(False))
    await asyncio.get_running_loop().create_future()


async def share(count):
    """The same by a variable that both share."""
    async def accept():
        for number in range(count):
            group.create_task(member(False))
        await asyncio.get_running_loop().create_future()

    async with asyncio.TaskGroup() as group:
        group.create_task(accept())


async def keep(count):
    class Server:
        async def run(self):
            async with asyncio.TaskGroup() as self.group:
                for number in range(count):
                    self.group.create_task(member(number == 7))

    await Server().run()


async def main():
    tasks = [asyncio.create_task(coroutine, name=name) for name, coroutine in {
        "1 of 100": fan_out(100, 1),
        "10 of 100": fan_out(100, 10),
        "11 of 100": fan_out(100, 11),
        "1 of 10": fan_out(10, 1),
        "1 of 9": fan_out(9, 1),
        "1 of 100 sleeps": fan_out(100, 1, doze),
        "1 of 100 completes": complete(100, 1),
        "11 of 100 complete": complete(100, 11),
        "100 of 100": fan_out(100, 100),
        "passed around": pass_around(100),
        "shared": share(100),
        "kept": keep(100),
    }.items()]
    await asyncio.sleep(0.2)
    truth.ready(settle=False)
    await asyncio.gather(*tasks)


asyncio.run(main())
