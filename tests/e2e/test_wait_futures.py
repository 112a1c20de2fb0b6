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
