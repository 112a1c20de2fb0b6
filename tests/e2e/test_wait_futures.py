"""Waits for tasks, for many at once, for bare futures and for executors."""

import situations
from test_services import SERVER_PYTHON


def test_futures(start):
    target = start("wait_futures.py")
    situations.check(target)
    truth = target.check()
    for variant in "plain", "wrapped", "group":
        assert truth.awaits(f"task of another loop/{variant}") == \
            [f"task of another loop/{variant} there"]
        assert truth.awaits(f"cancel and wait/{variant}") == [f"cancel and wait/{variant} helper"]


def test_on_uvloop(start_with):
    situations.check(start_with("wait_futures.py", "--uvloop", executable=SERVER_PYTHON))


def test_in_debug_mode(start):
    """asyncio makes other futures and handles there."""
    situations.check(start("wait_futures.py", env={"PYTHONASYNCIODEBUG": "1"}))


def test_the_last_of_a_group(start):
    """Of a group that none can add to any more it is known how many there were at least.  One
    that a server adds to, and forgets whom it served, is well."""
    process = start("group_remains.py").json()
    findings = [finding for finding in process["findings"] if finding["kind"] == "holdup"]
    told = {task for finding in findings for task in finding["tasks"]}
    names = {task["name"]: task for task in process["tasks"]}
    assert all(" of at least 10" in finding["message"] for finding in findings)
    assert {name for name in names if " " in name and names[name]["id"] in told} == {
        "1 of 100", "10 of 100", "1 of 10", "1 of 100 completes"}, findings
    assert {names[name]["waiting_on"]["pending"] for name in names if name.startswith("1 of")} == {1}
    assert {task["waiting_on"]["total"] for task in names.values()
            if task["waiting_on"]["kind"] in ("taskgroup", "as-completed")} == {None}
