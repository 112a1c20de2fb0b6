"""A small shop, with the troubles of a real one, for asynctree to look at.

Customers check out at once.  Each asks three carriers for a price, reserves
its goods under one lock and puts its order in a queue, from which packers take
it.  The warehouse is slow today: whoever reserves holds the lock all the while.

    python3.14 shop.py [CUSTOMERS]      then: asynctree PID
"""

import asyncio
import contextlib
import os
import sys

STEADY = 0.5  # seconds until everyone stands where the trouble is
SLOW = 600


class Warehouse:
    """Stock behind one lock, and a service behind it that answers slowly."""

    def __init__(self):
        self.lock = asyncio.Lock()
        self.reservations = 0

    async def reserve(self, customer):
        async with self.lock:
            await self.ask(customer)
            self.reservations += 1

    async def ask(self, customer):
        # The first few are quick, then the service behind us hangs.
        await asyncio.sleep(0.01 if self.reservations < 5 else SLOW)


@contextlib.asynccontextmanager
async def session(customer):
    """A customer's visit, as a library would wrap it."""
    await asyncio.sleep(0)
    yield f"session-{customer}"


async def ask_carrier(carrier, customer):
    hang = carrier == "snail-mail" and customer % 10 == 9
    await asyncio.sleep(SLOW if hang else 0.02)
    return len(carrier) + customer


async def quote(customer):
    carriers = "post", "bike", "snail-mail"
    return min(await asyncio.gather(*(ask_carrier(name, customer) for name in carriers)))


async def check_out(customer, warehouse, orders):
    async with session(customer):
        await quote(customer)
        await warehouse.reserve(customer)
        await orders.put(customer)


async def serve_customers(count, warehouse, orders):
    async with asyncio.TaskGroup() as group:
        for customer in range(count):
            group.create_task(check_out(customer, warehouse, orders))


async def pack(orders):
    while True:
        order = await orders.get()
        await asyncio.sleep(0.001 * (order % 3))
        orders.task_done()


async def pack_orders(orders, packers):
    async with asyncio.TaskGroup() as group:
        for number in range(packers):
            group.create_task(pack(orders), name=f"packer-{number + 1}")


async def refresh_prices():
    while True:
        await asyncio.sleep(SLOW)


async def close_in_the_evening(evening):
    await evening.wait()
    print("closed")


async def main(customers):
    warehouse = Warehouse()
    orders = asyncio.Queue(maxsize=100)
    evening = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(refresh_prices(), name="refresher")
        group.create_task(close_in_the_evening(evening), name="closing-time")
        group.create_task(pack_orders(orders, 4), name="packing")
        group.create_task(serve_customers(customers, warehouse, orders), name="checkout")
        await asyncio.sleep(STEADY)
        print(f"the shop is open, pid {os.getpid()}", flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
