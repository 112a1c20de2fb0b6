"""A loop that waits, and a signal handler that runs meanwhile and does not end."""
import asyncio
import signal
import time

import truth


def on_alarm(number, frame):
    truth.ready(settle=False)
    time.sleep(3600)  # line: sleeps


async def main():
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    await asyncio.sleep(3600)


asyncio.run(main())
