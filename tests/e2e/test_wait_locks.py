"""Locks, queues and their like, who holds them, and timeouts around anything."""

import re

import harness
import situations
from test_services import SERVER_PYTHON

GUISES = "plain", "renamed", "subclassed", "wrapped", "group"


def in_all_guises(names):
    """The situations of which every guise is there."""
    situations_of = {name.rpartition("/")[0] for name in names}
    return {name for name in situations_of if {f"{name}/{guise}" for guise in GUISES} <= names}


def test_locks(start):
    target = start("wait_locks.py")
    names = situations.check(target)
    assert in_all_guises(names) >= {
        "event", "barrier", "lock", "semaphore", "bounded semaphore", "condition",
        "condition again", "Queue get", "Queue put", "PriorityQueue get", "PriorityQueue put",
        "LifoQueue get", "LifoQueue put", "queue join", "held by function", "held by exit stack",
        "deadlock"}
    assert {"lock/decoy", "queue/decoy", "lock/grafted"} <= names
    waiters, = (task["waiting_on"]["waiters"] for task in target.json()["tasks"]
                if task["name"] == "barrier/plain")
    assert any("- barrier/plain " in line and line.endswith(f" barrier, {waiters} of 4 there")
               for line in target.text("-c", "-A").splitlines())


def test_timeouts(start):
    names = in_all_guises(situations.check(start("wait_timeouts.py")))
    assert {"timeout around an event", "wait_for event", "wait_for lock"} <= names


def test_on_uvloop(start_with):
    for script in "wait_locks.py", "wait_timeouts.py":
        situations.check(start_with(script, "--uvloop", executable=SERVER_PYTHON), options=[()])


def test_while_the_loop_is_blocked(start):
    target = start("wait_blocked.py")
    situations.check(target, options=[("--second-look", "0"), ("--no-pause", "--second-look", "0")])
    states = target.truth().states()
    assert states["ready holder/plain helper"] == "ready"
    assert states["released by another/plain first"] == "ready"
    assert states["Task-1"] == "running"


def test_who_holds_stands_on_the_line_of_who_waits(start):
    target = start("holders.py")
    waits = dict(re.findall(r"(wants-\d+) want  \S+ - (semaphore.*)", target.text("-c", "-A")))
    place = f"holders.py:{harness.line_of('holders.py', 'keeps')}"
    assert waits == {"wants-0": "semaphore",
                     "wants-1": f"semaphore held by keeper-1 in keep {place}",
                     "wants-2": "semaphore, 2 holders found",
                     "wants-1000": "semaphore, 1,000 holders found"}


def test_circles_through_semaphores(start):
    """Certain where it is known that one is let in, likely where one holder was found, and
    none where a timeout, another holder or the first of several may end it."""
    process = start("semaphores.py").json()
    names = {task["id"]: task["name"] for task in process["tasks"]}
    cycles = [(finding["likely"], "likely wait" in finding["message"],
               *sorted(names[task] for task in finding["tasks"]))
              for finding in process["findings"] if finding["kind"] == "cycle"]
    assert sorted(cycles) == [(False, False, "bounded lock", "bounded semaphore"),
                              (False, False, "pair 0", "pair 1"),
                              (True, True, "child", "waits for all"),
                              (True, True, "plain lock", "plain semaphore"),
                              (True, True, "self")], process["findings"]
    assert {task["name"] for task in process["tasks"]
            if (task["waiting_on"] or {}).get("value") == 0} >= {"first", "hasty lock", "shared"}
