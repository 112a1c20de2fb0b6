"""Waits for tasks, for many at once, for bare futures and for executors."""

import situations


def test_futures(start):
    situations.check(start("wait_futures.py"))
