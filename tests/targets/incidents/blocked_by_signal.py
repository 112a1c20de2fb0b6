"""A signal handler that does not end, in a loop that has nothing else to do."""
import asyncio
import signal
import time

import crowd
import truth


def on_alarm(number, frame):
    truth.ready(settle=False)
    time.sleep(3600)  # culprit: on_alarm


async def incident():
    signal.signal(signal.SIGALRM, on_alarm)
    asyncio.get_running_loop().call_later(0.3, signal.setitimer, signal.ITIMER_REAL, 0.1)


crowd.run(incident, None)
