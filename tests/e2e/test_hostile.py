"""A process that plays a CPython and lies (tests/hostile): asynctree ends soon, with a
status of its own, in bounded memory, and prints nothing that is unsafe."""

import json
import os
import random
import re
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

import harness

WORLD = sorted((harness.ROOT / "tests" / "hostile").glob("*.c"))
SOURCES = [*WORLD, *(harness.ROOT / name for name in (
    "tests/unit/layouts.c", "cpython/layout.c", *harness.BASE))]


def evils(source):
    return re.findall(r'^\t\{ "([a-z-]+)", \w+ \},$', source.read_text(), re.M)


EVILS = [name for source in WORLD for name in evils(source)]
MUCH = evils(harness.ROOT / "tests" / "hostile" / "volume.c")
SILENT = [evil for evil in EVILS if evil.startswith("silent-")]

SANITIZED = b"__asan_init" in Path(harness.ASYNCTREE).read_bytes()
BOUND = 100 if SANITIZED else 20  # seconds of work; a busy machine may take longer
MEMORY = 1024  # MiB
VIEWS = ["-t", "-l", "-j", "-cs"]

# They lie about themselves in a way that a task elsewhere need not survive.
HEALTHY_STAYS = {
    *(name for name in EVILS if name.endswith(("-of-itself", "-of-its-own", "-each-other", "-ring",
                                               "-out-of-size", "-out-of-length", "-escapes"))),
    "list-to-nowhere", "list-that-leaves-its-head", "frame-before-itself", "gone", "device",
    "giant-set-of-nothing", "giant-list-of-nothing",
} - {"list-of-others"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    program = tmp_path_factory.mktemp("hostile") / "hostile"
    subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
                    "-I", harness.ROOT, "-o", program, *SOURCES, "-pthread"], check=True)
    return program


@pytest.fixture
def play(hostile, tmp_path):
    """Starts a process with an evil; it ends with the test."""
    started = []

    def play(version, evil, *more, program=hostile):
        process = subprocess.Popen([program, version, evil, *more], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, cwd=tmp_path)
        started.append(process)
        said = process.stdout.readline()
        if said.startswith(b"refused"):
            pytest.skip(said.decode().strip())
        assert said == b"ready\n", (said, process.wait())
        return process

    yield play
    for process in started:
        process.kill()
        process.communicate()


class Done:
    """asynctree on a process, and what it cost."""

    def __init__(self, tmp_path, pid, *options):
        command = [harness.ASYNCTREE, *options, str(pid)]
        self.mebibytes = 0
        with open(tmp_path / "out", "wb") as out, open(tmp_path / "err", "wb") as err:
            deadline = time.monotonic() + 6 * BOUND
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       env={**os.environ, "LC_ALL": "C.UTF-8"})
            try:
                while process.poll() is None:
                    self.mebibytes = max(self.mebibytes, peak(process.pid))
                    assert time.monotonic() < deadline and worked(process.pid) < BOUND, \
                        f"{options}: runs on, {self.mebibytes} MiB"
                    assert self.mebibytes < 6 * MEMORY, f"{options}: {self.mebibytes} MiB"
                    time.sleep(0.002)
            finally:
                process.kill()
                process.wait()
        self.returncode = process.returncode
        self.size = (tmp_path / "out").stat().st_size
        self.out, self.err = (beginning(tmp_path / name) for name in ("out", "err"))

    def check(self):
        assert self.returncode in (0, 3, 4), (self.returncode, self.err[-2000:])
        assert self.err.count(b"\n") == (self.returncode == 3), self.err
        if self.returncode == 3:
            assert self.err.startswith(b"asynctree: ") and b"out of memory" not in self.err
        harness.checked_text(self.err)
        harness.checked_text(self.out)
        # The sanitizer keeps what is freed, and a shadow of everything.
        assert SANITIZED or self.mebibytes < MEMORY, f"{self.mebibytes} MiB"
        return self


def worked(pid):
    """The seconds that it has used a processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid):
    """The most memory it has had so far, in MiB."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) >> 10 if found else 0


def beginning(path, limit=8 << 20):
    """The whole lines in the first part of a file."""
    with open(path, "rb") as file:
        text = file.read(limit)
    return text if len(text) < limit else text[:max(text.rfind(b"\n"), text.rfind(b"}"))]


def test_the_evils_are_those_of_the_program(hostile):
    said = subprocess.run([hostile, "list"], capture_output=True, text=True, check=True).stdout
    assert sorted(said.split()) == sorted(EVILS)
    assert HEALTHY_STAYS <= set(EVILS)


@pytest.mark.parametrize("version", ["3.14", "3.15"])
def test_healthy(play, tmp_path, version):
    process = play(version, "healthy")
    done = Done(tmp_path, process.pid, "-j").check()
    assert done.returncode == 0
    found, = harness.checked_document(done.out)["processes"]
    assert [(task["name"], task["coroutine"], task["state"]) for task in found["tasks"]] == \
        [("healthy", "work", "waiting")]
    assert "MainThread" in [thread["name"] for thread in found["threads"]]
    assert found["python"]["version"].startswith(version)


@pytest.mark.parametrize("evil", [evil for evil in EVILS if evil not in SILENT])
@pytest.mark.parametrize("version", ["3.14", "3.15"])
def test_evil(play, tmp_path, version, evil):
    process = play(version, evil, "\x1b[31m\n\x9b", "\u202e")
    for view in ["-j"] if evil in MUCH and (SANITIZED or version == "3.15") else VIEWS:
        done = Done(tmp_path, process.pid, view).check()
        if evil in HEALTHY_STAYS:
            assert b"healthy" in done.out, (view, done.out[:2000])
    if version == "3.15":
        done = Done(tmp_path, process.pid, "-j", "--no-pause").check()
        if done.size == len(done.out):
            json.loads(done.out)
    assert process.poll() is None


@pytest.mark.parametrize("evil", ["many-files", "file-of-a-terabyte", "device", "healthy",
                                  "file-of-garbage", "many-mappings"])
def test_evil_without_section_headers(play, hostile, tmp_path, evil):
    """Then CPython is looked for in all of the memory."""
    data = bytearray(hostile.read_bytes())
    data[40:48] = struct.pack("<Q", 0)  # e_shoff
    data[58:64] = struct.pack("<HHH", 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    program = tmp_path / "without"
    program.write_bytes(data)
    program.chmod(0o755)
    process = play("3.14", evil, program=program)
    Done(tmp_path, process.pid, "-t").check()
    Done(tmp_path, process.pid, "-j").check()


# ---------------------------------------------------------------- memory that never answers

def is_traced(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return "TracerPid:\t0\n" not in status


def default_signals():
    """A job in the background of a shell has inherited that SIGINT is ignored."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("by", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("options", [["--no-pause"], ["--pause-limit", "200"], []])
@pytest.mark.parametrize("evil", SILENT)
def test_memory_that_never_answers(play, evil, options, by):
    """It may not prolong the pause, and asynctree can be ended."""
    process = play("3.14", evil)
    limit = {0: 0.5, 1: 0, 2: 0.2}[len(options)]
    ours = subprocess.Popen([harness.ASYNCTREE, *options, str(process.pid)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            preexec_fn=default_signals)
    try:
        deadline = time.monotonic() + limit + 2
        was_traced = False
        while time.monotonic() < deadline and not (was_traced and not is_traced(process)):
            was_traced = was_traced or is_traced(process)
            time.sleep(0.001)
        assert was_traced == (limit > 0)
        assert not is_traced(process)
        assert ours.poll() is None, "it did not need the page"
        ours.send_signal(getattr(signal, by))
        assert ours.wait(5) in (-getattr(signal, by), 3, 4)
        process.stdin.write(b"0 0x7970677562656478\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"done\n", "it does not run"
    finally:
        ours.kill()
        ours.wait()


# ---------------------------------------------------------------- offsets

OFFSETS = [0, 1, 7, 8, 16, 255, 4096, (4 << 20) - 8, 4 << 20, (4 << 20) + 8, 1 << 32, 1 << 63,
           (1 << 64) - 8, (1 << 64) - 1]


@pytest.mark.parametrize("version, words", [("3.14", 95), ("3.15", 111)])
@pytest.mark.parametrize("structure", ["", "a "])
def test_wild_offsets(play, tmp_path, version, words, structure):
    """The right cookie, and each of the words after it out of place."""
    process = play(version, "words-out-of-range")
    chance = random.Random(version + structure)
    statuses = set()
    for word in range(13 if structure else words):
        for value in chance.sample(OFFSETS, 1 if SANITIZED else 3) + [chance.randrange(1 << 13) * 8]:
            process.stdin.write(f"{structure}{word} {value}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline() == b"done\n"
            try:
                done = Done(tmp_path, process.pid, chance.choice(VIEWS)).check()
            except AssertionError as error:
                raise AssertionError(f"word {word} is {value:#x}: {error}") from error
            statuses.add(done.returncode)
    assert len(statuses) > 1, "no word mattered"
