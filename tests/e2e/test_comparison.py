"""The comparison itself: it passes what is equal, and fails whatever differs."""

import copy

import pytest

from harness import Truth, compare, short

FRAME = {"function": "f", "file": "/f.py", "line": 1}
TASK = {"id": "0x10", "name": "a", "type": "Task", "interpreter": 0, "tid": 5, "loop": "0x1",
        "state": "waiting", "current": False, "coroutine": "f", "stack": [FRAME, FRAME],
        "cancel_requests": 0, "must_cancel": False, "awaits": ["0x20"], "awaited_by": []}
OTHER = {**TASK, "id": "0x20", "name": "b", "awaits": [], "awaited_by": ["0x10"]}
LOOP = {"id": "0x1", "type": "L", "interpreter": 0, "tid": 5, "running": True,
        "ready": 1, "timers": 2, "next_timer_s": 2.0, "blocked_s": 3.0,
        "executor": {"pool_size": 8, "busy": 1, "pool_queue": 0}}
CLOCKS = {"next_timer": 12.0, "blocked_since": 7.0}  # what the truth says of a moment at 10
THREAD = {"interpreter": 0, "tid": 5, "name": "MainThread", "own": False, "loop": "0x1",
          "current_task": None, "stack": [FRAME]}


def whole():
    return copy.deepcopy({"tasks": [TASK, OTHER], "loops": [{**LOOP, **CLOCKS}],
                          "threads": [THREAD], "between": (10, 10)})


def test_equal_passes():
    compare(Truth(whole()), whole())


@pytest.mark.parametrize("part", ["tasks", "loops", "threads"])
def test_anything_missing_fails(part):
    found = whole()
    found[part].pop()
    with pytest.raises(AssertionError):
        compare(Truth(whole()), found)


@pytest.mark.parametrize("part", ["tasks", "loops"])
def test_anything_extra_fails(part):
    found = whole()
    found[part].append({**found[part][0], "id": "0x30"})
    with pytest.raises(AssertionError):
        compare(Truth(whole()), found)


@pytest.mark.parametrize("part, key", [(part, key) for part, one in
                                       (("tasks", TASK), ("loops", LOOP), ("threads", THREAD))
                                       for key in one if key != "own"], ids=short)
def test_any_difference_fails(part, key):
    found = whole()
    value = found[part][0][key]
    found[part][0][key] = {str: "0x99", int: 99, float: 99.0, bool: not value,
                           list: [] if value else ["0x20"], dict: {}, type(None): "0x99"}[
                               type(value)]
    with pytest.raises(AssertionError):
        compare(Truth(whole()), found)


@pytest.mark.parametrize("change", [{"function": "g"}, {"file": "/g.py"}, {"line": 2}])
def test_a_difference_in_a_frame_fails(change):
    for part in "tasks", "threads":
        found = whole()
        found[part][0]["stack"][-1].update(change)
        with pytest.raises(AssertionError, match="truth"):
            compare(Truth(whole()), found)
