"""Four loops in four threads, and a thread that ended and left tasks behind."""
import asyncio
import threading

import truth

barrier = threading.Barrier(5)
kept = []


async def leaf():
    await asyncio.sleep(3600)


async def child(name):
    await asyncio.gather(asyncio.create_task(leaf(), name=f"{name}.leaf"))


async def service(name):
    async with asyncio.TaskGroup() as group:
        group.create_task(child(name), name=f"{name}.child")
        asyncio.get_running_loop().call_soon(barrier.wait)


async def leave_behind():
    kept.append(asyncio.create_task(leaf(), name="left sleeping"))
    kept.append(asyncio.create_task(child("left"), name="left waiting"))
    await asyncio.sleep(0.02)


def ends():
    loop = truth.know_loop(asyncio.new_event_loop())
    loop.run_until_complete(leave_behind())
    kept.append(loop.create_task(leaf(), name="left unstarted"))


def main():
    ending = threading.Thread(target=ends, name="ended")
    ending.start()
    ending.join()
    for number in range(3):
        name = f"loop{number}"
        threading.Thread(target=asyncio.run, args=(service(name),), name=name,
                         daemon=True).start()
    threading.Thread(target=threading.Event().wait, name="no loop here at all",
                     daemon=True).start()
    threading.Thread(target=announce, name="announcer", daemon=True).start()
    asyncio.run(service("main"))


def announce():
    barrier.wait()
    truth.ready()


main()
