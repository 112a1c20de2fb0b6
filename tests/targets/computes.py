"""A task that computes, and so holds the GIL."""
import asyncio

import truth


async def main():
    truth.ready(settle=False)
    while True:
        sum(range(1000))


asyncio.run(main())
