"""Loops and tasks in subinterpreters as well as in the main one."""
import asyncio
import sys
import threading

import truth

IN_SUBINTERPRETER = """
import sys
sys.path.insert(0, directory)
import asyncio
import os
import threading
import truth

async def sub_leaf():
    await asyncio.sleep(3600)

async def sub_group(name):
    async with asyncio.TaskGroup() as group:
        group.create_task(sub_leaf(), name=f"{name}.a")
        group.create_task(sub_leaf(), name=f"{name}.b")
        asyncio.get_running_loop().call_soon(os.write, started, b".")

truth.serve_in_subinterpreter(read, write)
for number in range(loops):
    threading.Thread(target=asyncio.run, args=(sub_group(f"sub{label}.{number}"),),
                     name=f"sub{label}.{number}").start()
"""


async def leaf():
    await asyncio.sleep(3600)


async def main():
    tasks = [asyncio.create_task(leaf(), name="main.a")]
    asyncio.get_running_loop().call_soon(truth.ready)
    await asyncio.sleep(3600)
    return tasks


def create():
    """What runs code with some names in a new interpreter.

    Before 3.14 that has the GIL of the main one: sys._current_frames() looks at the
    threads of all interpreters, and crashes when they run.
    """
    if sys.version_info >= (3, 14):
        from concurrent import interpreters
        interpreter = interpreters.create()
        return lambda code, names: (interpreter.prepare_main(names), interpreter.exec(code))
    if sys.version_info >= (3, 13):
        import _interpreters as low
        interpreter = low.create("legacy")
    else:
        import _xxsubinterpreters as low
        interpreter = low.create(isolated=False)
    return lambda code, names: low.run_string(interpreter, code, names)


def start(label, loops):
    import os
    import os.path
    run = create()
    read, write = truth.new_subinterpreter_server()
    started_read, started = os.pipe()
    names = {"read": read, "write": write, "label": label, "loops": loops, "started": started,
             "directory": os.path.dirname(os.path.abspath(__file__))}
    thread = threading.Thread(target=run, args=(IN_SUBINTERPRETER, names),
                              name=f"starts {label}")
    thread.start()
    thread.join()
    waiting = loops
    while waiting:
        waiting -= len(os.read(started_read, waiting))
    return run


kept = [start(1, 1), start(2, 2), create()]
asyncio.run(main())
