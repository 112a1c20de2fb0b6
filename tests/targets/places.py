"""Where loops and tasks can be: in threads of every kind, in loops that run, ran, or never did."""
import asyncio
import asyncio.events
import os
import signal
import sys
import threading
import time

import truth


def hold(*_):
    truth.ready()
    time.sleep(3600)


async def leaf():
    await asyncio.sleep(3600)


def leave(loop, name):
    return loop.create_task(leaf(), name=name)


async def pause():
    await asyncio.sleep(0.02)


def loops_in_one_thread():
    """One loop after the other: closed, stopped, never started; then one that runs."""
    kept = []
    closed = truth.know_loop(asyncio.new_event_loop())
    kept.append(leave(closed, "of a closed loop"))
    closed.run_until_complete(pause())
    closed.close()
    stopped = truth.know_loop(asyncio.new_event_loop())
    kept.append(leave(stopped, "of a stopped loop"))
    stopped.call_soon(stopped.stop)
    stopped.run_forever()
    never = truth.know_loop(asyncio.new_event_loop())
    kept.append(leave(never, "of a loop that never ran"))
    loop = truth.know_loop(asyncio.new_event_loop())
    kept.append(leave(loop, "of the one that runs"))
    loop.call_later(0.05, truth.ready)
    loop.run_forever()
    return kept


def nested_loops():
    """A loop in a callback of another, as some libraries do; both have a current task."""
    async def inner():
        kept.append(leave(asyncio.get_running_loop(), "inner leaf"))
        await asyncio.sleep(0)
        hold()

    def callback():
        asyncio.events._set_running_loop(None)
        loop = truth.know_loop(asyncio.new_event_loop())
        loop.run_until_complete(inner())

    async def outer():
        kept.append(leave(asyncio.get_running_loop(), "outer leaf"))
        asyncio.get_running_loop().call_later(0.01, callback)
        await asyncio.sleep(3600)

    kept = []
    asyncio.run(outer())


def in_callback():
    async def main():
        kept.append(leave(asyncio.get_running_loop(), "sleeps"))
        asyncio.get_running_loop().call_later(0.01, hold)
        await asyncio.sleep(3600)
    kept = []
    asyncio.run(main(), debug=True)


def in_signal_handler():
    async def main():
        kept.append(leave(asyncio.get_running_loop(), "sleeps"))
        signal.signal(signal.SIGALRM, hold)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        while True:
            time.sleep(0.01)
    kept = []
    asyncio.run(main())


def in_asyncio_signal_handler():
    async def main():
        asyncio.get_running_loop().add_signal_handler(signal.SIGALRM, hold)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        await leaf()
    asyncio.run(main())


def in_destructor():
    class Held:
        def __del__(self):
            hold()

    async def main():
        held = [Held()]
        held.append(held)
        del held
        import gc
        gc.collect()
    asyncio.run(main())


def many_threads():
    barrier = threading.Barrier(301)
    def run():
        async def main():
            kept = leave(asyncio.get_running_loop(), threading.current_thread().name + ".leaf")
            asyncio.get_running_loop().call_soon(barrier.wait)
            await kept
        asyncio.run(main())
    def wait():
        barrier.wait()
        time.sleep(3600)
    threading.stack_size(1 << 18)
    for number in range(300):
        threading.Thread(target=run if number % 3 == 0 else wait, name=f"many-{number}",
                         daemon=True).start()
    barrier.wait()
    truth.ready()
    time.sleep(3600)


def main_thread_ends():
    import ctypes
    started = threading.Event()
    def run():
        async def main():
            kept = leave(asyncio.get_running_loop(), "leaf in a thread")
            started.set()
            asyncio.get_running_loop().call_later(0.3, truth.ready)
            await kept
        asyncio.run(main())
    threading.Thread(target=run, name="survivor").start()
    started.wait()
    ctypes.CDLL(None).syscall(60, 0)  # exit of this thread only


def threads_that_end():
    kept = []
    def run(name):
        async def main():
            kept.append(leave(asyncio.get_running_loop(), name))
            await asyncio.sleep(0)
        loop = truth.know_loop(asyncio.new_event_loop())
        loop.run_until_complete(main())
    for number in range(50):
        thread = threading.Thread(target=run, args=(f"orphan-{number}",))
        thread.start()
        thread.join()
    truth.ready()
    time.sleep(3600)


def raw_threads():
    import _thread
    kept = []
    def run():
        async def main():
            kept.append(leave(asyncio.get_running_loop(), "raw leaf"))
            asyncio.get_running_loop().call_later(0.05, truth.ready)
            await kept[0]
        asyncio.run(main())
    _thread.start_new_thread(run, ())
    time.sleep(3600)


def fork_in_thread():
    def run():
        async def main():
            kept = leave(asyncio.get_running_loop(), "parent leaf")
            await asyncio.sleep(0.01)
            if os.fork() == 0:
                os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(1)"])
            asyncio.get_running_loop().call_later(0.05, truth.ready)
            await kept
        asyncio.run(main())
    threading.Thread(target=run).start()
    time.sleep(3600)


def cycles_of_garbage():
    async def holder(box):
        box["task"] = asyncio.current_task()
        box["self"] = box
        await asyncio.get_running_loop().create_future()
    async def main():
        import gc
        truth.know_loop(asyncio.get_running_loop())  # what is frozen is in no list of gc's
        gc.disable()
        for number in range(10):
            asyncio.get_running_loop().create_task(holder({}), name=f"garbage-{number}")
        await asyncio.sleep(0.01)
        gc.freeze()
        truth.ready()
        await leaf()
    asyncio.run(main())


def odd_names():
    """A thread, a loop and tasks whose names and classes must not reach a terminal as they are."""
    odd = "\x1b[31m\n\u202e\ud800ü中"
    loop_class = type("Löop" + odd[:6], (asyncio.SelectorEventLoop,), {"__module__": "m" + odd[:6]})
    classes = [type("T" + odd[:6], (base,), {})
               for base in (asyncio.Task, asyncio.tasks._PyTask)]

    async def run():
        loop = asyncio.get_running_loop()
        kept = [kind(leaf(), loop=loop, name=kind.__base__.__name__ + odd) for kind in classes]
        renamed = leaf()
        renamed.__qualname__ = "function" + odd[:6]
        kept.append(loop.create_task(renamed, name=odd))
        loop.call_later(0.05, truth.ready)
        await kept[0]

    threading.Thread(target=lambda: loop_class().run_until_complete(run()),
                     name="thread" + odd).start()
    time.sleep(3600)


globals()[sys.argv[1]]()
