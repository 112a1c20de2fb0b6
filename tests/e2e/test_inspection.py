"""The situations of CPython's own tests of its external inspection (test_external_inspection)."""

import pytest

import harness
from harness import line_of

PYTHONS = harness.PYTHONS_ONCE


@pytest.mark.parametrize("eager", ["", "eager"])
def test_group_with_a_running_task(start, version, eager):
    if eager and version < (3, 12):
        pytest.skip("there are no eager tasks before 3.12")
    truth = start("inspection.py", "in_group", eager).check()
    assert truth.functions("c2_root") == ["c2", "c3", "c4", "hold"]
    assert truth["c2_root"]["stack"][-1]["line"] == line_of("inspection.py", "hold")
    assert truth["c2_root"]["current"]
    main, *others = truth.awaited_by("c2_root")
    assert main == "Task-1" or eager and main == "None"  # how 3.13 calls an eager one
    assert others == ["sub_main_1", "sub_main_2"]


@pytest.mark.parametrize("what, name, functions", [
    ("in_async_generator", "Task-1",
     ["in_async_generator", "generator", "nested_call", "hold"]),
    ("as_anext", "anext", ["holds_at_first", "hold"]),
    ("in_gather", "Task-2", ["one", "deep", "hold"]),
    ("long_code", "Task-1",
     ["long_code", "big", "long_code.<locals>.<lambda>", "f" * 1100, "hold"]),
    ("deep_calls", "Task-1", ["deep_calls"] + ["recurse"] * 10_001 + ["hold"]),
])
def test_running_task(start, what, name, functions):
    truth = start("inspection.py", what).check()
    assert truth.functions(name) == functions
    assert truth[name]["current"]


def test_staggered_race_with_a_running_task(start):
    truth = start("inspection.py", "in_race").check()
    assert len(truth.awaits("Task-1")) == 2


def test_suspended_async_generators(start):
    truth = start("inspection.py", "suspended_generators").check()
    assert truth.functions("async for") == ["consumes", "slow_items", "sleeps", "sleep"]
    assert truth.functions("nested async for") == \
        ["consumes", "slow_items_of", "slow_items", "sleeps", "sleep"]
    assert truth.functions("anext") == truth.functions("asend") == \
        ["slow_items", "sleeps", "sleep"]
    assert truth.functions("aclose") == ["with_cleanup", "sleeps", "sleep"]
    assert truth["aclose"]["coroutine"] == "with_cleanup"
    assert truth.functions("decoy") == ["awaits"]
    assert truth.awaits("waits for main") == ["Task-1"]


def test_marks_of_removed_awaiters(start, version):
    if version < (3, 14):
        pytest.skip("nothing keeps awaiters before 3.14")
    truth = start("inspection.py", "tombstones").check()
    assert truth.awaited_by("victim") == ["remaining"]


def test_deep_coroutines(start):
    truth = start("inspection.py", "deep_coroutines").check()
    assert truth.functions("deep") == ["down"] * 5001 + ["sleep"]
