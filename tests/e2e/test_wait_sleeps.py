"""Tasks that sleep: how long they still do."""

import situations
from test_services import SERVER_PYTHON


def test_sleeps(start):
    names = situations.check(start("wait_sleeps.py"))
    assert names == {"sleep/plain", "sleep/renamed", "sleep/subclassed", "sleep/wrapped",
                     "sleep/group", "sleep/decoy"}


def test_on_uvloop(start_with):
    """It does not say when its timers are due."""
    target = start_with("wait_sleeps.py", "--uvloop", executable=SERVER_PYTHON)
    situations.check(target)
    loop, = target.json()["loops"]
    unknown = "blocked_s", "ready", "timers", "next_timer_s", "executor"
    assert loop["running"] and all(loop[key] is None for key in unknown)
