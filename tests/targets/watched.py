"""A process to be watched: what it is told on standard input it does.

    add NAME        a task that waits in first()
    step NAME       it goes on into second(), and back
    end NAME        it ends
    nest NAME INNER a task that awaits another
    hold NAME       a task that goes on holding a lock, or waits for who does
    nap SECONDS     a task that sleeps as long
    crowd COUNT     tasks that all wait in one line
    block           the loop stays in a callback
    unblock         ends that, by SIGUSR1
    churn COUNT     so many short tasks, one after the other, for good
    exec            it becomes another program of the same pid
    hide            nobody but root may read it
"""
import asyncio
import ctypes
import json
import os
import signal
import sys
import time

tasks = {}
lock = asyncio.Lock()
blocked = True


class Job:
    def __init__(self):
        self.next = asyncio.Event()
        self.over = False

    def go_on(self):
        self.next.set()
        self.next = asyncio.Event()

    async def run(self):
        while not self.over:
            await self.first()
            if not self.over:
                await self.second()

    async def first(self):
        await self.next.wait()  # line: first

    async def second(self):
        await self.next.wait()  # line: second


async def wait_in_a_crowd(number):
    await asyncio.sleep(3600)  # line: crowd


async def wait_for(task):
    await task


async def hold():
    async with lock:
        await asyncio.Event().wait()  # line: holds


async def short():
    await asyncio.sleep(0.03)


async def churn(count):
    number = 0
    while True:
        number += count
        await asyncio.gather(*(asyncio.create_task(short(), name=f"short-{number + i}")
                               for i in range(count)))


def stay_in_a_callback():
    while blocked:
        time.sleep(0.05)  # line: blocked


def unblock(*_):
    global blocked
    blocked = False


def unlike(name):
    """A coroutine function of its own: like tasks would be folded."""
    function = "do_" + "".join(c for c in name if c.isalnum() and c.isascii())
    names = {}
    exec(f"async def {function}(job):\n    await job.run()", names)
    return names[function]


def start(name, coroutine):
    tasks[name] = asyncio.get_running_loop().create_task(coroutine, name=name)


jobs = {}


def do(command, *arguments):
    if command == "add":
        jobs[arguments[0]] = Job()
        start(arguments[0], unlike(arguments[0])(jobs[arguments[0]]))
    elif command == "step":
        jobs[arguments[0]].go_on()
    elif command == "end":
        jobs[arguments[0]].over = True
        jobs[arguments[0]].go_on()
    elif command == "nest":
        do("add", arguments[1])
        start(arguments[0], wait_for(tasks[arguments[1]]))
    elif command == "hold":
        start(arguments[0], hold())
    elif command == "nap":
        start("nap", asyncio.sleep(float(arguments[0])))
    elif command == "crowd":
        for number in range(int(arguments[0])):
            start(f"crowd-{len(tasks)}", wait_in_a_crowd(number))
    elif command == "churn":
        start("churn", churn(int(arguments[0])))
    elif command == "block":
        asyncio.get_running_loop().call_later(0.2, stay_in_a_callback)
    elif command == "exec":
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(3600)"])
    elif command == "hide":
        PR_SET_DUMPABLE = 4
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer():
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    do(*line.split())
    say({"done": True})


async def main():
    signal.signal(signal.SIGUSR1, unblock)
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, answer)
    for name in sys.argv[1:]:
        do("add", name)
    loop.call_later(0.1, say, {"ready": True, "pid": os.getpid(), "extra": {}})
    await asyncio.Event().wait()


asyncio.run(main())
