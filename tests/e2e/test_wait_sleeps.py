"""Tasks that sleep: how long they still do."""

import situations


def test_sleeps(start):
    names = situations.check(start("wait_sleeps.py"))
    assert names == {"sleep/plain", "sleep/renamed", "sleep/subclassed", "sleep/wrapped",
                     "sleep/group", "sleep/decoy"}
