"""Chains and crowds: time and output stay linear, and nothing recurses."""

import pytest

import harness

from harness import compare

PYTHONS = harness.PYTHONS_ONCE


def crowd_text(target, *options):
    lines = target.text(*options).splitlines()
    assert lines
    return lines


def folds(lines, count, function):
    """A line stands for so many tasks, in the glyphs of a terminal or without."""
    return any(f"{count}{times} {function}" in line for line in lines for times in "×x")


def test_chain_of_2000(start):
    target = start("chain.py", 2000)
    truth = target.check()
    assert len(truth.tasks) == 2000
    folded = crowd_text(target)
    assert len(folded) < 20
    assert folds(folded, "1,998", "hop")
    for options in ["-c"], ["-c", "-s"], ["-l"]:
        lines = crowd_text(target, *options)
        assert 2000 <= len(lines) <= 3 * 2000 + 20
        assert max(map(len, lines)) < 400


def test_chain_of_100000(start_with):
    target = start_with("chain.py", 100_000, executable="/usr/bin/python3.14")
    process = target.json("--pause-limit", 20_000)  # for a slow machine
    truth = target.truth()
    compare(truth, process)
    for options in [], ["-t", "-c"], ["-t", "-s"], ["-t", "-c", "-s"], ["-l"]:
        lines = crowd_text(target, "--pause-limit", 20_000, *options)
        assert len(lines) <= 4 * 100_000
        if "-c" in options or "-l" in options:
            assert len(lines) >= 100_000


def test_10000_tasks_in_groups_of_100(start):
    target = start("groups.py", 10_000)
    truth = target.check()
    assert len(truth.tasks) == 10_001
    folded = crowd_text(target)
    assert len(folded) < 20
    assert folds(folded, "100", "group") and folds(folded, "9,900", "handler")
    assert len(crowd_text(target, "-c")) >= 10_001
    assert len(crowd_text(target, "-l")) >= 10_001


def test_like_siblings_fold(start):
    target = start("groups.py", 100)
    folded = crowd_text(target)
    assert sum("handler" in line for line in folded) == 1
    assert folds(folded, "99", "handler")
    unfolded = crowd_text(target, "-c")
    assert sum("handler" in line for line in unfolded) == 99


def test_closed_pipe_is_quiet(start):
    import subprocess
    target = start("groups.py", 10_000)
    for options in ["-c"], ["-l"], ["-j"]:
        process = subprocess.Popen([harness.ASYNCTREE, *options, str(target.pid)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        process.wait(harness.HANG)
        assert errors == b"", options


@pytest.mark.parametrize("version", ["3.13", "3.14"])
def test_more_edges_than_are_read(start_with, version):
    """Then some of these are missing, which is said, and no task."""
    target = start_with("shared_gather.py", 1000, 3000, executable=f"/usr/bin/python{version}")
    done = target.asynctree("-l", "--pause-limit", 20_000)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 4
    assert any("more tangled" in line for line in lines)
    names = {word for line in lines for word in line.split() if word.startswith("request-")}
    assert names == {f"request-{n}" for n in range(3000)}
    assert sum(" starts " in line for line in lines) == 1000
