"""A forked child that runs its own loop, while its parent's loop ran before."""
import asyncio
import os
import threading


async def leaf():
    await asyncio.sleep(3600)


async def in_child():
    import truth
    kept = [asyncio.create_task(leaf(), name="in child")]
    asyncio.get_running_loop().call_later(0.05, truth.ready)
    await asyncio.sleep(3600)
    return kept


async def in_parent():
    # asyncio forgets this one in the child.
    kept.append(asyncio.create_task(leaf(), name="from the parent"))
    await asyncio.sleep(0.01)


kept = []
parent_loop = asyncio.new_event_loop()
parent_loop.run_until_complete(in_parent())
threading.Thread(target=threading.Event().wait, daemon=True).start()
if os.fork():
    os.waitpid(-1, 0)
else:
    asyncio.run(in_child())
