"""Tasks of a class that has nothing of asyncio's, registered as asyncio asks for."""
import asyncio
import itertools

import truth

numbers = itertools.count(1)


class ForeignTask:
    def __init__(self, coro, loop, name=None, register=True):
        self._coro = coro
        self._loop = loop
        self._name = name or f"Foreign-{next(numbers)}"
        self._fut_waiter = None
        self._done = False
        self._callbacks = []
        loop.call_soon(self._step)
        if register:
            asyncio._register_task(self)

    def get_coro(self):
        return self._coro

    def get_name(self):
        return self._name

    def get_loop(self):
        return self._loop

    def done(self):
        return self._done

    def cancelling(self):
        return 0

    def add_done_callback(self, callback, *, context=None):
        self._callbacks.append(callback)

    def remove_done_callback(self, callback):
        self._callbacks.remove(callback)

    _asyncio_future_blocking = False

    def __await__(self):
        self._asyncio_future_blocking = True
        yield self

    def _step(self, _=None):
        self._fut_waiter = None
        asyncio._enter_task(self._loop, self)
        try:
            future = self._coro.send(None)
        except StopIteration:
            self._done = True
            asyncio._unregister_task(self)
            return
        finally:
            asyncio._leave_task(self._loop, self)
        if future is None:
            self._loop.call_soon(self._step)
            return
        future._asyncio_future_blocking = False
        self._fut_waiter = future
        future.add_done_callback(self._step)


class SlottedTask(ForeignTask):
    __slots__ = ("_more", )


async def leaf():
    await asyncio.sleep(3600)


async def awaits(thing):
    await thing


async def main():
    loop = asyncio.get_running_loop()
    kept = [truth.know(ForeignTask(leaf(), loop, "foreign leaf")),
            truth.know(ForeignTask(awaits(leaf()), loop)),
            truth.know(SlottedTask(leaf(), loop, "subclass"))]
    inner = loop.create_task(leaf(), name="c inner")
    kept += [inner, truth.know(ForeignTask(awaits(inner), loop, "foreign on c"))]
    inner = truth.know(ForeignTask(leaf(), loop, "foreign inner"))
    kept += [inner, loop.create_task(awaits(inner), name="c on foreign")]
    inner = truth.know(ForeignTask(leaf(), loop, "foreign inner 2"))
    kept += [inner, truth.know(ForeignTask(awaits(inner), loop, "foreign on foreign"))]
    loop.call_later(0.05, truth.ready)
    await asyncio.sleep(3600)
    return kept


asyncio.run(main())
