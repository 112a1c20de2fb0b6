"""Every call of Python's that sleeps, over and over, and what was wrong with it.

Asked "report", it says how often each call was made, and what came back early,
late or not as it should: what holds of a process that nobody touches.

signal.sigtimedwait() is not among them: what interrupts it at the end of its
time, CPython takes for a signal, and returns one that never was.
"""
import asyncio
import contextlib
import json
import os
import queue
import random
import select
import socket
import subprocess
import sys
import threading
import time

TIMEOUTS = 0.003, 0.02, 0.3
LATE = 1.0  # the machine may be busy; what is lost for good would be far later

sleeps = {}     # call → function of a timeout that gives whether its result is right
exchanges = {}  # call → function that gives whether its result is right
report = {}
report_lock = threading.Lock()


def sleep(function):
    sleeps[function.__name__] = function
    return function


def exchange(function):
    exchanges[function.__name__] = function
    return function


# ---------------------------------------------------------------- nothing comes

quiet, quiet_end = socket.socketpair()
listener = socket.create_server(("127.0.0.1", 0))
held = threading.Lock()
held.acquire()
poll = select.poll()
poll.register(quiet, select.POLLIN)
epoll = select.epoll()
epoll.register(quiet, select.EPOLLIN)


@sleep
def select_select(timeout):
    return select.select([quiet], [], [quiet], timeout) == ([], [], [])


@sleep
def poll_poll(timeout):
    return select.poll().poll(timeout * 1000) == [] if random.random() < 0.5 \
        else poll.poll(timeout * 1000) == []


@sleep
def epoll_poll(timeout):
    return epoll.poll(timeout) == []


@sleep
def time_sleep(timeout):
    return time.sleep(timeout) is None


@sleep
def lock_acquire(timeout):
    return held.acquire(timeout=timeout) is False


@sleep
def rlock_acquire(timeout):
    return rlock.acquire(timeout=timeout) is False


@sleep
def condition_wait(timeout):
    condition = threading.Condition()
    with condition:
        return condition.wait(timeout) is False


@sleep
def event_wait(timeout):
    return threading.Event().wait(timeout) is False


@sleep
def semaphore_acquire(timeout):
    return threading.Semaphore(0).acquire(timeout=timeout) is False


@sleep
def queue_get(timeout):
    try:
        queue.Queue().get(timeout=timeout)
    except queue.Empty:
        return True


@sleep
def simple_queue_get(timeout):
    try:
        queue.SimpleQueue().get(timeout=timeout)
    except queue.Empty:
        return True


@sleep
def socket_recv(timeout):
    with contextlib.ExitStack() as stack:
        ours, _theirs = map(stack.enter_context, socket.socketpair())
        ours.settimeout(timeout)
        try:
            ours.recv(1)
        except TimeoutError:
            return True


@sleep
def socket_accept(timeout):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(timeout)
        try:
            server.accept()
        except TimeoutError:
            return True


@sleep
def thread_join(timeout):
    return ticker.join(timeout) is None and ticker.is_alive()


@sleep
def process_wait(timeout):
    try:
        sleeping.wait(timeout)
    except subprocess.TimeoutExpired:
        return True


@sleep
def asyncio_sleep(timeout):
    return asyncio.run(asyncio.sleep(timeout, "slept")) == "slept"


# ---------------------------------------------------------------- something comes

def answer_all(connection):
    while data := connection.recv(8):
        time.sleep(random.random() / 200)
        connection.sendall(data[::-1])


def new_echo():
    ours, theirs = socket.socketpair()
    threading.Thread(target=answer_all, args=(theirs,), daemon=True).start()
    return ours


def is_echoed(connection):
    data = os.urandom(8)
    connection.sendall(data)
    return connection.recv(8) == data[::-1]


@exchange
def blocking_recv():
    return is_echoed(echo)


@exchange
def timed_recv():
    return is_echoed(timed_echo)


@exchange
def blocking_accept():
    connecting = threading.Timer(random.random() / 200, socket.create_connection,
                                 (listener.getsockname(),))
    connecting.start()
    connection, _ = listener.accept()
    connection.close()
    connecting.join()
    return True


@exchange
def pipe_read():
    read, write = os.pipe()
    threading.Timer(random.random() / 200, os.write, (write, b"piped")).start()
    data = os.read(read, 5)
    os.close(read), os.close(write)
    return data == b"piped"


@exchange
def subprocess_run():
    done = subprocess.run([sys.executable, "-S", "-c", "print(6 * 7); raise SystemExit(7)"],
                          stdout=subprocess.PIPE)
    return done.returncode == 7 and done.stdout == b"42\n"


@exchange
def waitpid():
    process = subprocess.Popen(["/bin/sleep", "0.05"])
    pid, status = os.waitpid(process.pid, 0)
    process.returncode = 0
    return pid == process.pid and status == 0


@exchange
def queue_item():
    items = queue.Queue()
    threading.Timer(random.random() / 200, items.put, (17,)).start()
    return items.get(timeout=60) == 17


# ---------------------------------------------------------------- what is said of them

def note(name, kind, detail=None):
    with report_lock:
        entry = report.setdefault(name, {"calls": 0, "wrong": []})
        entry["calls"] += 1
        if kind:
            entry["wrong"].append(f"{kind}: {detail}")


def call(name, function, timeout):
    start = time.monotonic()
    try:
        right = function(timeout) if timeout else function()
    except BaseException as error:
        return note(name, "exception", repr(error))
    elapsed = time.monotonic() - start
    if not right:
        note(name, "result", f"after {elapsed} of {timeout}")
    elif timeout and elapsed < timeout:
        note(name, "early", f"{elapsed} of {timeout}")
    elif elapsed > (timeout or 0) + LATE:
        note(name, "late", f"{elapsed} of {timeout}")
    else:
        note(name, None)


def repeat(name, function, timeouts):
    while True:
        for timeout in timeouts:
            call(name, function, timeout)


def main():
    for name, function in sleeps.items():
        threading.Thread(target=repeat, args=(name, function, TIMEOUTS), daemon=True).start()
    for name, function in exchanges.items():
        threading.Thread(target=repeat, args=(name, function, [None]), daemon=True).start()
    print(json.dumps({"ready": True, "pid": os.getpid(), "extra": {}}), flush=True)
    for _ in sys.stdin:
        with report_lock:
            print(json.dumps(report), flush=True)


echo, timed_echo = new_echo(), new_echo()
timed_echo.settimeout(60)
rlock = threading.RLock()
ticker = threading.Thread(target=lambda: rlock.acquire() and time.sleep(3600), daemon=True)
ticker.start()
sleeping = subprocess.Popen(["/bin/sleep", "3600"])
main()
