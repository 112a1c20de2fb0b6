"""Imports asyncio only when it is told to, and says which tasks it has then."""
import json
import os
import sys
import threading


def say(message):
    print(json.dumps(message), flush=True)


def begin(ready):
    import asyncio

    async def rest():
        await asyncio.sleep(3600)

    async def main():
        tasks = [asyncio.create_task(rest(), name=f"late {number}") for number in range(3)]
        await asyncio.sleep(0.01)
        ready.append(sorted(task.get_name() for task in asyncio.all_tasks()))
        there.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())


assert "asyncio" not in sys.modules
say({"ready": True, "pid": os.getpid(), "extra": {}})
for line in sys.stdin:
    there, names = threading.Event(), []
    threading.Thread(target=begin, args=(names,), daemon=True).start()
    there.wait()
    say(names[0])
