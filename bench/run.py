"""How long one look takes: `asynctree PID` against Python's own `-m asyncio pstree PID`.

Both are whole processes started in the same way on the same live target, in
turns, so that what else the machine does falls on both.  Needs root, for the
target's root file system.

    sudo /usr/bin/python3 bench/run.py [--runs N] [--sizes N,N,...]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))

import harness  # noqa: E402


def timed(command):
    """Seconds of wall time and the output of a whole process."""
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}: "
                         f"{done.stderr.decode()[-500:]}")
    return seconds, done.stdout


def shows_all(output, tasks):
    """asynctree folds, but the heading counts; Python's has a line for each task."""
    return f" {tasks:,} tasks".encode() in output or output.count(b"Task-") >= tasks


def measure(tree, python, size, runs):
    target = harness.Target(tree, python, "groups.py", size)
    try:
        ours = [harness.ASYNCTREE, str(target.pid)]
        theirs = tree.command(python, "-m", "asyncio", "pstree", target.pid)
        snapshot = json.loads(timed([harness.ASYNCTREE, "-j", str(target.pid)])[1])
        process = snapshot["processes"][0]
        tasks = len(process["tasks"])
        for command in ours, theirs:  # a first run that is not counted
            if not shows_all(timed(command)[1], tasks):
                raise SystemExit(f"{' '.join(command)} does not show all of {tasks} tasks")
        pairs = [(timed(ours)[0], timed(theirs)[0]) for _ in range(runs)]
    finally:
        target.end()
    return tasks, pairs, process["snapshot"]


def row(tasks, pairs, snapshot):
    ours, theirs = (statistics.median(column) for column in zip(*pairs))
    ratios = [slow / fast for fast, slow in pairs]
    return (f"{tasks:>7,}  {ours * 1e3:>11.1f} {theirs * 1e3:>11.1f} "
            f"{statistics.median(ratios):>8.1f}x {min(ratios):>6.1f}x–{max(ratios):.1f}x  "
            f"{snapshot['read_us'] / 1e3:>8.2f} {snapshot['bytes_read'] / 1e6:>8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="pairs for each size (7)")
    parser.add_argument("--sizes", default="1000,10000,50000", help="numbers of tasks")
    parser.add_argument("--python", default="python3.14", help="the target's, in the sid tree")
    options = parser.parse_args()
    tree = harness.Tree()
    try:
        print(f"{options.python} in {tree.root}, {os.cpu_count()} CPUs, "
              f"medians of {options.runs} pairs, wall time of whole processes")
        print(f"{'tasks':>7}  {'asynctree ms':>11} {'pstree ms':>10} {'ratio':>9} "
              f"{'(least–most)':>14}  {'read ms':>8} {'read MB':>8}")
        for size in map(int, options.sizes.split(",")):
            print(row(*measure(tree, f"/usr/bin/{options.python}", size, options.runs)),
                  flush=True)
    finally:
        tree.remove()


if __name__ == "__main__":
    main()
