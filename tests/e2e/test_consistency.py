"""Snapshots of a target that never rests: each is of one moment, or says that it is not.

tests/targets/invariants.py keeps promises that hold at every instant; a snapshot
that is consistent must keep them.  One that is not must still show nothing that
no instant had: no task twice, no name of no task, no edge that never was.

ASYNCTREE_SNAPSHOTS=1000 takes so many of each kind instead of 100.
"""

import itertools
import json
import os
import re
import time
from collections import Counter, defaultdict

import pytest

import harness
from harness import HANG, line_of

PYTHONS = "3.11", "3.13", "3.14", "3.14-dbg", "3.15"

SNAPSHOTS = int(os.environ.get("ASYNCTREE_SNAPSHOTS", "100"))
SCRIPT = "invariants.py"
LOOPS, CHILDREN, JOBS = 3, 12, 3

# A name, the coroutine of a task that has it, and the functions below that.
STEP = (), ("sleep", "__sleep0")
KINDS = {
    "main": (r"main-(?P<loop>\d)", {"main"}, ((),)),
    "count": (r"count-(?P<loop>\d)(-(?P<count>\d+))?", {"rest"}, (("sleep",),)),
    "group": (r"group-(?P<who>(?P<loop>\d)\.\d)(-(?P<generation>\d+))?", {"grouping"},
              (*STEP, ("TaskGroup.__aexit__", "TaskGroup._aexit"), ("TaskGroup.__aexit__",))),
    "threads": (r"threads-(?P<who>(?P<loop>\d)\.\d)(-(?P<generation>\d+))?", {"threading_jobs"},
                (*STEP, ("TaskGroup.__aexit__", "TaskGroup._aexit"), ("TaskGroup.__aexit__",))),
    "items": (r"items-(?P<who>(?P<loop>\d)\.\d)(-(?P<generation>\d+)-(?P<number>[0-4]))?",
              {"iterating"}, ((), ("numbers",), ("numbers", "sleep", "__sleep0"), ("middle",),
                              ("middle", "sleep", "__sleep0"))),
    "leaf": (r"leaf-(?P<who>(?P<loop>\d)\.\d)-(?P<generation>\d+)-(?P<number>\d|1[01])",
             {"leaf"}, ((), ("Event.wait",))),
    "job": (r"job-(?P<who>(?P<loop>\d)\.\d)-(?P<generation>\d+)-(?P<number>[0-2])", {"job"},
            ((), ("to_thread",))),
    "short": (r"short-\d+", {"short_life"}, ((), ("sleep",))),
    # Those of threads that begin or end; they get their names a little later.
    "other": (r"Task-\d+", {"short_life", "BaseEventLoop.shutdown_asyncgens",
                            "BaseEventLoop.shutdown_default_executor"}, ((),)),
}
NAMES = {kind: re.compile(name) for kind, (name, _, _) in KINDS.items()}
EDGES = {("main", "count"), ("main", "group"), ("main", "threads"), ("main", "items"),
         ("group", "leaf"), ("threads", "job")}
STAYING = {"main", "count", "group", "threads", "items"}

NONE = {line_of(SCRIPT, "group has none"), line_of(SCRIPT, "threads have none")}
ALL = {line_of(SCRIPT, f"{who} all{rest}") for who in ("group has", "threads have")
       for rest in ("", " at rest")}
GROUP_PLACES = {line_of(SCRIPT, f"group has {what}") for what in ("none", "all", "all at rest")}
AT_REST = {line_of(SCRIPT, f"{who} all at rest") for who in ("group has", "threads have")}


class Seen:
    """One snapshot of the target, its tasks by what their names say."""

    def __init__(self, process):
        self.snapshot, self.threads = process["snapshot"], process["threads"]
        self.version = harness.version_of(process["python"]["version"])
        said = any("something may be missing" in said for said in self.snapshot["warnings"])
        self.may_miss = len(process["tasks"]) if said else 0
        self.tasks = {task["id"]: task for task in process["tasks"]}
        self.problems = []
        self.kind, self.says = {}, {}
        self.of = defaultdict(list)  # (kind, worker or loop) → tasks
        for task in process["tasks"]:
            self.sort(task)

    def problem(self, what, *about):
        self.problems.append(f"{what}: {[harness.short(thing) for thing in about]}")

    def sort(self, task):
        for kind, name in NAMES.items():
            match = name.fullmatch(task["name"])
            if match:
                self.kind[task["id"]], self.says[task["id"]] = kind, match.groupdict()
                return self.of[kind, match.groupdict().get("who") or
                               match.groupdict().get("loop")].append(task)
        return self.problem("a name of no task", task)

    def name(self, task):
        return self.tasks[task]["name"]

    # ---- whatever the moment

    def check_tasks(self):
        for name, count in Counter(task["name"] for task in self.tasks.values()).items():
            if count > 1:
                self.problem("a task is there more than once", name, count)
        for task in self.tasks.values():
            kind = self.kind.get(task["id"])
            # Up to 3.11 a group names its tasks only after it has made them.
            if not kind or kind == "other" and self.version < (3, 12):
                continue
            _, coroutines, stacks = KINDS[kind]
            functions = [frame["function"] for frame in task["stack"]]
            if task["type"] != "Task" or task["coroutine"] not in coroutines:
                self.problem(f"no {kind} is that", task)
            elif task["state"] != "running" and kind not in ("main", "other") and functions and \
                    (functions[0] != task["coroutine"] or tuple(functions[1:]) not in stacks):
                self.problem(f"no {kind} is suspended there", task)

    def check_edges(self):
        for task in self.tasks.values():
            for other in task["awaits"]:
                ends = self.kind.get(task["id"]), self.kind.get(other)
                says, others = self.says.get(task["id"], {}), self.says.get(other, {})
                related = says.get("who") == others.get("who") if ends[0] != "main" \
                    else says.get("loop") == others.get("loop")
                if ends not in EDGES or not related:
                    self.problem("an edge that never was", task["name"], self.name(other))

    def check_staying(self):
        workers = [(kind, who) for kind, who in self.of if kind in STAYING]
        wanted = {("main", str(loop)) for loop in range(LOOPS)} | \
            {("count", str(loop)) for loop in range(LOOPS)} | \
            {(kind, f"{loop}.{number}") for loop in range(LOOPS)
             for number, kind in enumerate(("group", "group", "threads", "items"))}
        # A weak set that changes is no list that can be walked: what it lacks is told.
        missing = len(wanted - set(workers))
        if self.version < (3, 14) and self.snapshot["dropped"] + self.may_miss >= missing:
            wanted &= set(workers)
        if set(workers) != wanted or any(len(self.of[worker]) != 1 for worker in workers):
            self.problem("not each worker is there once", sorted(set(workers) ^ wanted),
                         f"{len(self.tasks)} tasks in all, {len(self.threads)} threads")

    # ---- what holds at one instant

    def check_threads(self):
        for thread in self.threads:
            if thread["tid"] is None and (thread["loop"] or thread["current_task"]):
                self.problem("a thread that runs a loop has no number", thread)

    def check_instant(self):
        self.check_threads()
        for loop in range(LOOPS):
            self.check_count(str(loop))
            main, = self.of["main", str(loop)]
            if len(main["awaits"]) != 5:
                self.problem("main waits for all of its own", main)
            for number, kind in enumerate(("leaf", "leaf", "job", "item")):
                self.check_worker(f"{loop}.{number}", kind)

    def check_count(self, loop):
        task, = self.of["count", loop]
        leaves = sum(len(tasks) for (kind, who), tasks in self.of.items()
                     if kind in ("leaf", "job") and who[0] == loop)
        count = self.says[task["id"]]["count"]
        if count and abs(leaves - int(count)) > 1:
            self.problem("there are others than are counted", leaves, count)

    def check_worker(self, who, kind):
        if kind == "item":
            task, = self.of["items", who]
            if len(task["stack"]) > 1 and task["stack"][1]["function"] == "middle" and \
                    task["state"] != "running" and \
                    self.says[task["id"]]["number"] not in ("2", None):
                self.problem("it rests there in another round", task)
            return
        task, = self.of["group" if kind == "leaf" else "threads", who]
        leaves = self.of.get((kind, who), [])
        generation = self.says[task["id"]]["generation"] or \
            leaves and self.says[leaves[0]["id"]]["generation"]
        for leaf in leaves:
            if self.says[leaf["id"]]["generation"] != generation:
                self.problem("two generations at once", task["name"], leaf)
            if (leaf["loop"], leaf["tid"]) != (task["loop"], task["tid"]):
                self.problem("in different loops", task, leaf)
        if task["state"] != "running" and \
                sorted(task["awaits"]) != sorted(leaf["id"] for leaf in leaves):
            self.problem("it waits for all that there are", task, [leaf["name"] for leaf in leaves])
        line = task["stack"][0]["line"] if task["stack"] and task["state"] != "running" else 0
        if line in NONE and leaves:
            self.problem("it has none yet", task, leaves[0])
        if line in ALL:
            self.check_full(task, leaves, CHILDREN if kind == "leaf" else JOBS)
        if line in AT_REST:
            for leaf in leaves:
                if leaf["state"] != "waiting" or len(leaf["stack"]) != 2:
                    self.problem("it waits", task, leaf)

    def check_full(self, task, leaves, count):
        numbers = sorted(int(self.says[leaf["id"]]["number"]) for leaf in leaves)
        if numbers != list(range(count)):
            self.problem("it has all of them", task, numbers)


def look(target, *options):
    done = target.asynctree("-j", *options)
    assert done.returncode in (0, 4) and done.stderr == b"", done
    process, = json.loads(done.stdout)["processes"]
    harness.check_itself(process, complete=done.returncode == 0)
    return process, done.returncode


def look_often(target, *options, enough=lambda phases: True):
    """Takes the snapshots, and more until it is enough; gives those that are not as they
    should be, and figures."""
    wrong, figures, phases = {}, Counter(), Counter()
    for number in itertools.count():
        if number >= SNAPSHOTS and enough(phases):
            break
        process, status = look(target, *options)
        seen = Seen(process)
        snapshot = seen.snapshot
        seen.check_tasks()
        seen.check_edges()
        if snapshot["consistent"] or snapshot["mode"] == "paused" or "steady" in target.argv:
            seen.check_staying()
        if snapshot["consistent"] and not seen.problems:
            seen.check_instant()
        if seen.problems:
            wrong[number] = [harness.short(snapshot), *seen.problems[:5]]
        for task in process["tasks"]:
            if seen.kind.get(task["id"]) in ("group", "threads") and task["stack"]:
                phases[task["stack"][0]["line"]] += 1
        figures.update({"snapshots": 1, f"status {status}": 1, snapshot["mode"]: 1,
                        "consistent": snapshot["consistent"], "dropped": snapshot["dropped"],
                        f"attempts {snapshot['attempts']}": 1})
    return wrong, figures, phases


def check_often(target, *options):
    before, begun = target.ask("done"), time.monotonic()

    def went_on():
        after = target.ask("done")
        return all(after[what] > before[what] + SNAPSHOTS / 50
                   for what in ("collections", "forks", "threads"))

    def enough(phases):
        # On a busy machine it may hardly come to run.
        return time.monotonic() > begun + HANG or \
            went_on() and all(phases[line] for line in GROUP_PLACES)

    wrong, figures, phases = look_often(target, *options, enough=enough)
    seconds = time.monotonic() - begun
    after = target.ask("done")
    rates = {what: round((after[what] - before[what]) / seconds) for what in after}
    print(dict(figures), "a second:", rates)
    assert not wrong, f"{len(wrong)} of {figures['snapshots']} are wrong\n" + "\n".join(
        f"{number}: " + "\n    ".join(problems) for number, problems in list(wrong.items())[:5])
    # They made thousands of tasks a second, and the rest went on too.
    assert sum(rates[f"tasks {loop}"] for loop in range(LOOPS)) > 2000, rates
    assert went_on(), (before, after)
    assert target.stderr() == ""
    # It was met at all the places that promise something.
    assert all(phases[line] for line in GROUP_PLACES), phases
    return figures


def test_paused_snapshots_are_of_one_moment(start):
    # On a busy machine a pause may be long.
    figures = check_often(start(SCRIPT), "--pause-limit", "20000")
    assert figures["status 0"] == figures["consistent"] == figures["paused"] \
        == figures["snapshots"] >= SNAPSHOTS, figures
    assert figures["dropped"] == 0


@pytest.mark.parametrize("names", ["steady", "changing"])
def test_running_snapshots_show_nothing_that_never_was(start, names):
    figures = check_often(start(SCRIPT, names), "--no-pause")
    assert figures["running"] == figures["snapshots"] >= SNAPSHOTS
