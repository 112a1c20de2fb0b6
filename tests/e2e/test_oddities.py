"""Odd tasks, functions, classes, lines and places; and mixtures of what is not odd."""

import os
import unicodedata

import pytest

import harness
from harness import line_of

PYTHONS = harness.PYTHONS_ONCE

GRAPHS = int(os.environ.get("ASYNCTREE_GRAPHS", "1"))


def test_functions(start):
    truth = start("oddities.py", "functions").check()
    assert truth["call"]["coroutine"] == "Callable.__call__"


def test_classes(start):
    truth = start("oddities.py", "classes").check()
    assert truth["deeper"]["type"] == "C399"
    assert truth["TTTTTTTT"]["type"] == "T" * 700


@pytest.mark.parametrize("what", ["edges", "cycles"])
def test_graphs(start, what):
    start("oddities.py", what).check()


@pytest.mark.parametrize("what", ["stacks", "tools", "moments"])
def test_mixtures(start, what):
    start("mixtures.py", what).check()


@pytest.mark.parametrize("kind", ["c", "py", "both"])
@pytest.mark.parametrize("seed", range(GRAPHS))
def test_random_graph(start, seed, kind):
    """What waits for what is known from how it was made, not from asyncio's books."""
    target = start("random_graph.py", seed, 150, kind)
    expected = target.extra["expected"]
    tasks = target.json()["tasks"]
    names = {task["id"]: task["name"] for task in tasks}
    found = {task["name"]: sorted(names[other] for other in task["awaits"])
             for task in tasks if task["name"] in expected}
    assert found == expected
    target.check()


@pytest.mark.parametrize("how", ["waits", "runs"])
def test_without_the_c_module(start, how):
    truth = start("without_c.py", how).check()
    assert truth.awaits("deep") == ["e1", "e2"]
    assert truth.awaits("shield") == ["shielded"]
    assert None not in {task["tid"] for task in truth.whole["tasks"]}
    if how == "runs":
        assert truth["runs"]["current"]


@pytest.mark.parametrize("what", ["lines", "lines_at_most"])
def test_odd_lines(start, what):
    start("oddities.py", what).check()


@pytest.mark.parametrize("setting", [
    "PYTHONNODEBUGRANGES=1", "PYTHON_JIT=1", "PYTHONPERFSUPPORT=1"])
def test_lines_of_code_of_every_shape(start, setting):
    name, _, value = setting.partition("=")
    truth = start("lines.py", env={name: value}).check()
    assert len(truth.functions("Task-1")) > 200


@pytest.mark.parametrize("how", ["settrace", "monitoring"])
def test_traced(start, version, how):
    if how == "monitoring" and version < (3, 12):
        pytest.skip("there is no sys.monitoring before 3.12")
    start("oddities.py", how).check()


THROWN = {  # what an exception was thrown through, as thrown.py has it
    "generator": ["awaits", "generator", "awaits"],
    "await": ["awaits", "ByGenerator.__await__", "awaits"],
    "for": ["iterates", "items", "awaits"],
    "anext": ["awaits", "items"],
    "wait_for": ["wait_for"],
}


@pytest.mark.parametrize("how", THROWN)
def test_running_after_a_cancellation(start, version, how):
    if how == "wait_for" and version < (3, 12):
        pytest.skip("before 3.12 a task of its own runs what wait_for() is given")
    target = start("thrown.py", how)
    task, = (task for task in target.json()["tasks"] if task["name"] == "runs")
    assert [frame["function"] for frame in task["stack"]] == [*THROWN[how], "catches", "hold"]
    assert task["stack"][-1]["line"] == line_of("thrown.py", "hold")
    assert task["state"] == "running"
    # Before 3.14 not all that throws is in a frame that the target knows.
    if version >= (3, 14) or how not in ("await", "for", "anext"):
        target.check()


def test_suspended_in_what_another_task_runs(start):
    truth = start("thrown.py", "by another").check()
    assert truth.functions("suspended") == ["awaits", "generator"]
    assert truth["suspended"]["state"] == "waiting"
    assert truth.functions("Task-1") == ["by_another", "generator", "hold"]
    assert truth["Task-1"]["stack"][-1]["line"] == line_of("thrown.py", "hold")


@pytest.mark.parametrize("what", [
    "loops_in_one_thread", "nested_loops", "in_callback", "in_signal_handler",
    "in_asyncio_signal_handler", "in_destructor", "many_threads", "main_thread_ends",
    "threads_that_end", "raw_threads", "fork_in_thread", "cycles_of_garbage", "odd_names"])
def test_place(start, what):
    start("places.py", what).check()


def test_fork_in_a_coroutine(start, version):
    target = start("fork_in_coroutine.py", forks=True)
    truth = target.check()
    made_before = {"Task-1", "before", "group", "grouped", "grouped too"}
    assert truth.names() == {"in child", "group in child"} | (
        made_before if version < (3, 14) else set())


def columns(line):
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf")
               else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_a_long_name_keeps_the_list_within_the_screen(start_with):
    target = start_with("names.py", executable="/usr/bin/python3.14")
    for width in 160, 300:
        for options in [], ["-A"]:
            shown = target.text("-l", *options, env={"COLUMNS": str(width)})
            assert max(map(columns, shown.splitlines())) <= width
