"""A callback that is no task computes for long."""
import asyncio

import crowd


def parse_rows():
    total = 0
    while total >= 0: total += 1  # noqa: E701  # culprit: parse_rows
    return total


async def incident():
    crowd.soon(parse_rows)
    await asyncio.sleep(3600)


crowd.run(incident, seconds=None)
