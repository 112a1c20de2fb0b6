"""A task calls time.sleep()."""
import asyncio
import time

import crowd


def import_rows():
    time.sleep(3600)  # culprit: import_rows


async def report():
    await asyncio.sleep(0.3)
    crowd.truth.ready(settle=False)
    import_rows()


async def incident():
    await asyncio.create_task(report())


crowd.run(incident, seconds=None)
