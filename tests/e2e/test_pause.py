"""The pause on real processes: it stops all of them, harms none, and always ends.

Many pauses in little time are made by pause_driver, a program around
target/pause.c; the others by asynctree itself.  The pause knows nothing of
Python: only what Python itself has a part in is tested under each.
"""

import functools
import json
import mmap
import os
import random
import re
import signal
import statistics
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

import harness
from harness import HANG

PYTHONS = harness.PYTHONS_ONCE

ROOT = harness.ROOT
PYTHON = harness.PYTHONS["3.14"]
PATIENT = "--pause-limit", "20000"  # the machine may be busy
SOON = 5.0  # seconds within which the kernel has long let go what nobody traces
CC = os.environ.get("CC", "cc").split()
PAUSE = ["tests/e2e/pause_driver.c", "target/pause.c", "target/procfile.c", *harness.BASE]


# ---------------------------------------------------------------- what the tests are made of

class Programs:
    """The C programs of these tests, each compiled when it is first wanted."""

    def __init__(self, folder):
        self.folder = folder

    def made(self, name, sources, *options):
        path = self.folder / name
        if not path.exists():
            subprocess.run([*CC, "-std=c11", "-D_GNU_SOURCE", "-O2", "-g", "-I", ROOT, *options,
                            *(ROOT / source for source in sources), "-o", path, "-lpthread"],
                           check=True)
        return path

    def target(self, name):
        return self.made(name, [f"tests/targets/{name}.c"])

    def library(self, folder, name):
        return self.made(f"{name}.so", [f"{folder}/{name}.c"], "-shared", "-fPIC")

    def pause(self, pid, count, hold_us=200, gap_us=300, limit_us=20_000_000, number=None):
        """Pauses a process so many times; says how that went.  On a busy machine a
        pause may take long."""
        driver = self.made("pause_driver", PAUSE)
        arguments = pid, count, limit_us, hold_us, gap_us, *([number] if number else [])
        done = subprocess.run([driver, *map(str, arguments)], stdout=subprocess.PIPE,
                              timeout=HANG + count / 10, check=True)
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    return Programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture
def start(start_with):
    return functools.partial(start_with, executable=PYTHON)


@pytest.fixture
def start_each(start_with, python):
    return functools.partial(start_with, executable=python)


@pytest.fixture
def launch():
    """Starts a program; it is ended with the test."""
    started = []

    def launch(*argv, **kwargs):
        process = subprocess.Popen([*map(str, argv)], start_new_session=True, **kwargs)
        started.append(process)
        return process

    yield launch
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in process.stdin, process.stdout:
            if stream:
                stream.close()


class Numbers:
    """A file of 64-bit numbers that a target and its test both see."""

    def __init__(self, path, size=4096):
        self.path = path
        path.write_bytes(bytes(size))
        path.chmod(0o666)
        with open(path, "r+b") as file:
            self.bytes = memoryview(mmap.mmap(file.fileno(), size))
        self.numbers = self.bytes.cast("Q")

    def __getitem__(self, index):
        return self.numbers[index]

    def __setitem__(self, index, value):
        self.numbers[index] = value

    def advances(self):
        return advances(lambda: self[0])


@pytest.fixture
def numbers(tmp_path):
    return Numbers(tmp_path / "numbers")


def advances(number):
    before = number()
    return wait_until(lambda: number() != before)


def wait_until(condition, limit=SOON):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.0005)
    return True


def tracer_of(pid):
    status = Path(f"/proc/{pid}/status").read_bytes()
    return int(re.search(rb"^TracerPid:\s*(\d+)", status, re.M)[1])


def states(pid):
    """The state letters of the threads that there are."""
    found = ""
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            stat = Path(f"/proc/{pid}/task/{thread}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += stat.rpartition(") ")[2][0]
    return found


def is_let_go(pid):
    return not tracer_of(pid) and not set("tT") & set(states(pid))


def start_ticking(start, tree, count):
    """A target of so many tasks with a busy thread, and what that says of itself."""
    ticks = Numbers(tree.outside / f"ticks-{os.getpid()}-{time.monotonic_ns()}")
    target = start("ticking.py", count, f"{tree.inside}/{ticks.path.name}")
    assert ticks.advances()
    return target, ticks


def runs_on(target, ticks):
    assert wait_until(lambda: is_let_go(target.pid)), (tracer_of(target.pid), states(target.pid))
    assert ticks.advances(), "it stands still"


# ---------------------------------------------------------------- it is always released

def end_in_pause(target, number, delay):
    """Starts asynctree and sends it a signal that long into its pause; whether it met it."""
    process = subprocess.Popen(["env", "--default-signal=INT,QUIT", harness.ASYNCTREE, "-l",
                                str(target.pid)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not tracer_of(target.pid):
        if process.poll() is not None:
            return False
    begun = time.perf_counter()
    while time.perf_counter() < begun + delay:
        pass
    met = tracer_of(target.pid) != 0
    process.send_signal(number)
    process.wait(HANG)
    return met and process.returncode == -number


@pytest.mark.parametrize("number, times", [(signal.SIGKILL, 200), (signal.SIGINT, 40),
                                           (signal.SIGTERM, 40), (signal.SIGQUIT, 10)],
                         ids=["kill", "interrupt", "terminate", "core"])
def test_released_by_every_end_of_asynctree(start, tree, number, times):
    target, ticks = start_ticking(start, tree, 20_000)
    pause = statistics.median(target.json(*PATIENT)["snapshot"]["pause_us"] for _ in range(3)) / 1e6
    # They are to come all over the pause, not just at its start: on a busy machine
    # those that are sent late often come after it.
    thirds, sent = Counter(), 0
    while thirds.total() < times or min(thirds[third] for third in range(3)) < times / 20:
        delay = sent % times / times * pause
        thirds[int(3 * delay / pause)] += end_in_pause(target, number, delay)
        runs_on(target, ticks)
        sent += 1
        assert sent < 10 * times, f"{sent} signals came so in the pause: {thirds}"


def test_released_when_asynctree_ends_before_and_after_its_pause(start, tree):
    target, ticks = start_ticking(start, tree, 1000)
    begun = time.perf_counter()
    target.asynctree("-l")
    whole = time.perf_counter() - begun
    for turn in range(100):
        process = subprocess.Popen([harness.ASYNCTREE, "-l", str(target.pid)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * turn / 100)
        process.kill()
        process.wait(HANG)
        runs_on(target, ticks)


class Faults:
    """asynctree with something that happens at one of its reads of the target."""

    def __init__(self, programs, target):
        self.library = programs.library("tests/e2e", "faulty_reads")
        self.target = target
        # A run whose first read finds nothing mapped tells how many there are.
        done = self.run("count", 0)
        assert done.returncode == 0, done.stderr
        self.reads = int(done.stderr)
        assert self.reads > 10

    def environment(self, how, at):
        return {"LD_PRELOAD": str(self.library), "FAULT_HOW": how, "FAULT_AT": str(at),
                "ASAN_OPTIONS": "verify_asan_link_order=0:handle_abort=0"}

    def run(self, how, at, **kwargs):
        return self.target.asynctree("-l", env=self.environment(how, at), **kwargs)

    def places(self, count):
        return sorted({1 + self.reads * turn // count for turn in range(count)})


@pytest.mark.parametrize("how, statuses", [("fail", (3, 4)), ("exit", (70,)),
                                           ("crash", (-signal.SIGABRT,)), ("refuse", (0, 3, 4))])
def test_released_when_reading_fails(start, tree, programs, tmp_path, how, statuses):
    target, ticks = start_ticking(start, tree, 2000)
    faults = Faults(programs, target)
    for at in faults.places(20):
        # A core may be written: while it is, the target must not wait.
        done = faults.run(how, at, cwd=tmp_path, prefix=["prlimit", "--core=unlimited"])
        assert done.returncode in statuses, (at, faults.reads, done)
        runs_on(target, ticks)


def test_released_at_the_limit_when_asynctree_is_stopped(start, tree, programs):
    """Ctrl-Z, or SIGSTOP: whoever reads may be stopped, the target goes on."""
    target, ticks = start_ticking(start, tree, 2000)
    faults = Faults(programs, target)
    process = subprocess.Popen(
        [harness.ASYNCTREE, "-j", "--pause-limit", "300", str(target.pid)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, **faults.environment("stop", faults.reads // 2)})
    try:
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        os.killpg(process.pid, signal.SIGSTOP)
        runs_on(target, ticks)
        assert "T" in states(process.pid)
        os.killpg(process.pid, signal.SIGCONT)
        output, _ = process.communicate(timeout=HANG)
    finally:
        process.kill()
        process.wait()
    snapshot = harness.checked_document(output)["processes"][0]["snapshot"]
    assert process.returncode == 4 and snapshot["consistent"] is False, snapshot
    assert 250_000 < snapshot["pause_us"] < 2_000_000, snapshot


def suspend_in_pause(target, ticks, delay):
    """Starts asynctree as a job and suspends it that long into its pause; whether it met it."""
    process = subprocess.Popen([harness.ASYNCTREE, "-l", "--pause-limit", "100", str(target.pid)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               process_group=0)
    try:
        while not tracer_of(target.pid):
            if process.poll() is not None:
                return False
        time.sleep(delay)
        met = tracer_of(target.pid) != 0
        os.killpg(process.pid, signal.SIGTSTP)
        end = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        runs_on(target, ticks)
        if end.si_code == os.CLD_STOPPED:
            assert set(states(process.pid)) == {"T"}
            os.killpg(process.pid, signal.SIGCONT)
        assert process.wait(HANG) in (0, 4)
        return met and end.si_code == os.CLD_STOPPED
    finally:
        process.kill()
        process.wait()


def test_released_when_asynctree_is_suspended(start, tree):
    """Ctrl-Z and fg, at any moment of the pause: also while threads are being stopped."""
    target, ticks = start_ticking(start, tree, 20_000)
    pause = statistics.median(target.json(*PATIENT)["snapshot"]["pause_us"] for _ in range(3)) / 1e6
    met = sum(suspend_in_pause(target, ticks, turn % 20 / 20 * pause) for turn in range(40))
    assert met >= 10, f"only {met} of 40 came in a pause"
    target.json(*PATIENT)


def test_released_at_the_limit(start, tree):
    target, ticks = start_ticking(start, tree, 20_000)
    gaps = []
    for _ in range(20):
        ticks[1] = 0
        process = harness_json(target, "--pause-limit", "2", statuses=(0, 4))
        snapshot = process["snapshot"]
        assert any("limit" in warning for warning in snapshot["warnings"]), snapshot
        assert len(process["tasks"]) > 18_000
        runs_on(target, ticks)
        # On a busy machine its threads may not stop so soon, and it is read without.
        if snapshot["mode"] == "paused":
            assert snapshot["consistent"] is False, snapshot
            gaps.append(ticks[1] / 1e3)
            assert snapshot["pause_us"] < snapshot["read_us"] / 3, snapshot
        if len(gaps) == 3:
            break
    # It stood still for about the limit, as it saw that itself, not for the reading.
    assert len(gaps) == 3 and min(gaps) < snapshot["read_us"] / 3, (gaps, snapshot)


def test_the_pause_is_what_the_target_sees(start, tree):
    target, ticks = start_ticking(start, tree, 20_000)
    differences = []
    for _ in range(8):
        ticks[1] = 0
        snapshot = harness_json(target, *PATIENT)["snapshot"]
        assert snapshot["mode"] == "paused" and snapshot["consistent"] is True
        differences.append(ticks[1] / 1e3 - snapshot["pause_us"])
    # The machine may take its time from the target besides.
    assert -1000 < min(differences) < 5000, differences


# ---------------------------------------------------------------- no signal is lost

SIGNAL_KINDS, SIGNAL_NUMBERS, STANDARD_SIGNALS = 8, 1 << 20, 4


class SharedCounts(Numbers):
    """`struct shared` of tests/targets/signals.c."""

    def __init__(self, path):
        self.head = 4 + 2 * SIGNAL_KINDS + 2 * STANDARD_SIGNALS
        super().__init__(path, 8 * self.head + SIGNAL_KINDS * SIGNAL_NUMBERS)

    def row(self, at, length):
        return list(self.numbers[at:at + length])

    def sent(self):
        return self.row(4, SIGNAL_KINDS)

    def taken(self):
        return self.row(4 + SIGNAL_KINDS, SIGNAL_KINDS)

    def standard(self):
        at = 4 + 2 * SIGNAL_KINDS
        return self.row(at, STANDARD_SIGNALS), self.row(at + STANDARD_SIGNALS, STANDARD_SIGNALS)

    def ticks(self):
        return self[3]

    def check(self):
        assert wait_until(lambda: self.sent() == self.taken()), (self.sent(), self.taken())
        for kind, sent in enumerate(self.sent()):
            start = 8 * self.head + kind * SIGNAL_NUMBERS
            seen = bytes(self.bytes[start:start + sent])
            assert seen == b"\1" * sent, f"kind {kind}: not each of {sent} came once"
        assert wait_until(lambda: self.standard()[0] == self.standard()[1]), self.standard()


@pytest.fixture
def counting(launch, programs, tmp_path):
    counts = SharedCounts(tmp_path / "counts")
    program = programs.target("signals")
    target = launch(program, "count", counts.path)
    assert wait_until(lambda: counts[0])
    return target, counts, program


def test_no_signal_is_lost(counting, launch, programs):
    target, counts, program = counting
    sender = launch(program, "send", counts.path, target.pid)
    done = programs.pause(target.pid, 3000)
    counts[1] = 1
    assert sender.wait(HANG) == 0
    assert done["refused"] == 0 and done["in_time"] == 3000, done
    counts.check()
    assert min(counts.sent()) > 3000 and min(counts.standard()[0]) > 1000, \
        (counts.sent(), counts.standard())


def test_no_stop_and_no_continue_is_lost(counting, programs):
    """Whoever controls the job sees each of its changes once, and they last."""
    target, counts, _ = counting
    driving = threading.Thread(target=programs.pause, args=(target.pid, 1500))
    driving.start()
    turns = 0
    while driving.is_alive():
        os.kill(target.pid, signal.SIGSTOP)
        _, status = os.waitpid(target.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP
        time.sleep(random.random() / 300)
        before = counts.ticks()
        time.sleep(0.001)
        assert counts.ticks() == before, "it runs though it was stopped"
        assert os.waitpid(target.pid, os.WUNTRACED | os.WCONTINUED | os.WNOHANG) == (0, 0)
        os.kill(target.pid, signal.SIGCONT)
        _, status = os.waitpid(target.pid, os.WCONTINUED)
        assert os.WIFCONTINUED(status)
        assert advances(counts.ticks), "it does not run though it was continued"
        turns += 1
    driving.join()
    assert turns > 50, turns
    assert wait_until(lambda: is_let_go(target.pid))
    assert advances(counts.ticks)


def test_no_signal_is_lost_in_python(start_each):
    target = start_each("signal_counts.py")
    sent = {"waited": 0, "handled": 0}
    stop = threading.Event()

    def send():
        while not stop.is_set():
            for name in sent:
                for _ in range(20):
                    os.kill(target.pid, target.extra[name])
                    sent[name] += 1
            if not wait_until(lambda: target.ask("counts") == sent, HANG):
                return

    sending = threading.Thread(target=send)
    sending.start()
    try:
        for _ in range(120):
            process = harness_json(target, *PATIENT)
            assert process["snapshot"]["mode"] == "paused", process["snapshot"]
    finally:
        stop.set()
        sending.join()
    assert target.ask("counts") == sent
    assert min(sent.values()) > 1000, sent


def harness_json(target, *options, statuses=(0,)):
    """As target.json(*PATIENT), without holding it all against the schema."""
    done = target.asynctree("-j", *options)
    assert done.returncode in statuses, (done.returncode, done.stdout[:2000], done.stderr)
    process, = json.loads(done.stdout)["processes"]
    harness.check_itself(process, complete=done.returncode == 0)
    return process


# ---------------------------------------------------------------- threads that cannot be stopped

def is_whole(process, names):
    snapshot = process["snapshot"]
    assert snapshot["mode"] == "paused" and snapshot["consistent"] is True, snapshot
    assert names <= {task["name"] for task in process["tasks"]}
    return process


FIFTY = {kind: {f"{kind}-{number}" for number in range(50)} for kind in ("leaf", "sleep")}


@pytest.mark.parametrize("thread", ["main", "other"])
def test_vfork_in_progress(start, tree, programs, thread):
    library = programs.library("tests/targets", "vfork")
    inside = tree.outside / library.name
    if not inside.exists():
        inside.write_bytes(library.read_bytes())
    target = start("vforked.py", f"{tree.inside}/{library.name}", thread)
    assert "D" in states(target.pid)
    lengths = []
    for _ in range(5):
        process = is_whole(target.json(*PATIENT), FIFTY["sleep"])
        lengths.append(process["snapshot"]["pause_us"])
    # It was not waited for: its limit is half a second.
    assert min(lengths) < 50_000, lengths
    assert "D" in states(target.pid) and is_let_go(target.pid)
    assert target.ask("end") == {"back": True}


def test_exited_main_thread(start):
    target = start("leaderless.py")
    assert "Z" in states(target.pid)
    lengths = []
    for _ in range(5):
        process = is_whole(target.json(*PATIENT), FIFTY["leaf"])
        lengths.append(process["snapshot"]["pause_us"])
    assert min(lengths) < 50_000, lengths
    assert is_let_go(target.pid)
    assert target.ask("alive") == {}


def test_exited_main_thread_is_no_matter_for_the_pause(start, programs):
    target = start("leaderless.py")
    done = programs.pause(target.pid, 200)
    assert done["refused"] == 0 and done["in_time"] == 200, done
    assert is_let_go(target.pid)


def test_stopped_target_stays_stopped(start, tree):
    target, ticks = start_ticking(start, tree, 1000)
    os.kill(target.pid, signal.SIGSTOP)
    _, status = os.waitpid(target.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    before = ticks[0]
    for _ in range(20):
        snapshot = target.json(*PATIENT)["snapshot"]
        assert snapshot["mode"] == "paused" and snapshot["consistent"] is True
        assert snapshot["pause_us"] < 5_000_000
    assert set(states(target.pid)) == {"T"} and not tracer_of(target.pid)
    assert ticks[0] == before
    # Its parent was told once that it stopped, and is not told again.
    assert os.waitpid(target.pid, os.WUNTRACED | os.WCONTINUED | os.WNOHANG) == (0, 0)
    os.kill(target.pid, signal.SIGCONT)
    runs_on(target, ticks)


def test_stop_in_mid_pause(start, tree):
    target, ticks = start_ticking(start, tree, 20_000)
    met = 0
    for turn in range(200):
        reading = subprocess.Popen([harness.ASYNCTREE, "-l", str(target.pid)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while not tracer_of(target.pid) and reading.poll() is None:
            pass
        time.sleep(random.random() * 0.01)
        met += tracer_of(target.pid) != 0
        os.kill(target.pid, signal.SIGSTOP)
        assert reading.wait(HANG) == 0, reading.stderr.read()
        reading.stderr.close()
        _, status = os.waitpid(target.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert wait_until(lambda: set(states(target.pid)) == {"T"}), states(target.pid)
        os.kill(target.pid, signal.SIGCONT)
        os.waitpid(target.pid, os.WCONTINUED)
        runs_on(target, ticks)
        if met >= 10:
            return
    pytest.fail(f"only {met} signals came in a pause")


@pytest.mark.parametrize("what", ["all", "one"])
def test_traced_by_another(start, tree, programs, launch, what):
    """Under a debugger it is read all the same, and said to be running."""
    target, ticks = start_ticking(start, tree, 1000)
    tracer = launch(programs.target("tracer"), target.pid, what, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE)
    assert tracer.stdout.readline() == b"tracing\n"
    traced = tracer_of(target.pid)
    assert traced == (tracer.pid if what == "all" else 0)
    process = harness_json(target, statuses=(0, 4))
    snapshot = process["snapshot"]
    assert snapshot["mode"] == "running" and snapshot["pause_us"] is None, snapshot
    assert any("could not be stopped" in warning and "debugger" in warning
               for warning in snapshot["warnings"]), snapshot
    assert len(process["tasks"]) >= 1000
    assert tracer_of(target.pid) == traced and ticks.advances()
    assert not set("tT") & set(states(target.pid))
    tracer.stdin.close()
    assert tracer.wait(HANG) == 0
    assert target.json(*PATIENT)["snapshot"]["mode"] == "paused"


def test_under_strace(start, tree, launch, tmp_path):
    target, ticks = start_ticking(start, tree, 1000)
    strace = launch("strace", "-f", "-o", tmp_path / "calls", "-p", target.pid,
                    stderr=subprocess.DEVNULL)
    assert wait_until(lambda: tracer_of(target.pid) == strace.pid)
    for _ in range(5):
        process = harness_json(target, statuses=(0, 4))
        assert process["snapshot"]["mode"] == "running", process["snapshot"]
        assert len(process["tasks"]) >= 1000
    assert strace.poll() is None and tracer_of(target.pid) == strace.pid and ticks.advances()
    strace.send_signal(signal.SIGINT)
    strace.wait(HANG)
    runs_on(target, ticks)
    assert target.json(*PATIENT)["snapshot"]["mode"] == "paused"


def test_what_could_not_be_stopped_is_not_tried_again(start, programs, launch, tmp_path):
    """A part of its threads stands still in vain: that is done once."""
    target = start("invariants.py")
    tracer = launch(programs.target("tracer"), target.pid, "all", stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE)
    assert tracer.stdout.readline() == b"tracing\n"
    calls = tmp_path / "calls"
    attempts = []
    while 3 not in attempts:
        done = target.asynctree("-j", prefix=["strace", "-f", "-o", calls, "-e", "trace=ptrace"])
        attempts.append(json.loads(done.stdout)["processes"][0]["snapshot"]["attempts"])
        tracers = set(re.findall(r"^(\d+) +ptrace\(PTRACE_SEIZE", calls.read_text(), re.M))
        assert len(tracers) == 1, calls.read_text()
        assert len(attempts) < 50, attempts


@pytest.mark.parametrize("option", ["--pause-limit=20000", "--no-pause"])
def test_asyncio_is_imported_meanwhile(start, launch, tmp_path, option):
    """After it was looked for where _asyncio keeps its tasks, and before they are read."""
    target = start("late_asyncio.py")
    stop = ["-P", f"/proc/{target.pid}/ns/time", "-e", "inject=all:signal=STOP:when=1"]
    calls = tmp_path / "calls"
    strace = launch("strace", "-f", "-o", calls, *stop, harness.ASYNCTREE, "-j", option,
                    target.pid, stdout=subprocess.PIPE,
                    env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    assert wait_until(lambda: calls.exists() and "stopped by SIGSTOP" in calls.read_text())
    child, = harness.children_of(strace.pid)
    names = target.ask("begin")
    assert len(names) == 4
    os.kill(child, signal.SIGCONT)
    output, _ = strace.communicate(timeout=HANG)
    process, = json.loads(output)["processes"]
    assert sorted(task["name"] for task in process["tasks"]) == names
    assert strace.returncode == 0 and process["snapshot"]["warnings"] == []


# ---------------------------------------------------------------- threads that come and go

def test_200_threads(start, programs):
    target = start("many_threads.py")
    assert len(states(target.pid)) >= 200
    done = programs.pause(target.pid, 200, gap_us=5000)
    assert done["refused"] == 0 and done["in_time"] == 200, done
    for _ in range(10):
        process = is_whole(harness_json(target, *PATIENT), FIFTY["sleep"])
        assert len(process["threads"]) >= 200
    assert is_let_go(target.pid)
    for kind in "python", "native":
        assert advances(lambda: target.ask("rounds")[kind]), kind


def test_threads_that_are_born_and_end(launch, programs, numbers):
    """None of them runs while the others stand."""
    target = launch(programs.target("births"), numbers.path)
    assert numbers.advances()
    before = numbers[0]
    done = programs.pause(target.pid, 3000, number=numbers.path)
    assert done["refused"] == 0 and done["in_time"] == 3000, done
    assert done["moved"] == 0, f"a thread ran on in {done['moved']} pauses"
    assert numbers[0] - before > 3000
    assert numbers.advances() and not tracer_of(target.pid)


def test_python_threads_and_children_that_are_born_and_end(start_each, programs):
    target = start_each("births.py")
    before = target.ask("counts")
    done = programs.pause(target.pid, 1000)
    assert done["refused"] == 0 and done["in_time"] == 1000, done
    between = target.ask("counts")
    for _ in range(50):
        is_whole(harness_json(target, *PATIENT), FIFTY["sleep"])
    after = target.ask("counts")
    for earlier, later in (before, between), (between, after):
        assert later["threads"] > earlier["threads"] + 50
        assert later["forks"] > earlier["forks"] + 5
    assert wait_until(lambda: is_let_go(target.pid))
    assert target.stderr() == ""


def test_exec_in_mid_pause(launch, programs):
    """The kernel lets nobody trace a process whose exec waits for its traced threads
    to be gone: neither may wait for the other."""
    target = launch(programs.target("execs"))
    begun = time.monotonic()
    done = programs.pause(target.pid, 1000, limit_us=500_000)
    assert set(done["reasons"]) <= {"it is becoming another program"}, done
    assert done["in_time"] > 500, done
    assert time.monotonic() - begun < 60 and done["longest_us"] < 600_000, done
    assert target.poll() is None
    assert wait_until(lambda: not tracer_of(target.pid))


def test_exec_in_mid_pause_of_one_that_is_stopped(launch, programs):
    """Then nobody but the tracer itself can end what it waits for."""
    target = launch(programs.target("execs"))
    driver = launch(programs.made("pause_driver", PAUSE), target.pid, 1_000_000, 20_000, 0, 0,
                    stdout=subprocess.DEVNULL)
    chance = random.Random(5)
    for _ in range(300):
        time.sleep(chance.random() / 250)
        driver.send_signal(signal.SIGSTOP)
        assert wait_until(lambda: not tracer_of(target.pid)), states(target.pid)
        driver.send_signal(signal.SIGCONT)
    assert driver.poll() is None and target.poll() is None


def test_exec_in_mid_read(launch, tree):
    target = launch(*tree.command(PYTHON, f"{tree.inside}/execs.py"),
                    env=harness.target_environment())
    chance = random.Random(4)
    seen = set()
    for _ in range(60):
        time.sleep(chance.random() * 0.05)
        begun = time.monotonic()
        done = harness.asynctree("-l", target.pid)
        assert time.monotonic() - begun < SOON
        assert done.returncode in (0, 3, 4), done
        seen.add(done.returncode)
        if done.returncode != 3:
            assert done.stderr == b"", done
        assert wait_until(lambda: not tracer_of(target.pid))
    assert 0 in seen and target.poll() is None


# ---------------------------------------------------------------- calls that sleep

def test_calls_that_sleep_come_back_right(start_each, programs):
    target = start_each("sleepers.py")
    before = target.ask("report")
    done = programs.pause(target.pid, 1000, hold_us=500, gap_us=1000)
    assert done["refused"] == 0 and done["in_time"] == 1000, done
    for _ in range(20):
        assert target.asynctree("-l").returncode == 0
    report = target.ask("report")
    assert len(report) == 23, sorted(report)
    for call, entry in report.items():
        assert entry["wrong"] == [], (call, entry)
        assert entry["calls"] > before.get(call, {"calls": 0})["calls"], (call, entry)
