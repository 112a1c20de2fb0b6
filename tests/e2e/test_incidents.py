"""Rehearsed incidents, each amid thousands of healthy tasks: the first screen names it.

What stands in a comment "# culprit: FUNCTION" of a target is the line to be
found, with its function, in the first 40 lines of 160 columns: in a pipe and on
a terminal.  Services that are well have no finding.
"""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import time

import pytest

import harness

PYTHONS = "3.11", "3.13", "3.14", "3.15"
INCIDENTS = harness.TARGETS / "incidents"
LINES, COLUMNS = 40, 160
CROWD = 5000
PATIENT = "--pause-limit", "20000"  # whatever else the machine does

# What each must be found to be; nothing where many like tasks are a count, no finding.
FINDINGS = {
    "blocked_by_computation": ["blocked"],
    "blocked_by_regex": ["blocked"],
    "blocked_by_signal": ["blocked"],
    "blocked_by_sleep": ["blocked"],
    "blocked_by_thread_lock": ["blocked"],
    "busy_loop": [],
    "convoy": ["contention"],
    "dead_consumer": ["exception", "queue"],
    "dead_producer": ["queue"],
    "dead_worker": ["exception"],
    "deadlock_locks": ["cycle"],
    "deadlock_of_three": ["cycle"],
    "deadlock_self": ["cycle"],
    "deadlock_semaphore": ["cycle"],
    "deadlock_tasks": ["cycle"],
    "exhausted_pool": ["contention"],
    "forgotten_event": [],
    "free_flying": ["orphan"],
    "full_by_gather": ["executor"],
    "full_by_shield": ["executor"],
    "full_executor": ["executor"],
    "full_processes": ["executor"],
    "full_unawaited": ["executor"],
    "group_member_swallows": ["cancelled"],
    "held_among_many": [],
    "hanging_shutdown": ["cancelled", "holdup"],
    "held_in_thread": ["contention"],
    "hung_child": ["contention"],
    "hung_communicate": ["holdup"],
    "last_of_a_gather": ["holdup"],
    "last_of_a_group": ["holdup"],
    "leaked_semaphore": [],
    "leaked_tasks": [],
    "missed_notify": ["contention"],
    "result_of_own_loop": ["blocked"],
    "silent_peer": ["holdup"],
    "straggler_in_thread": ["holdup"],
    "stubborn_in_wait_for": ["cancelled"],
    "swallowed_cancellation": ["cancelled"],
    "unfetched_exception": ["exception"],
}


@pytest.fixture(scope="module")
def incidents(tree):
    for script in INCIDENTS.glob("*.py"):
        shutil.copy(script, tree.outside)


def test_every_incident_is_here():
    scripts = {script.stem for script in INCIDENTS.glob("*.py")} - {"crowd"}
    assert scripts == set(FINDINGS) and len(scripts) >= 15


def culprits(script):
    lines = (INCIDENTS / script).read_text().splitlines()
    return [(match[1], f"{script}:{number}") for number, line in enumerate(lines, 1)
            if (match := re.search(r"# culprit: (\S+)$", line))]


def on_a_terminal(pid):
    """What `asynctree PID` shows there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        environment.pop(name, None)
    process = subprocess.Popen([harness.ASYNCTREE, *PATIENT, str(pid)], stdin=theirs, stdout=theirs,
                               stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 0, shown
    lines = re.sub("\x1b\\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n").splitlines()
    assert len(lines) < LINES, "there is no room for the prompt"
    assert max(map(len, lines)) <= COLUMNS
    return lines


def in_a_pipe(target):
    return [line[:COLUMNS] for line in target.text(*PATIENT).splitlines()[:LINES]]


def unwrapped(lines):
    """A finding that goes on in a further line of the screen is one line."""
    whole = []
    for line in lines:
        if line.startswith("  ") and whole and whole[-1].startswith("!"):
            whole[-1] += line[1:]
        else:
            whole.append(line)
    return whole


def names_culprit(lines, script):
    return any(function in line and re.search(re.escape(place) + r"\b", line)
               for line in unwrapped(lines) for function, place in culprits(script))


@pytest.mark.parametrize("incident", FINDINGS)
def test_the_first_screen_names_the_culprit(start, incidents, incident):
    script = f"{incident}.py"
    assert culprits(script)
    target = start(script, CROWD)
    time.sleep(0.2)  # a loop is blocked for some time
    process = target.json(*PATIENT)
    assert len(process["tasks"]) > CROWD / 2
    kinds = [finding["kind"] for finding in process["findings"]]
    assert kinds == FINDINGS[incident], process["findings"]
    piped = in_a_pipe(target)
    assert names_culprit(piped, script), "\n".join(piped)
    screen = on_a_terminal(target.pid)
    assert names_culprit(screen, script), "\n".join(screen)
    assert [line.startswith("!") for line in screen].count(True) == len(kinds)


def place_in(incident, mark):
    """Where the line is that has the mark: "convoy.py:15"."""
    lines = (INCIDENTS / f"{incident}.py").read_text().splitlines()
    number, = (number for number, line in enumerate(lines, 1) if mark in line)
    return f"{incident}.py:{number}"


def test_who_holds_is_on_the_first_screen(start, incidents):
    """Also where it sleeps amid hundreds of others."""
    target = start("held_among_many.py", CROWD)
    place = place_in("held_among_many", "# culprit")
    for screen in in_a_pipe(target), on_a_terminal(target.pid):
        text = "\n".join(screen)
        assert re.search(rf"[─-] migration migrate  {place} [·-] sleep, \d+ s left$", text, re.M), text
        assert re.search(rf"300[×x] write .* lock held by migration in migrate {place}\b", text)
    # Who holds nothing stands among the single ones, which come after what there is more of.
    lines = target.text(*PATIENT).splitlines()
    idler, held, single = (next(n for n, line in enumerate(lines) if word in line)
                           for word in (" idler ", " 300x write ", " handler_"))
    assert held < single and idler >= single - 1


def test_a_narrow_line_says_who_holds_and_not_where(start, incidents):
    target = start("held_among_many.py")
    place = place_in("held_among_many", "# culprit")
    whole = re.search(f".* 300x .*{place}", target.text(*PATIENT))[0]
    for columns in [*range(70, 160, 3), len(whole) - 1, len(whole)]:
        lines = target.text(*PATIENT, env={"COLUMNS": str(columns)}).splitlines()
        line, = (line for line in lines if "300x " in line)
        assert len(line) <= columns
        assert "- lock held by migration" in line
        assert line.endswith("]") or line.endswith("held by migration") or line.endswith(place)
        assert (f" in migrate {place}" in line) is (columns >= len(whole)), line


def test_a_thread_that_hangs_at_the_end(start_with):
    """asyncio.run() has ended all but what a thread does."""
    target = start_with("hanging_executor.py", executable="/usr/bin/python3.14")
    time.sleep(0.2)
    process = target.json()
    task, = process["tasks"]
    assert task["waiting_on"]["kind"] == "executor"
    thread, = (thread for thread in process["threads"]
               if thread["tid"] == task["waiting_on"]["tid"])
    assert "upload" in [frame["function"] for frame in thread["stack"]]
    place = f"hanging_executor.py:{harness.line_of('hanging_executor.py', 'hangs')}"
    assert f"executor upload running  {place}, timeout in 5 min" in target.text()


def test_findings_name_their_tasks(start_with, incidents):
    target = start_with("convoy.py", CROWD, executable="/usr/bin/python3.14")
    process = target.json(*PATIENT)
    tasks = {task["id"]: task for task in process["tasks"]}
    finding, = process["findings"]
    assert finding["count"] == 299 and not finding["likely"]
    assert len(finding["tasks"]) == 300 == len(set(finding["tasks"]))
    holder, *waiters = (tasks[task] for task in finding["tasks"])
    assert holder["stack"][1]["function"] == "Connection.query"
    assert {task["waiting_on"]["object"] for task in waiters} == {
        waiters[0]["waiting_on"]["object"]}
    assert all(task["waiting_on"]["holders"] == [holder["id"]] for task in waiters)


# ---------------------------------------------------------------- who is well

HEALTHY = {
    "crowd": "import crowd, asyncio\nasync def nothing(): pass\ncrowd.run(nothing)",
    "idle_workers": """
import asyncio, truth
async def work(queue):
    while True:
        await queue.get()
async def main():
    queue = asyncio.Queue()
    server = await asyncio.start_server(lambda reader, writer: queue.put(reader), "127.0.0.1", 0)
    tasks = [asyncio.create_task(work(queue)) for _ in range(20)]
    asyncio.get_running_loop().call_later(0.2, lambda: truth.ready(settle=False))
    async with server:
        await asyncio.gather(*tasks)
asyncio.run(main())
""",
    "busy_workers": """
import asyncio, truth
class Pool:
    def __init__(self):
        self.queue = asyncio.Queue(5)
    async def work(self):
        while True:
            await asyncio.sleep(await self.queue.get())
            self.queue.task_done()
    async def feed(self):
        while True:
            await self.queue.put(0.01)
async def main():
    pool = Pool()
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(pool.work())
        for _ in range(20):
            group.create_task(pool.feed())
        await asyncio.sleep(0.1)
        truth.ready(settle=False)
asyncio.run(main())
""",
    "busy_executors": """
import asyncio, threading, truth
from concurrent.futures import ThreadPoolExecutor
never = threading.Event()
async def main():
    loop = asyncio.get_running_loop()
    just_full, roomy, no_loops = (ThreadPoolExecutor(4) for _ in range(3))
    loop.set_default_executor(just_full)
    jobs = [loop.run_in_executor(None, never.wait) for _ in range(4)]
    jobs += [loop.run_in_executor(roomy, never.wait) for _ in range(3)]
    submitted = [no_loops.submit(never.wait) for _ in range(20)]
    loop.call_later(0.2, lambda: truth.ready(settle=False))
    await asyncio.gather(*jobs)
asyncio.run(main())
""",
    "interrupted": """
import asyncio, crowd, signal
async def use_signals():
    signal.signal(signal.SIGALRM, lambda number, frame: sum(range(100)))
    signal.setitimer(signal.ITIMER_REAL, 0.013, 0.013)
crowd.run(use_signals)
""",
    "rate_limiter": """
import asyncio, truth
class Limiter:
    def __init__(self, rate):
        self.free = asyncio.Semaphore(rate)
    async def __aenter__(self):
        await self.free.acquire()
        asyncio.get_running_loop().call_later(0.05, self.free.release)
    async def __aexit__(self, *error):
        pass
async def ask(limiter, slots):
    while True:
        async with limiter:
            async with slots:
                await asyncio.sleep(0.001)
async def main():
    limiter, slots = Limiter(5), asyncio.Semaphore(3)
    async with asyncio.TaskGroup() as group:
        for _ in range(100):
            group.create_task(ask(limiter, slots))
        await asyncio.sleep(0.1)
        truth.ready(settle=False)
asyncio.run(main())
""",
    # At any moment many wait for who holds a slot, and gathers for their last member.
    "backend": """
import asyncio, truth
async def answer(reader, writer):
    while await reader.readline():
        await asyncio.sleep(0.005)
        writer.write(b"done")
class Pool:
    def __init__(self, port):
        self.port, self.slots, self.idle = port, asyncio.Semaphore(10), []
    async def query(self):
        async with self.slots:
            reader, writer = self.idle.pop() if self.idle else \
                await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"ask" + bytes([10]))
            await reader.readexactly(4)
            self.idle.append((reader, writer))
async def client(pool):
    while True:
        await pool.query()
async def request(pool):
    while True:
        await asyncio.gather(*[pool.query() for _ in range(20)])
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    shared = Pool(port)
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(client(shared))
        for _ in range(10):
            group.create_task(request(Pool(port)))
        await asyncio.sleep(0.3)
        truth.ready(settle=False)
asyncio.run(main())
""",
    # There are always some that clean up.
    "cancelled_requests": """
import asyncio, truth
async def request():
    try:
        await asyncio.sleep(100)
    finally:
        await asyncio.sleep(0.02)
async def serve():
    while True:
        task = asyncio.create_task(request())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
async def main():
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(serve())
        await asyncio.sleep(0.1)
        truth.ready(settle=False)
asyncio.run(main())
""",
}


def check_well(target, times):
    for _ in range(times):
        process = target.json(*PATIENT, statuses=(0, 4))
        assert process["findings"] == []
    screen = on_a_terminal(target.pid)
    assert not any(line.startswith("!") for line in screen), "\n".join(screen)


@pytest.mark.parametrize("service", HEALTHY)
def test_a_healthy_service_has_no_finding(tree, start, incidents, service):
    (tree.outside / f"well_{service}.py").write_text(HEALTHY[service])
    target = start(f"well_{service}.py", 1000)
    check_well(target, 4)


def test_the_example_has_no_finding(tree, start_with):
    shutil.copy(harness.ROOT / "examples" / "shop.py", tree.outside)
    (tree.outside / "well_shop.py").write_text("""
import runpy, sys, threading
import truth
threading.Timer(1.5, truth.ready).start()
sys.argv = ["shop.py"]
runpy.run_path(sys.path[0] + "/shop.py", run_name="__main__")
""")
    check_well(start_with("well_shop.py", executable="/usr/bin/python3.14"), 1)


@pytest.mark.parametrize("load", ["loaded", "idle"])
@pytest.mark.parametrize("kind", ["aiohttp", "uvicorn"])
def test_a_healthy_server_has_no_finding(start_with, kind, load):
    target = start_with("server.py", kind, load, executable="/usr/bin/python3")
    check_well(target, 10 if load == "loaded" else 1)
