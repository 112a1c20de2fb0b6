"""What the loops do: ready callbacks, timers, and that one is blocked."""

import re
import time

import harness
import pytest


def test_loops_say_what_they_have_to_do(start):
    truth = start("blocked.py").check()
    loops = truth.whole["loops"]
    assert sum(loop["blocked_since"] is not None for loop in loops) == 3
    assert sorted(loop["timers"] for loop in loops)[-1] >= 6


def test_the_line_of_a_loop_says_what_it_has_to_do(start):
    target = start("loop_work.py")
    truth = target.check()
    due = {loop["tid"]: loop["timers"] for loop in truth.whole["loops"]}
    shown = target.text("-A").splitlines()
    line, = (line for line in shown if line.startswith("idle "))
    tid = int(line.split()[1])
    assert due[tid] == 3
    assert re.search(r" - idle, 0 ready, 3 timers, the next in 60 min$", line)
    line, = (line for line in shown if line.startswith("busy "))
    assert re.search(r" - running, 7 ready, 1 timer, the next \d+\.\d s overdue$|"
                     r" - BLOCKED >= \d+\.\d s$", line)
    finding, = (line for line in shown if line.startswith("! loop blocked"))
    assert re.search(r" - 7 ready, 1 timer \d+\.\d s overdue$", finding)
    line, = (line for line in shown if line.startswith("no thread "))
    assert line.endswith(" - not running - 2 ready, 1 timer, the next in 60 min")


def test_loops_say_what_their_executors_do(start):
    target = start("loop_executors.py")
    truth = target.check()
    executors = [loop["executor"] for loop in truth.whole["loops"]]
    assert None in executors
    expected = {"unused": (3, 0, 0), "idle": (2, 0, 0), "busy": (5, 2, 0), "full": (2, 2, 40)}
    for size, busy, queued in expected.values():
        assert {"pool_size": size, "busy": busy, "pool_queue": queued} in executors
    shown = target.text().splitlines()
    for name, (size, busy, queued) in expected.items():
        line, = (line for line in shown if line.startswith(f"{name} "))
        assert f"executor, {busy} of {size} busy" in line
        assert (", 40 queued" in line) == (queued > 0)


def test_a_second_look_costs_time_only_where_a_loop_may_be_blocked(start):
    blocked, still = start("blocked.py"), start("gathers.py")
    for target, waits in ((blocked, True), (still, False)):
        for milliseconds in (0, 700):
            process = target.json("--second-look", milliseconds)
            begin, end = process["between"]
            assert (end - begin > 0.7) == (waits and milliseconds > 0)


def test_a_signal_handler_that_does_not_end(start):
    """When it began is not known: only a second look tells that it blocks the loop."""
    target = start("signal_handler.py")
    time.sleep(0.2)
    for milliseconds in 0, 1:
        process = target.json("--second-look", milliseconds)
        loop, = process["loops"]
        assert not process["findings"] and 0 <= loop["blocked_s"] < 0.1
        assert " - running, " in target.text("--second-look", milliseconds)
    process = target.json("--second-look", 300)
    loop, = process["loops"]
    finding, = process["findings"]
    assert finding["kind"] == "blocked" and not finding["likely"] and loop["blocked_s"] >= 0.3
    place = f"signal_handler.py:{harness.line_of('signal_handler.py', 'sleeps')}"
    assert f": a signal handler in on_alarm {place} - " in target.text()


@pytest.mark.parametrize("wrong", ["", "-1", "x", "1.5", "3600001"])
def test_a_wrong_second_look(start, wrong):
    done = start("gathers.py").asynctree("--second-look", wrong)
    assert done.returncode == 2 and b"--second-look" in done.stderr
