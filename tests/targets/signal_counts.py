"""Counts queued signals in Python, while it has tasks to show.

One is waited for, one comes to a handler by way of the wakeup descriptor, which
gets a byte for each.  Asked, it says how many there were.
"""
import asyncio
import json
import os
import signal
import sys
import threading

WAITED, HANDLED = signal.SIGRTMIN + 1, signal.SIGRTMIN + 2
counts = {"waited": 0, "handled": 0}
signal.pthread_sigmask(signal.SIG_BLOCK, [WAITED])


def wait():
    while True:
        if signal.sigwaitinfo([WAITED]).si_signo == WAITED:
            counts["waited"] += 1


def read_wakeups(descriptor):
    while data := os.read(descriptor, 1 << 16):
        counts["handled"] += data.count(HANDLED)


def serve():
    print(json.dumps({"ready": True, "pid": os.getpid(),
                      "extra": {"waited": WAITED, "handled": HANDLED}}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(counts), flush=True)


async def main():
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(HANDLED, lambda *_: None)
    signal.set_wakeup_fd(write)
    for function, *args in (wait,), (read_wakeups, read), (serve,):
        threading.Thread(target=function, args=args, daemon=True).start()
    await asyncio.gather(*(asyncio.sleep(3600) for _ in range(100)))


asyncio.run(main())
