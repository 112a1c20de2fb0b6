"""Tasks that wait for sockets, streams, pipes and child processes: with what, and who is there."""

import re
import subprocess
import time
from pathlib import Path

import harness
import situations
from harness import children_of
from test_services import SERVER_PYTHON

VARIANTS = {"plain", "renamed", "subclassed", "wrapped", "group"}


def by_situation(names):
    """The variants that there are of each situation."""
    found = {}
    for name in names:
        situation, _, variant = name.partition("/")
        found.setdefault(situation, set()).add(variant)
    return found


def test_sockets_streams_pipes_and_children(start):
    target = start("wait_io.py")
    found = by_situation(situations.check(target))
    for decoy in "sock_recv", "stream", "borrowed", "process":
        assert "decoy" in found[decoy]
    full = [name for name, variants in found.items() if VARIANTS <= variants]
    assert len(full) >= 45
    without_argv(target)


def without_argv(target):
    """--no-argv leaves out the command lines of children too."""
    process = target.json("--no-argv")
    waits = [task["waiting_on"] for task in process["tasks"]
             if task["waiting_on"] and task["waiting_on"]["kind"] == "process"]
    assert len(waits) > 20
    assert all(wait["pid"] and wait["argv"] is None for wait in waits)
    assert "sleep 3600" not in target.text("-c", "--no-argv")


def test_on_uvloop(start_with):
    found = by_situation(situations.check(
        start_with("wait_uvloop.py", "--uvloop", executable=SERVER_PYTHON)))
    assert len([name for name, variants in found.items() if VARIANTS <= variants]) >= 12
    assert found["stream"] == {"decoy"}


def inner_pid(pid):
    """What a process is called in the namespace of process 1 of that namespace."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^NSpid:\s+\d+\s+(\d+)", status, re.M)[1])


def test_children_of_a_namespace(tree):
    """Children are called what we call them, not what the target does."""
    script = f"{tree.inside}/namespaced.py"
    outer = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", *tree.command(SERVER_PYTHON, script)],
        stdout=subprocess.PIPE, text=True, env=harness.target_environment())
    try:
        told = sorted(int(outer.stdout.readline()) for _ in range(2))
        pid, = children_of(outer.pid)
        assert inner_pid(pid) == 1
        time.sleep(0.2)
        done = harness.asynctree("-j", pid)
        process, = harness.checked_document(done.stdout)["processes"]
        found = {task["waiting_on"]["pid"]: task["waiting_on"]["argv"]
                 for task in process["tasks"] if task["waiting_on"]["kind"] == "process"}
        assert sorted(found) == sorted(children_of(pid))
        assert sorted(map(inner_pid, found)) == told
        assert not set(found) & set(told)
        assert sorted(argv[-1] for argv in found.values()) == ["1001", "1002"]
    finally:
        outer.kill()
        outer.wait()
        outer.stdout.close()
