"""What the live view costs the process that it watches.

    make bench-live                                   (some minutes; needs root)
    make bench-live BENCH="--rates 1 --rounds 40"

The process (busy.py) counts what it does.  One live view is frozen and let go in
turns, so that what else the machine does falls on both; of each pair of turns
the loss of throughput is a per cent.  bench/README.md says more.
"""

import argparse
import re
import shutil
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))

import harness  # noqa: E402
import terminal  # noqa: E402

GOALS = {1: 1.0}  # snapshots a second, and the loss that is allowed


def cpu_seconds(pid):
    """That its only thread has run."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def turn(target, screen, seconds):
    """What the target does in a second, and in a second of CPU time; the pauses that were seen."""
    first, cpu, begin = target.ask("count"), cpu_seconds(target.pid), time.monotonic()
    pauses = []
    while (left := begin + seconds - time.monotonic()) > 0:
        if screen.read(left):
            pauses += re.findall(r"paused ([\d.]+) ms", screen.text)[:1]
    elapsed, cpu = time.monotonic() - begin, cpu_seconds(target.pid) - cpu
    steps = target.ask("count") - first
    return steps / elapsed, steps / cpu, list(map(float, pauses))


def set_frozen(screen, frozen):
    if screen.rows[0].startswith("FROZEN") != frozen:
        screen.type(" ")
        screen.until(lambda _: screen.rows[0].startswith("FROZEN") == frozen)


def measure(target, rate, options):
    screen = terminal.live(target.pid, f"--live={1 / rate}", size=(160, 40))
    rows = {"loss": [], "cpu_loss": [], "steps": [], "pauses": []}
    try:
        screen.until(f"pid {target.pid}")
        for number in range(options.rounds):
            of = {}
            for frozen in (True, False) if number % 2 else (False, True):
                set_frozen(screen, frozen)
                of[frozen] = turn(target, screen, options.seconds)
            rows["loss"].append(100 * (1 - of[False][0] / of[True][0]))
            rows["cpu_loss"].append(100 * (1 - of[False][1] / of[True][1]))
            rows["steps"].append(of[True][0])
            rows["pauses"] += of[False][2]
        screen.type("q")
        screen.wait()
    finally:
        screen.close()
    return rows


def spread(values):
    """The standard error of a median of so many, by the middle half of them."""
    low, _, high = statistics.quantiles(values, n=4)
    return 1.25 * (high - low) / 1.35 / len(values) ** 0.5


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--rates", default="1,10", help="snapshots a second")
    parser.add_argument("--rounds", type=int, default=20, help="of each, two turns long")
    parser.add_argument("--seconds", type=float, default=3, help="of a turn")
    parser.add_argument("--python", default="/usr/bin/python3.14", help="the target's, in the sid tree")
    return parser.parse_args()


def main():
    options = parsed_options()
    tree = harness.Tree()
    shutil.copy(Path(__file__).with_name("busy.py"), tree.outside)
    target = harness.Target(tree, options.python, "busy.py", options.tasks)
    try:
        print(" ".join(f"{name:>9}" for name in
                       ("a second", "steps/s", "loss %", "+-", "CPU %", "+-", "paused %")))
        for rate in map(int, options.rates.split(",")):
            rows = measure(target, rate, options)
            loss, cpu_loss = (statistics.median(rows[key]) for key in ("loss", "cpu_loss"))
            paused = statistics.median(rows["pauses"]) * rate / 10
            print(f"{rate:>9} {statistics.median(rows['steps']):>9,.0f} {loss:>9.2f} "
                  f"{spread(rows['loss']):>9.2f} {cpu_loss:>9.2f} {spread(rows['cpu_loss']):>9.2f} "
                  f"{paused:>9.2f}", flush=True)
            if rate in GOALS:
                held = "holds" if loss < GOALS[rate] else "FAILS"
                print(f"{held}: at {rate} a second less than {GOALS[rate]} % is lost")
    finally:
        target.end()
        tree.remove()


main()
