"""How fast a snapshot is, beside CPython's own tools and what the memory allows.

    make bench                                    (a quarter of an hour; needs root)
    make bench BENCH="--sizes 1000,10000"         (two minutes)

bench/README.md says how to read what it prints.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))

import harness  # noqa: E402
import picture  # noqa: E402
from goals import print_goals  # noqa: E402

SHAPES = ["groups", "flat", "chain"]
SIZES = "100,1000,10000,50000,100000,1000000"
CPYTHON_MAX = 50_000  # it is to be compared up to here
MANY = 50_000         # from here on fewer times
PAUSE_LIMIT_MS = 10_000
IN_A_ROW = 3          # runs, of which the fastest counts
LONG_MS = 4_000       # what takes longer is run once


class Bench:
    def __init__(self, options):
        self.options = options
        self.tree = harness.Tree()
        shutil.copy(Path(__file__).with_name("target.py"), self.tree.outside)

    def target(self, shape, size):
        return harness.Target(self.tree, self.options.python, "target.py", shape, size)

    def cpython(self, tool, pid):
        return self.tree.command(self.options.python, "-m", "asyncio", tool, pid)

    def measured(self, command):
        """A whole process: milliseconds, those of CPU, peak megabytes; None where it fails."""
        done = subprocess.run([self.options.measure, "run", *map(str, command)],
                              capture_output=True, text=True)
        wall, cpu, peak, status = done.stdout.split()
        if status != "0":
            return None
        return {"ms": float(wall) / 1e3, "cpu_ms": float(cpu) / 1e3, "peak_mb": int(peak) / 1024}

    def limit(self, pid, pages):
        """Milliseconds and bytes of copying the pages."""
        done = subprocess.run([self.options.measure, "limit", str(pid), str(IN_A_ROW)],
                              input="\n".join(map(str, pages)), capture_output=True, text=True,
                              check=True)
        *times, copied = done.stdout.split()
        return min(map(float, times)) / 1e3, int(copied)


def ours(pid, size, *options):
    long = ["--pause-limit", PAUSE_LIMIT_MS] if size > 100_000 else []
    return [harness.ASYNCTREE, *options, *long, str(pid)]


def snapshot_of(pid, size, program=harness.ASYNCTREE):
    """What the JSON says of the snapshot; it stands before the tasks."""
    command = [str(program), *map(str, ours(pid, size, "-j")[1:])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        head = b""
        while b'"interpreters"' not in head:
            head += process.stdout.read1(65536)
        process.stdout.close()
    found = re.search(rb'"snapshot":(\{.*?\}),"interpreters"', head)
    snapshot = json.loads(found[1])
    if not snapshot["consistent"]:
        raise SystemExit(f"{' '.join(command)}: {snapshot['warnings']}")
    return snapshot


def system_calls(pid, size):
    done = subprocess.run(["strace", "-f", "-c", "-o", "/dev/stdout",
                           *map(str, ours(pid, size, "--color", "never"))],
                          capture_output=True, text=True, check=True)
    return int(re.findall(r"^100\.00 .*?(\d+)(?: +\d+)? total$", done.stdout, re.M)[-1])


def shows_all(output, size):
    """asynctree folds, but the heading counts."""
    return f" {size:,} tasks" in output


def resident_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def tasks_shown(pid, size):
    shown = subprocess.run(list(map(str, ours(pid, size))), capture_output=True, text=True)
    return int(re.search(r" ([\d,]+) tasks", shown.stdout)[1].replace(",", ""))


def in_a_row(measure):
    """What several runs gave: the host of a virtual machine takes free memory back, and
    what a run pays to have it again has nothing to do with the program."""
    results = [measure()]
    while results[-1] and results[0]["ms"] < LONG_MS and len(results) < IN_A_ROW:
        results.append(measure())
    return results


def fastest(results):
    return min(results, key=lambda result: result["ms"]) if all(results) else None


def measured_ours(bench, target, size):
    results = in_a_row(lambda: bench.measured(ours(target.pid, size)))
    whole = fastest(results)
    if whole is None:
        raise SystemExit(f"asynctree {target.pid} failed")
    snapshots = in_a_row(lambda: snapshot_times(target.pid, size))
    waitless = in_a_row(lambda: snapshot_times(target.pid, size, bench.options.waitless))
    return {"first": results[0]["ms"], "whole": whole["ms"], "cpu": whole["cpu_ms"],
            "peak": whole["peak_mb"], "pause": fastest(snapshots)["pause"],
            "read": fastest(snapshots)["ms"], "waitless": fastest(waitless)["ms"]}


def snapshot_times(pid, size, program=harness.ASYNCTREE):
    snapshot = snapshot_of(pid, size, program)
    return {"ms": snapshot["read_us"] / 1e3, "pause": snapshot["pause_us"] / 1e3}


def compare(bench, target, size, pages, row):
    """All in turns, so that what else the machine does falls on all of them."""
    runs = bench.options.runs if size < MANY else max(3, bench.options.runs // 3)
    tools = ["pstree", "ps"] if size <= CPYTHON_MAX else []
    turns = {tool: [] for tool in tools}
    for _ in range(runs):
        measured = measured_ours(bench, target, size)
        measured["limit"] = bench.limit(target.pid, pages)[0]
        for name, value in measured.items():
            turns.setdefault(name, []).append(value)
        for tool in list(tools):
            command = bench.cpython(tool, target.pid)
            result = fastest(in_a_row(lambda: bench.measured(command)))
            if result is None:
                tools.remove(tool)  # it cannot show this one
                turns[tool] = []
            else:
                turns[tool].append(result["ms"])
    for name, values in turns.items():
        row[name] = statistics.median(values) if values else None
    for name, slow, fast in [("pstree_ratio", "pstree", "whole"), ("ps_ratio", "ps", "whole"),
                             ("read_ratio", "read", "limit"), ("pause_ratio", "pause", "read"),
                             ("waits_ratio", "read", "waitless")]:
        row[name] = ratio(turns.get(slow), turns[fast])


def ratio(slow, fast):
    """The median of the ratios of the runs."""
    return statistics.median(a / b for a, b in zip(slow, fast)) if slow else None


def measure(bench, shape, size):
    target = bench.target(shape, size)
    try:
        tasks = tasks_shown(target.pid, size)
        row = {"shape": shape, "size": size, "tasks": tasks,
               "target_mb": resident_mb(target.pid),
               "bytes": snapshot_of(target.pid, size)["bytes_read"],
               "calls": system_calls(target.pid, size)}
        pages = target.ask("pages")
        row["limit_bytes"] = bench.limit(target.pid, pages)[1]
        compare(bench, target, size, pages, row)
    finally:
        target.end()
    row["bytes_ratio"] = row["bytes"] / row["limit_bytes"]
    row["calls_a_task"] = row["calls"] / tasks
    row["us_a_task"] = row["whole"] * 1e3 / tasks
    return row


COLUMNS = [  # heading, key, format
    ("tasks", "tasks", "{:,}"), ("first ms", "first", "{:.2f}"),
    ("whole ms", "whole", "{:.2f}"), ("CPU ms", "cpu", "{:.2f}"),
    ("pstree ms", "pstree", "{:.0f}"), ("ratio", "pstree_ratio", "{:.1f}"),
    ("ps ms", "ps", "{:.0f}"), ("ratio", "ps_ratio", "{:.1f}"),
    ("pause ms", "pause", "{:.2f}"), ("read ms", "read", "{:.2f}"),
    ("waitless", "waitless", "{:.2f}"), ("ratio", "waits_ratio", "{:.2f}"),
    ("limit ms", "limit", "{:.2f}"), ("read/lim", "read_ratio", "{:.2f}"),
    ("read MB", "bytes", "{:.2f}"), ("limit MB", "limit_bytes", "{:.2f}"),
    ("MB/lim", "bytes_ratio", "{:.2f}"), ("calls", "calls", "{:,}"),
    ("a task", "calls_a_task", "{:.3f}"), ("peak MB", "peak", "{:.1f}"),
    ("target MB", "target_mb", "{:.0f}"), ("us/task", "us_a_task", "{:.2f}"),
]


def cell(row, key, form):
    value = row[key] if row.get(key) is not None else None
    if value is not None and key in ("bytes", "limit_bytes"):
        value /= 1e6
    return form.format(value) if value is not None else "-"


def print_heading(shape):
    print(f"\n{shape}\n" + " ".join(f"{heading:>9}" for heading, _, _ in COLUMNS))


def print_row(row):
    print(" ".join(f"{cell(row, key, form):>9}" for _, key, form in COLUMNS), flush=True)


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--sizes", default=SIZES, help="numbers of tasks")
    parser.add_argument("--runs", type=int, default=9,
                        help="of each size; a third of it from 50,000 tasks on (9)")
    parser.add_argument("--python", default="/usr/bin/python3.14", help="the target's, in the sid tree")
    parser.add_argument("--picture", default="build/bench.svg", help="where the picture goes")
    parser.add_argument("--measure", default="build/bench/measure", help="bench/measure.c, built")
    parser.add_argument("--waitless", default="build/cc-waitless/asynctree",
                        help="asynctree without waits: make WAITS=0")
    return parser.parse_args()


def main():
    options = parsed_options()
    bench = Bench(options)
    rows = []
    print(f"{options.python}, {os.cpu_count()} CPUs; medians of runs in turns")
    try:
        for shape in options.shapes.split(","):
            print_heading(shape)
            for size in map(int, options.sizes.split(",")):
                rows.append(measure(bench, shape, size))
                print_row(rows[-1])
                picture.draw(rows, options.picture)
    finally:
        bench.tree.remove()
    print_goals(rows)
    print(f"\npicture: {options.picture}")


if __name__ == "__main__":
    main()
