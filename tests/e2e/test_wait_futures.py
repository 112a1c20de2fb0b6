"""Waits for tasks, for many at once, for bare futures and for executors."""

import situations


def test_futures(start):
    target = start("wait_futures.py")
    situations.check(target)
    truth = target.check()
    for variant in "plain", "wrapped", "group":
        assert truth.awaits(f"task of another loop/{variant}") == \
            [f"task of another loop/{variant} there"]
        assert truth.awaits(f"cancel and wait/{variant}") == [f"cancel and wait/{variant} helper"]
