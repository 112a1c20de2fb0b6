"""What can't be inspected is one clear line; what is only made hard still works."""

import errno
import os
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

import harness
from harness import HANG, NOBODY, asynctree, compare

PYTHONS = harness.PYTHONS_OF_TREE


def refused(pid, kind, *words, status=3, **kwargs):
    """asynctree must end with one line on stderr, and with -j an error object."""
    for view in "-t", "-l":
        one_line(asynctree(view, pid, **kwargs), words, status)
    done = asynctree("-j", pid, **kwargs)
    message = one_line(done, words, status, stdout=True)
    process, = harness.checked_document(done.stdout)["processes"]
    kinds = kind if isinstance(kind, tuple) else (kind,)
    assert process["error"]["kind"] in kinds, process
    assert process == {"pid": pid, "error": process["error"]}
    assert process["error"]["message"] == message
    return message


def one_line(done, words=(), status=3, stdout=False):
    text = done.stderr.decode()
    assert done.returncode == status, (done.returncode, text)
    assert text.startswith("asynctree: ") and text.count("\n") == 1 and text[-1] == "\n", text
    if not stdout:
        assert done.stdout == b""
    for word in words:
        assert word.lower() in text.lower(), f"no {word!r} in: {text}"
    return text[len("asynctree: "):-1]


@pytest.fixture
def run():
    """Starts a plain process and ends it with the test."""
    started = []

    def run(*argv, **kwargs):
        process = subprocess.Popen(argv, start_new_session=True, **kwargs)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="module")
def program_for_all(tmp_path_factory):
    """A copy of asynctree that every user may run, and how to run it as nobody."""
    folder = Path("/tmp") / f"asynctree-e2e-{os.getpid()}"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    program = shutil.copy(harness.ASYNCTREE, folder / "asynctree")
    os.chmod(program, 0o755)
    yield {"program": str(program), "cwd": "/",
           "prefix": ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                      "--inh-caps=-all", "--bounding-set=-all"]}
    shutil.rmtree(folder)


# ---------------------------------------------------------------- no target at all

def test_no_such_process():
    process = subprocess.Popen(["true"])
    process.wait()
    refused(process.pid, "gone", str(process.pid))
    refused(2**22 + 1, "gone")


def test_zombie(run):
    process = run("true")
    while " (true) Z " not in Path(f"/proc/{process.pid}/stat").read_text():
        time.sleep(0.01)
    refused(process.pid, "gone", str(process.pid))


def test_kernel_thread():
    try:
        name = Path("/proc/2/comm").read_text().strip()
    except FileNotFoundError:
        name = None
    if name != "kthreadd":
        pytest.skip("kernel threads are not visible in this pid namespace")
    refused(2, "not-python", "kernel")


def test_not_python(run):
    refused(run("sleep", "3600").pid, "not-python")


def test_not_python_statically_linked(run, tmp_path):
    source = tmp_path / "static.c"
    source.write_text("#include <unistd.h>\nint main(void) { pause(); }\n")
    subprocess.run(["gcc", "-static", "-o", tmp_path / "static", source], check=True)
    refused(run(tmp_path / "static").pid, "not-python")


SLEEP = "import asyncio, sys; sys.stdout.write('.'); sys.stdout.flush(); " \
    "asyncio.get_event_loop().run_until_complete(asyncio.sleep(3600))"


def test_unsupported_version_of_the_host(run):
    version = subprocess.run(["/usr/bin/python3", "-c",
                              "import sys; print('%d.%d' % sys.version_info[:2])"],
                             capture_output=True, text=True, check=True).stdout.strip()
    if version in ("3.11", "3.12", "3.13", "3.14", "3.15"):
        pytest.skip(f"the host's Python {version} is supported")
    process = run("/usr/bin/python3", "-W", "ignore", "-c", SLEEP, stdout=subprocess.PIPE)
    assert process.stdout.read(1) == b"."
    refused(process.pid, "unsupported", version)


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9", "3.10"])
def test_other_unsupported_versions(run, version):
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    if not found:
        pytest.skip(f"no Python {version} is installed with pyenv")
    script = "import sys, time; sys.stdout.write('.'); sys.stdout.flush(); time.sleep(3600)" \
        if version == "2.7" else SLEEP
    process = run(found[0], "-W", "ignore", "-c", script, stdout=subprocess.PIPE)
    assert process.stdout.read(1) == b"."
    if version == "2.7":  # it has no _PyRuntime to know it by
        refused(process.pid, ("unsupported", "not-python"))
    else:
        refused(process.pid, "unsupported", version)


def test_several_targets(start):
    first, second = start("no_asyncio.py"), start("sleep_chain.py")
    gone = subprocess.Popen(["true"])
    gone.wait()
    done = asynctree(first.pid, gone.pid, second.pid)
    assert done.returncode == 3 and done.stderr.count(b"\n") == 1
    assert b"handler" in done.stdout
    done = asynctree("-j", first.pid, gone.pid, second.pid)
    assert done.returncode == 3
    processes = harness.checked_document(done.stdout)["processes"]
    assert [process["pid"] for process in processes] == [first.pid, gone.pid, second.pid]
    assert ["error" in process for process in processes] == [False, True, False]


# ---------------------------------------------------------------- rights

def test_no_permission(start, program_for_all):
    target = start("sleep_chain.py")
    refused(target.pid, "denied", "CAP_SYS_PTRACE", str(target.pid), **program_for_all)


def test_no_permission_for_another_user(start, program_for_all):
    target = start("sleep_chain.py", user=NOBODY - 1)
    refused(target.pid, "denied", "same user", **program_for_all)


def test_same_ordinary_user(start, program_for_all):
    target = start("sleep_chain.py", user=NOBODY)
    process = target.json(**program_for_all)
    compare(target.truth(), process)
    compare(target.truth(), target.json())
    assert "handler" in target.text(**program_for_all)


@pytest.fixture(scope="module")
def seccomp_exec(tmp_path_factory):
    program = tmp_path_factory.mktemp("seccomp") / "seccomp-exec"
    subprocess.run(["gcc", "-Wall", "-Werror", "-o", program,
                    Path(__file__).parent / "seccomp_exec.c"], check=True)
    return program


@pytest.mark.parametrize("error", ["EPERM", "ENOSYS"])
def test_without_process_vm_readv(start, seccomp_exec, error):
    target = start("gathers.py")
    prefix = [str(seccomp_exec), str(getattr(errno, error))]
    process = target.json(prefix=prefix)
    compare(target.truth(), process)


def test_ordinary_user_without_process_vm_readv(start, program_for_all, tmp_path, seccomp_exec):
    target = start("gathers.py", user=NOBODY)
    helper = shutil.copy(seccomp_exec, Path(program_for_all["program"]).parent / "seccomp-exec")
    process = target.json(**{**program_for_all, "prefix": [
        *program_for_all["prefix"], str(helper), str(errno.EPERM)]})
    compare(target.truth(), process)


# ---------------------------------------------------------------- files

def private_copy(tree, path, name):
    """A file of the tree copied to a folder of its own there: (as targets see it, as we do)."""
    folder = tree.outside / f"copy-{random.randrange(1 << 32):x}"
    folder.mkdir()
    copy = folder / name
    shutil.copy(path, copy)
    copy.chmod(0o755)
    return "/" + str(copy.relative_to(tree.root)), copy


def python_copy(tree, python):
    return private_copy(tree, tree.root / python[1:], Path(python).name)


def asyncio_copy(tree, command):
    """_asyncio.so in a folder for PYTHONPATH; in 3.15 it is part of the executable."""
    abi = "314d" if command == "python3.14d" else "314"
    name = f"_asyncio.cpython-{abi}-{os.uname().machine}-linux-gnu.so"
    return private_copy(tree, tree.root / "usr/lib/python3.14/lib-dynload" / name, name)


def delete(path):
    path.unlink()


def replace(path):
    """Another file, and no Python at all, takes the place and the name."""
    new = path.with_suffix(".new")
    shutil.copy("/bin/true", new)
    new.rename(path)


def replace_by_other_python(path):
    new = path.with_suffix(".new")
    tree = path.parents[3]
    other = "python3.13" if "3.13" not in path.name else "python3.14"
    shutil.copy(tree / "usr/bin" / other, new)
    new.rename(path)


CHANGES = {"deleted": delete, "replaced": replace, "other-python": replace_by_other_python}


@pytest.mark.parametrize("user", ["root", "ordinary"])
@pytest.mark.parametrize("change", CHANGES)
def test_changed_executable(start, tree, python, program_for_all, change, user):
    inside, copy = python_copy(tree, python)
    target = start("gathers.py", executable=inside,
                   user=NOBODY if user == "ordinary" else None)
    CHANGES[change](copy)
    process = target.json(**(program_for_all if user == "ordinary" else {}))
    compare(target.truth(), process)


@pytest.mark.parametrize("command", ["python3.14", "python3.14d"])
@pytest.mark.parametrize("user", ["root", "ordinary"])
@pytest.mark.parametrize("change", ["deleted", "replaced"])
def test_changed_asyncio_module(start_with, tree, command, program_for_all, change, user):
    inside, copy = asyncio_copy(tree, command)
    target = start_with("gathers.py", executable=f"/usr/bin/{command}",
                        env={"PYTHONPATH": str(Path(inside).parent)},
                        user=NOBODY if user == "ordinary" else None)
    assert copy.name in Path(f"/proc/{target.pid}/maps").read_text()
    CHANGES[change](copy)
    process = target.json(**(program_for_all if user == "ordinary" else {}))
    compare(target.truth(), process)


def drop_section_headers(path):
    """What `strip --strip-section-headers` leaves: a file that runs, without names."""
    data = bytearray(path.read_bytes())
    assert data[:5] == b"\x7fELF\x02"
    data[40:48] = struct.pack("<Q", 0)  # e_shoff
    data[58:64] = struct.pack("<HHH", 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    path.write_bytes(data)


def strip(path):
    subprocess.run(["strip", "--strip-all", path], check=True)


FEWER = {"stripped": strip, "no-section-headers": drop_section_headers}


@pytest.mark.parametrize("how", FEWER)
def test_executable_with_less(start, tree, python, how):
    inside, copy = python_copy(tree, python)
    FEWER[how](copy)
    start("gathers.py", executable=inside).check()


@pytest.mark.parametrize("command", ["python3.14", "python3.14d"])
@pytest.mark.parametrize("how", FEWER)
def test_asyncio_module_with_less(start_with, tree, command, how):
    inside, copy = asyncio_copy(tree, command)
    FEWER[how](copy)
    start_with("gathers.py", executable=f"/usr/bin/{command}",
               env={"PYTHONPATH": str(Path(inside).parent)}).check()


def test_garbage_in_place_of_the_executable(start, tree, python):
    """A file that looks like ELF and is not: what is on disk is not trusted."""
    inside, copy = python_copy(tree, python)
    target = start("gathers.py", executable=inside)
    new = copy.with_suffix(".new")
    garbage = bytearray(copy.read_bytes()[:1 << 16])
    chance = random.Random(1)
    for place in range(64, len(garbage)):
        garbage[place] = chance.randrange(256)
    new.write_bytes(garbage)
    new.rename(copy)
    process = target.json()
    compare(target.truth(), process)


def test_library_that_was_replaced(run, tmp_path, program_for_all):
    """Up to 3.12 nothing in the memory tells where CPython is: only the file does."""
    folder = Path(program_for_all["program"]).parent
    library = folder / "libpython3.11.so"
    shutil.copy(next(Path("/lib").glob("*-linux-gnu*/libm.so.6")), library)
    process = run(*program_for_all["prefix"], "sleep", "3600", env={"LD_PRELOAD": str(library)})
    while library.name not in Path(f"/proc/{process.pid}/maps").read_text() or \
            Path(f"/proc/{process.pid}/comm").read_text() != "sleep\n":
        time.sleep(0.01)
    library.unlink()
    refused(process.pid, "unreadable", str(library), "replaced", "CAP_CHECKPOINT_RESTORE",
            **program_for_all)
    refused(process.pid, "not-python")


@pytest.mark.parametrize("limit", range(4, 7))
def test_too_few_descriptors(start_with, limit):
    """The reason is told, and not that there is no such process, or no CPython in it."""
    pid = start_with("gathers.py", executable=f"{harness.HOST}/usr/bin/python3.11").pid
    refused(pid, "unreadable", "too many open files",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))


# ---------------------------------------------------------------- moving targets

def ends_well(done):
    assert done.returncode in (0, 3, 4), (done.returncode, done.stderr)
    if done.returncode == 3:
        one_line(done, stdout=True)
    else:
        assert done.stderr == b""
        harness.checked_text(done.stdout)


def test_process_that_execs(run, tree, python):
    process = run(*tree.command(python, f"{tree.inside}/restless.py", "exec"),
                  env=harness.target_environment())
    chance = random.Random(2)
    for turn in range(40):
        time.sleep(chance.random() * 0.05)
        ends_well(asynctree(["-t", "-l", "-c"][turn % 3], process.pid))
    assert process.poll() is None


def test_process_that_ends(run, tree, python):
    process = run(*tree.command(python, f"{tree.inside}/restless.py", "fork"),
                  stdout=subprocess.PIPE, env=harness.target_environment())
    chance = random.Random(3)
    for _ in range(40):
        pid = int(process.stdout.readline())
        time.sleep(chance.random() * 0.08)
        ends_well(asynctree(pid))
    assert process.poll() is None


def test_stopped_process(start):
    target = start("gathers.py")
    os.kill(target.pid, signal.SIGSTOP)
    state = re.compile(r"\) T ")
    while not state.search(Path(f"/proc/{target.pid}/stat").read_text()):
        time.sleep(0.01)
    process = target.json()
    assert "nested" in target.text("-c")
    assert state.search(Path(f"/proc/{target.pid}/stat").read_text()), "it was let run"
    os.kill(target.pid, signal.SIGCONT)
    compare(target.truth(), process)


def test_forked_child(start, version):
    target = start("forked.py", forks=True)
    process = target.json()
    truth = target.truth()
    compare(truth, process)
    assert "in child" in truth.names()
    # Before 3.14 asyncio itself counts those that came with the fork.
    assert ("from the parent" in truth.names()) == (version < (3, 14))


def test_a_target_is_left_alone(start):
    """No signal, no stop, no changed file descriptor, no new thread."""
    def state():
        status = Path(f"/proc/{target.pid}/status").read_text()
        return (sorted(os.listdir(f"/proc/{target.pid}/fd")),
                sorted(os.listdir(f"/proc/{target.pid}/task")),
                re.findall(r"^(?:TracerPid|ShdPnd|SigPnd):.*$", status, re.M))

    target = start("threads.py")
    before = state()
    for view in "-t", "-l", "-j":
        assert target.asynctree(view).returncode == 0
    assert state() == before


# ---------------------------------------------------------------- usage and output

@pytest.mark.parametrize("arguments", [
    [], ["abc"], ["0"], ["-1"], ["1x"], [""], ["99999999999999999999"], ["1.5"], ["+1", "x"],
    ["--nonsense", "1"], ["-Z", "1"], ["--color=sometimes", "1"], ["--color"], ["python3"],
    # options that are planned are wrong until they are there
    ["--pause-limit", "0", "1"], ["--pause-limit", "5ms", "1"], ["--pause-limit", "-1", "1"],
    ["--pause-limit", "3600001", "1"], ["--second-look", "3600001", "1"],
    ["-i", "1"], ["--live", "1"], ["--live=0", "1"], ["-ix", "1"], ["--core", "file"], ["--all"], ["-n", "x", "1"],
    ["--state", "ready", "1"], ["--watch", "1", "1"], ["--fail-on", "cycle", "1"],
    ["--max-tasks", "1", "1"], ["--native", "1"], ["--diff", "a", "b"],
    ["\x1b[31m"], ["--\x1b[31m"],
])
def test_usage_errors(arguments):
    done = asynctree(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"asynctree: ")
    assert b"--help" in done.stderr
    harness.checked_text(done.stderr)


def test_help_and_version():
    for option in "--help", "--version":
        done = asynctree(option)
        assert done.returncode == 0 and done.stderr == b"" and done.stdout


def test_full_output_device(start):
    target = start("names.py")
    for view in "-t", "-l", "-j":
        with open("/dev/full", "wb") as full:
            done = subprocess.run([harness.ASYNCTREE, view, str(target.pid)], stdout=full,
                                  stderr=subprocess.PIPE, timeout=HANG)
        assert done.returncode not in (0, 4)
        assert done.stderr.startswith(b"asynctree: ") and done.stderr.count(b"\n") == 1


def test_closed_standard_files(start):
    target = start("sleep_chain.py")
    for closed in "<&-", "2>&-", "<&- 2>&-":
        done = subprocess.run(["sh", "-c", f'exec "$0" -j "$1" {closed}', harness.ASYNCTREE,
                               str(target.pid)], stdout=subprocess.PIPE, timeout=HANG)
        assert done.returncode == 0
        harness.checked_document(done.stdout)
