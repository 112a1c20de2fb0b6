"""What is said of tasks besides where they stand: cancellations, and where they come from."""

import harness
import pytest


@pytest.mark.parametrize("make", ["c", "python"])
def test_cancellations(start, make):
    target = start("cancelled.py", make)
    for options in (), ("--no-pause",):
        process = target.json(*options)
        names = {task["id"]: task["name"] for task in process["tasks"]}
        told = [task for finding in process["findings"] if finding["kind"] == "cancelled"
                for task in finding["tasks"]]
        expected = target.ask("expected")
        assert sorted(names[task] for task in told) == \
            sorted(names[task] for task in expected["cancelled"])
    target.check()
    requests = {task["name"]: (task["cancel_requests"], task["must_cancel"])
                for task in process["tasks"]}
    assert requests["swallowed"] == requests["under way"] == (1, False)
    assert requests["uncancelled"] == requests["not cancelled"] == (0, False)


@pytest.mark.parametrize("how", [("-X", "dev"), (), ("later",)])
def test_creation(start, how):
    target = start("created.py", *(() if "-X" in how else how),
                   env={"PYTHONDEVMODE": "1"} if "-X" in how else None)
    created = {task["id"]: task["created_at"] for task in target.json()["tasks"]}
    assert created == target.ask("created")
    stacks = [stack for stack in created.values() if stack]
    if "-X" in how:
        assert len(stacks) == len(created)
        assert [bool({"Service.start", "start"} & {frame["function"] for frame in stack})
                for stack in stacks].count(True) == 2
    else:
        assert len(stacks) == len(how)


def test_exceptions_that_nobody_fetched(start):
    target = start("exceptions.py")
    for options in (), ("--no-pause",):
        process = target.json(*options)
        found = {task["name"]: task for task in process["tasks"] if task["state"] == "done"}
        expected = {task["name"]: task for task in target.ask("unfetched")}
        assert set(found) == set(expected) and len(found) == 8
        for name, task in expected.items():
            assert {key: found[name][key] for key in task} == task
        findings = [finding for finding in process["findings"] if finding["kind"] == "exception"]
        assert sorted(task for finding in findings for task in finding["tasks"]) == \
            sorted(task["id"] for task in expected.values())
        messages = " | ".join(finding["message"] for finding in findings)
        for message in ("ConnectionError: gone, 7", "FileNotFoundError: 2, no such file",
                        "KeyError: key", "ValueError: é", "MyError: a", "raise_it"):
            assert message in messages


@pytest.mark.parametrize("how", ["set", "list", "dict", "keys"])
def test_one_of_many_that_are_kept_has_failed(start, how):
    process = start("registry.py", how, 5000, "failed").json("--pause-limit", 20000)
    finding, = process["findings"]
    assert finding["kind"] == "exception" and finding["count"] == 1
    line = harness.line_of("registry.py", "fails")
    assert f"in fails registry.py:{line}" in finding["message"]


def test_one_of_many_whose_exception_was_fetched(start):
    process = start("registry.py", "set", 5000, "fetched").json("--pause-limit", 20000)
    assert process["findings"] == []
