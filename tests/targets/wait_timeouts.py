"""Timeouts around what a task waits for: the nearest counts."""
import asyncio
import contextlib

import situations
from situations import Due, Timed, situation


def ends(function):
    """The situation of one who waits for an event in `function(timeouts, event)`, a coroutine,
    which adds to `timeouts` those that may end it."""
    @situation(name=f"timeout {function.__name__.replace('_', ' ')}")
    def of(scene):
        event, timeouts = asyncio.Event(), []

        async def wait():
            await function(timeouts, event)

        def tell():
            return {"kind": "event", "object": event, "waiters": 1,
                    "timeout_remaining_s": Due(min(timeout.when() for timeout in timeouts))
                    if timeouts else None}

        return wait, tell


def now():
    return asyncio.get_running_loop().time()


@ends
async def around_an_event(timeouts, event):
    async with asyncio.timeout(3000) as timeout:
        timeouts.append(timeout)
        await event.wait()


@ends
async def at_a_moment(timeouts, event):
    async with asyncio.timeout_at(int(now()) + 2500) as timeout:
        timeouts.append(timeout)
        await event.wait()


@ends
async def of_another_class(timeouts, event):
    class MyTimeout(asyncio.Timeout):
        pass

    async with MyTimeout(now() + 1000) as timeout:
        timeouts.append(timeout)
        await event.wait()


@ends
async def none(timeouts, event):
    async with asyncio.timeout(None):
        await event.wait()


@ends
async def nearest_inside(timeouts, event):
    async with asyncio.timeout(3000) as outer, asyncio.timeout(20000), asyncio.timeout(None):
        async with asyncio.timeout(2000) as inner:
            timeouts += outer, inner
            await event.wait()


@ends
async def nearest_outside(timeouts, event):
    async def inside():
        async with asyncio.timeout(3000) as inner:
            timeouts.append(inner)
            await event.wait()

    async with asyncio.timeout(2000) as outer:
        timeouts.append(outer)
        await inside()


@ends
async def rescheduled(timeouts, event):
    async with asyncio.timeout(3000) as timeout:
        timeouts.append(timeout)
        timeout.reschedule(now() + 4000)
        await event.wait()


@ends
async def called_off(timeouts, event):
    async with asyncio.timeout(3000) as timeout:
        timeout.reschedule(None)
        await event.wait()


@ends
async def over(timeouts, event):
    async with asyncio.timeout(3000):
        pass
    await event.wait()


@ends
async def over_by_exception(timeouts, event):
    try:
        async with asyncio.timeout(3000):
            raise ValueError
    except ValueError:
        await event.wait()


@ends
async def passed(timeouts, event):
    """Whoever swallows the cancellation is not ended by it any more."""
    async with asyncio.timeout(2000) as outer:
        timeouts.append(outer)
        async with asyncio.timeout(0.01):
            try:
                await event.wait()
            except asyncio.CancelledError:
                await event.wait()


@ends
async def by_wait_for_nothing(timeouts, event):
    await asyncio.wait_for(event.wait(), None)


@ends
async def in_a_function(timeouts, event):
    @contextlib.asynccontextmanager
    async def limited():
        async with asyncio.timeout(3000) as timeout:
            yield timeout

    async with limited() as timeout:
        timeouts.append(timeout)
        await event.wait()


@ends
async def in_a_decorator(timeouts, event):
    @contextlib.asynccontextmanager
    async def limited():
        async with asyncio.timeout(3000) as timeout:
            timeouts.append(timeout)
            yield

    @limited()
    async def decorated():
        await event.wait()

    await decorated()


@ends
async def in_an_exit_stack(timeouts, event):
    async with contextlib.AsyncExitStack() as stack:
        timeouts.append(await stack.enter_async_context(asyncio.timeout(3000)))
        await event.wait()


@ends
async def of_a_class_like_it(timeouts, event):
    class Timeout:
        def __init__(self):
            self._when, self._timeout_handler = 1e9, object()

        async def __aenter__(self):
            pass

        async def __aexit__(self, *_):
            pass

    async with Timeout():
        await event.wait()


# ---------------------------------------------------------------- around other waits

def wait_for(name, make, tell):
    """`make(scene)` is waited for, 3000 s at most."""
    @situation(name=f"wait_for {name}")
    async def of(scene):
        thing = make(scene)
        timed = Timed(scene, thing(), lambda: tell(thing))

        async def wait():
            await asyncio.wait_for(timed.coroutine, 3000)

        return wait, lambda: timed.tell(scene.task)


def locked(scene):
    lock = asyncio.Lock()
    lock._locked = True
    return lock.acquire


wait_for("event", lambda scene: scene.make(asyncio.Event).wait,
         lambda wait: {"kind": "event", "object": wait.__self__, "waiters": 1})
wait_for("lock", locked,
         lambda acquire: {"kind": "lock", "object": acquire.__self__, "waiters": 1})
wait_for("queue", lambda scene: scene.make(asyncio.Queue).get,
         lambda get: {"kind": "queue-get", "object": get.__self__, "size": 0, "maxsize": 0,
                      "getters": 1, "putters": 0})


situations.main()
