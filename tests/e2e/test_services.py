"""Services: at rest compared with their truth, under load only held to be sane.

What runs on cannot be compared.  But whatever the moment, asynctree must end
well, show every task that stays, and show nothing that no task can be.
"""

import re
import shutil
from collections import Counter

import pytest

import harness

PYTHONS = harness.PYTHONS_ONCE

SERVER_PYTHON = "/usr/bin/python3"  # the one that Debian's modules are for


def test_streams(start):
    truth = start("streams.py").check()
    assert truth.functions("client-1") == \
        ["client", "StreamReader.readexactly", "StreamReader._wait_for_data"]
    assert truth.functions("raw")[-1].endswith("sock_recv")
    assert truth["blocked writer"]["state"] == "waiting"


def test_uvloop_service(start_with):
    target = start_with("uvloop_service.py", executable=SERVER_PYTHON)
    truth = target.check()
    assert [loop["type"] for loop in truth.whole["loops"]] == ["Loop"]
    assert truth.whole["loops"][0]["tid"] == target.pid
    assert len(truth.awaits("Task-1")) == 13
    shown = target.text("-c")
    for name in truth.names():
        assert name in shown


def test_tornado_service(start_with):
    """Tornado's own futures, locks and queues are futures; all else is asyncio's."""
    target = start_with("tornado_service.py", executable=SERVER_PYTHON)
    truth = target.check()
    process = target.json()
    waits = Counter((task["coroutine"], task["waiting_on"]["kind"]) for task in process["tasks"])
    assert waits == {
        ("main", "taskgroup"): 1, ("client", "stream"): 10, ("their_client", "future"): 1,
        ("HTTP1ServerConnection._server_request_loop", "future"): 11,
        ("RequestHandler._execute", "sleep"): 3, ("RequestHandler._execute", "lock"): 2,
        ("RequestHandler._execute", "future"): 5, ("ask_database", "sleep"): 1}
    stacks = {tuple(frame["function"] for frame in task["stack"])
              for task in truth.tasks.values()}
    assert ("RequestHandler._execute", "Theirs.get", "Lock.__aenter__") in stacks
    assert process["findings"] == []


def test_greenlet_service(start_with):
    """What a task awaits through a greenlet is on its stack; the greenlet's frames are not."""
    target = start_with("greenlet_service.py", executable=SERVER_PYTHON)
    truth = target.check()
    for name in "handler-0", "grouped", "nested":
        through = ["greenlet_spawn"] * (2 if name == "nested" else 1)
        assert truth.functions(name)[1:] == [*through, "query", "sleep"]
    tasks = {task["name"]: task for task in target.json()["tasks"]}
    assert tasks["acquirer"]["waiting_on"]["holders"] == [tasks["holder"]["id"]]
    assert tasks["handler-0"]["waiting_on"]["kind"] == "sleep"
    assert 0 < tasks["group"]["waiting_on"]["timeout_remaining_s"] < 3000


OVER_A_GREENLET = {
    "first": ["blocks", "greenlet_spawn", "first", "busy"],
    "resumed": ["blocks", "greenlet_spawn", "resumed", "busy"],
    "nested": ["blocks", "greenlet_spawn", "greenlet_spawn", "resumed", "busy"],
    "iterates": ["blocks", "iterates", "items", "greenlet_spawn", "resumed", "busy"],
}


@pytest.mark.parametrize("version", ["3.14", "3.15"])
@pytest.mark.parametrize("how", OVER_A_GREENLET)
def test_a_loop_blocked_in_a_greenlet(start_with, how, version):
    """CPython itself shows the greenlet's frames alone."""
    target = start_with("greenlet_blocked.py", how, executable=f"/usr/bin/python{version}")
    truth = target.truth()
    stack = OVER_A_GREENLET[how]
    for options in [], ["--no-pause"]:
        process = target.json(*options)
        assert process["snapshot"]["warnings"] == []
        blocks, = [task for task in process["tasks"] if task["name"] == "blocks"]
        assert blocks["current"] and blocks["state"] == "running"
        assert [frame["function"] for frame in blocks["stack"]] == stack
        assert blocks["stack"][-1]["line"] == harness.line_of("greenlet_blocked.py", "busy")
        true, = [thread for thread in truth.whole["threads"] if thread["tid"] == target.pid]
        found, = [thread for thread in process["threads"] if thread["tid"] == target.pid]
        functions = [frame["function"] for frame in found["stack"]]
        assert functions[0] == "<module>" and functions[-len(stack):] == stack
        assert functions[-len(stack) - 2:-len(stack)] == ["BaseEventLoop._run_once", "Handle._run"]
        assert true["stack"] == found["stack"][-len(true["stack"]):]
        assert process["loops"][0]["blocked_s"] > 0.3
        finding, = process["findings"]
        assert finding["kind"] == "blocked" and finding["tasks"] == [blocks["id"]]
        assert "busy" in finding["message"]
    others = {name for name in truth.names() if name != "blocks"}
    assert others <= {task["name"] for task in process["tasks"]}


@pytest.mark.parametrize("how", ["greenlet", "pool"])
def test_beside_gevent(start_with, how):
    """A loop runs in a greenlet, or in a native thread of the hub's."""
    target = start_with("gevent_service.py", how, executable=SERVER_PYTHON)
    truth = target.check()
    assert truth.awaits("Task-1") == ["acquirer", "query-0", "query-1", "query-2"]
    tasks = {task["name"]: task for task in target.json()["tasks"]}
    assert tasks["acquirer"]["waiting_on"]["holders"] == [tasks["Task-1"]["id"]]


def test_a_loop_blocked_by_gevent(start_with):
    """What it waits for runs in the hub, on whose frames the thread is."""
    target = start_with("gevent_service.py", "blocked", executable=SERVER_PYTHON)
    for options in [], ["--no-pause"]:
        process = target.json(*options)
        blocks, = [task for task in process["tasks"] if task["name"] == "Task-1"]
        assert blocks["current"] and blocks["state"] == "running"
        finding, = process["findings"]
        assert finding["kind"] == "blocked" and finding["tasks"] == [blocks["id"]]
        loop, = process["loops"]
        assert loop["blocked_s"] > 0.3


def look_often(target, times, names):
    """Many readings of a target that never rests; each must be sane by itself."""
    for _ in range(times):
        process = target.json(statuses=(0, 4))
        found = {task["name"] for task in process["tasks"]}
        assert set(names) <= found, set(names) - found
        for task in process["tasks"]:
            assert re.fullmatch(r"Task-\d+|" + "|".join(map(re.escape, names))
                                + r"|serving", task["name"]), task["name"]
            assert task["type"] == "Task"
            if task["stack"]:
                assert task["stack"][0]["function"] == task["coroutine"], task


CHURN_FUNCTIONS = {"main", "stays", "short", "busy"}
CHURN_STACKS = {
    # Which functions may stand below which: a torn chain would show others.
    "busy": {"fan_out", "group", "generations", "cancels"},
    "short": {"sleep"}, "stays": {"sleep"}, "fan_out": set(), "generations": {
        "generations.<locals>.items"}, "generations.<locals>.items": {"sleep"},
    "cancels": {"sleep"}, "group": {"TaskGroup.__aexit__"},
    "TaskGroup.__aexit__": {"TaskGroup._aexit"}, "TaskGroup._aexit": set(),
    "sleep": {"__sleep0"}, "__sleep0": set(), "main": set(),
}
# Who may wait for whom, by coroutine.
CHURN_EDGES = {("main", "stays"), ("main", "busy"), ("busy", "short")}


CHURN_NAMES = [f"stays-{n}" for n in range(20)] + [f"busy-{n}" for n in range(10)] + ["Task-1"]


def churn_problems(process):
    """What one reading says that cannot be, each with an example."""
    tasks = {task["id"]: task for task in process["tasks"]}
    names = Counter(task["name"] for task in process["tasks"])
    for name in CHURN_NAMES:
        if names[name] != 1:
            yield f"a task that stays is there {names[name]} times", name
    for task in tasks.values():
        if not re.fullmatch(r"(Task|short|busy|stays)-\d+", task["name"]):
            yield "a name of no task", task
        if task["type"] != "Task" or task["coroutine"] not in CHURN_FUNCTIONS:
            yield "a coroutine of no task", task
        for other in task["awaits"]:
            if (task["coroutine"], tasks[other]["coroutine"]) not in CHURN_EDGES:
                yield "an edge that never was", (task, tasks[other])
        if task["coroutine"] == "short" and len(task["awaited_by"]) > 1:
            yield "a second awaiter that never was", task
        functions = [frame["function"] for frame in task["stack"]]
        if task["state"] != "running" and not all(
                inner in CHURN_STACKS.get(outer, ()) for outer, inner in
                zip(functions, functions[1:])):
            yield "a stack that never was", task
    if process["cycles"]:
        yield "a cycle that never was", process["cycles"]


@pytest.mark.parametrize("options, statuses", [([], (0,)), (["--no-pause"], (0, 4))])
def test_churn(start, options, statuses):
    target = start("churn.py")
    problems, examples = Counter(), {}
    for _ in range(100):
        done = target.asynctree("-j", *options)
        if done.returncode not in statuses or done.stderr:
            problems["it failed"] += 1
            examples["it failed"] = done
            continue
        process, = harness.checked_document(done.stdout)["processes"]
        harness.check_itself(process, complete=done.returncode == 0)
        for problem, example in churn_problems(process):
            problems[problem] += 1
            examples[problem] = example
    assert not problems, "\n".join(
        f"{count} times {problem}, as {examples[problem]}" for problem, count in problems.items())


@pytest.mark.parametrize("kind", ["aiohttp", "uvicorn"])
def test_server_under_load(start_with, kind):
    target = start_with("server.py", kind, executable=SERVER_PYTHON)
    look_often(target, 40, [f"stays-{n}" for n in range(5)])
    for options in [], ["-c"], ["-s"], ["-l"]:
        done = target.asynctree(*options)
        assert done.returncode in (0, 4) and done.stderr == b""
        assert "stays" in harness.checked_text(done.stdout)
    assert target.process.poll() is None, target.stderr()


RUN_SHOP = """
import runpy, sys, threading
import truth
threading.Timer(1.5, truth.ready).start()
sys.argv = ["shop.py"]
runpy.run_path(sys.path[0] + "/shop.py", run_name="__main__")
"""


def test_the_example(start, tree):
    """examples/shop.py, once everyone stands where the trouble is."""
    shutil.copy(harness.ROOT / "examples" / "shop.py", tree.outside)
    (tree.outside / "run_shop.py").write_text(RUN_SHOP)
    target = start("run_shop.py")
    truth = target.check()
    assert len(truth.tasks) > 10
    for options in [], ["-s"], ["-c"], ["-l"]:
        assert "shop.py" in target.text(*options)
