"""Processes of other pid and time namespaces: numbers as the reader sees them, and times
by the target's clock."""

import re
from pathlib import Path

import pytest

import harness
import situations

PYTHONS = harness.PYTHONS_ONCE

DAY = 86400
OWN_TIME = ["--time", "--monotonic", str(DAY)]  # its clock is ahead by a day
WITH_ONE_CLOCK = ["unshare", "--time", "--monotonic", str(-1000), "--fork", "--kill-child"]


def numbers_of(pid):
    """What the threads of a process are called here, by what they are called there."""
    numbers = {}
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        outer, *_, inner = re.search(r"^NSpid:(.*)", status.read_text(), re.M)[1].split()
        numbers[int(inner)] = int(outer)
    return numbers


def as_seen(value, numbers, ahead):
    """What a target tells, as it looks from here."""
    if isinstance(value, list):
        return [as_seen(item, numbers, ahead) for item in value]
    if not isinstance(value, dict):
        return value
    seen = {}
    for key, item in value.items():
        if item is not None and key in ("tid", "pid"):
            seen[key] = numbers[item]
        elif item is not None and key in ("due", "next_timer", "blocked_since"):
            seen[key] = item - ahead
        else:
            seen[key] = as_seen(item, numbers, ahead)
    return seen


class Seen:
    """A target of other namespaces, which tells what it knows as it looks from here."""

    def __init__(self, target, ahead):
        self.target, self.ahead = target, ahead
        self.json = target.json
        self.numbers = numbers_of(target.pid)
        assert self.numbers[1] == target.pid

    def ask(self, request):
        return as_seen(self.target.ask(request), self.numbers, self.ahead)

    def truth(self):
        return harness.Truth(self.ask("truth"))


@pytest.mark.parametrize("options", [(), ("--no-pause",)], ids=["paused", "running"])
def test_numbers_and_times(start, options):
    """Loops in threads: who runs them, when timers are due, since when they are blocked."""
    seen = Seen(start("blocked.py", unshare=OWN_TIME), DAY)
    before = seen.json(*options)
    truth = seen.truth()
    for process in before, seen.json(*options):
        harness.compare(truth, process)
        assert [finding["kind"] for finding in process["findings"]] == ["blocked"] * 3
    tids = {loop["tid"] for loop in truth.whole["loops"]}
    assert len(tids) == 4 and not tids & set(seen.numbers)


def test_sleeps(start):
    situations.check(Seen(start("wait_sleeps.py", unshare=OWN_TIME), DAY))


def test_timeouts_and_executors(start_with):
    """What else is told in seconds, and by the number of a thread."""
    for script in "wait_timeouts.py", "wait_futures.py":
        situations.check(Seen(start_with(script, executable="/usr/bin/python3.14",
                                         unshare=OWN_TIME), DAY))


def test_a_reader_with_a_clock_of_its_own(start):
    target = start("wait_sleeps.py")
    harness.compare(target.truth(), target.json(prefix=WITH_ONE_CLOCK))


def test_a_clock_for_children_only(start_with):
    """A process goes on with the clock that it has when it makes one for its children."""
    start_with("clock_for_children.py", executable="/usr/bin/python3.14").check()
