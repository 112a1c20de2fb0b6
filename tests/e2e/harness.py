"""Targets in the sid tree, asynctree on them, and the comparison of the two.

A target (tests/targets) runs in the tree by chroot and keeps its pid.  It says
what it knows of itself when asked (tests/targets/truth.py); `compare` holds
asynctree's JSON against that, every task in every field.
"""

import collections
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BASE = sorted(map(str, (ROOT / "base").glob("*.c")))  # for programs that tests make
SCHEMA = ROOT / "schema" / "asynctree-1.schema.json"
ASYNCTREE = os.environ.get("ASYNCTREE", str(ROOT / "asynctree"))
TARGETS = ROOT / "tests" / "targets"

HOST = "host:"  # before a path that is not of the tree
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")


def of_pyenv(version):
    """The newest that pyenv has of a version, or where it would be."""
    found = sorted(PYENV.glob(f"{version}.*"), key=lambda path: (len(path.name), path.name))
    return f"{HOST}{found[-1] if found else PYENV / version}/bin/python{version}"


# A name for each Python that is held against its own truth, and its path: Debian 12's, of
# which this machine is one, those of the tree, and those that pyenv may have, which are
# executables that can be moved, with CPython in a shared library.
PYTHONS = {"3.11": f"{HOST}/usr/bin/python3.11", "3.11-pyenv": of_pyenv("3.11"),
           "3.12-pyenv": of_pyenv("3.12"),
           "3.13": "/usr/bin/python3.13", "3.13-pyenv": of_pyenv("3.13"),
           "3.14": "/usr/bin/python3.14", "3.14-dbg": "/usr/bin/python3.14d",
           "3.15": "/usr/bin/python3.15"}

# One that is run instead of all of these: tests/freethreaded-python makes it.
FREE_THREADED = os.environ.get("ASYNCTREE_FREETHREADED")
if FREE_THREADED:
    PYTHONS["3.13t"] = f"{HOST}{FREE_THREADED}"

# One a version and kind, where each takes long; and those that a root file system is of.
PYTHONS_ONCE = [name for name in PYTHONS if name not in ("3.11-pyenv", "3.13-pyenv")]
PYTHONS_OF_TREE = [name for name in PYTHONS if not PYTHONS[name].startswith(HOST)]

HANG = int(os.environ.get("ASYNCTREE_HANG", "120"))  # seconds; a guard against hanging, no measurement
NOBODY = 65534


class Tree:
    """The sid root file system, and a folder of our own in it."""

    def __init__(self):
        made = subprocess.run([ROOT / "tests" / "sid-tree"], capture_output=True, text=True)
        assert made.returncode == 0, f"tests/sid-tree failed: {made.stderr}"
        self.root = Path(made.stdout.strip())
        self.outside = Path(tempfile.mkdtemp(prefix="asynctree-", dir=self.root / "tmp"))
        self.outside.chmod(0o755)
        self.inside = "/" + str(self.outside.relative_to(self.root))
        for script in TARGETS.glob("*.py"):
            shutil.copy(script, self.outside)

    def command(self, *argv, user=None, through=()):
        """`through` begins the command where it runs: in the tree, or on this machine."""
        if argv[0].startswith(HOST):
            assert user is None
            return [*through, argv[0].removeprefix(HOST), *map(str, argv[1:])]
        credentials = [f"--userspec={user}:{user}", "--groups="] if user else []
        return ["chroot", *credentials, str(self.root), *through, *map(str, argv)]

    def remove(self):
        shutil.rmtree(self.outside)


def pythons_of(module):
    """Under which Pythons the tests of a file run: all, or those that it names."""
    names = getattr(module, "PYTHONS", PYTHONS)
    if FREE_THREADED and any(PYTHONS[name].startswith(HOST) for name in names):
        return ["3.13t"]
    return list(names)


def find_python(name, tree):
    """The path of a Python, and why it is not there, or None: a lack in the tree is a failure."""
    path = PYTHONS[name]
    if path.startswith(HOST):
        there = Path(path.removeprefix(HOST)).exists()
        return path, None if there else f"there is no {path.removeprefix(HOST)}"
    assert (tree.root / path[1:]).exists(), f"{name} is missing in {tree.root}"
    return path, None


def version_of(name):
    return tuple(map(int, re.match(r"(\d+)\.(\d+)", name).groups()))


class Target:
    """A Python process in the tree that knows the truth about itself."""

    def __init__(self, tree, executable, script, *args, env=None, user=None, forks=False,
                 through=(), unshare=None):
        """With `unshare`, its options: as process 1 of namespaces of its own, whose proc file
        system is where it looks for it; what it tells is then by its own numbers and clock."""
        self.tree = tree
        self.folder = tree.outside if executable.startswith(HOST) else tree.inside
        self.argv = [executable, f"{self.folder}/{script}", *map(str, args)]
        self.errors = tempfile.TemporaryFile(mode="w+")
        command = tree.command(*self.argv, user=user, through=through)
        if unshare is not None:
            proc = "/proc" if executable.startswith(HOST) else f"{tree.root}/proc"
            command = ["unshare", "--pid", "--fork", "--kill-child", f"--mount-proc={proc}",
                       *unshare, *command]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            start_new_session=True, env=target_environment(env))
        self.pid = self.process.pid
        self._pending = b""
        try:
            message = self._read()
            own_number = unshare is None and not forks
            assert message["ready"] and (message["pid"] == self.pid) is own_number
        except BaseException:
            self.end()
            raise
        # chroot keeps it; a fork does not, and unshare forks.
        self.pid = message["pid"] if unshare is None else children_of(self.pid)[0]
        self.extra = message["extra"]

    def _read(self):
        deadline = time.monotonic() + HANG
        parts = [self._pending]
        while b"\n" not in parts[-1]:
            left = deadline - time.monotonic()
            # A process that it forked may keep the pipe of one that has ended.
            over = self.process.poll() is not None
            readable, _, _ = select.select([self.process.stdout], [], [],
                                           0 if over else max(0, min(left, 1)))
            if not readable and left > 0 and not over:
                continue
            part = os.read(self.process.stdout.fileno(), 1 << 20) if readable else b""
            if not part:
                raise AssertionError(f"{self.argv} said nothing\n{self.stderr()}")
            parts.append(part)
        line, _, self._pending = b"".join(parts).partition(b"\n")
        return json.loads(line)

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()

    def ask(self, request):
        self.process.stdin.write(request.encode() + b"\n")
        self.process.stdin.flush()
        return self._read()

    def truth(self):
        return Truth(self.ask("truth"))

    def asynctree(self, *options, **kwargs):
        return asynctree(*options, self.pid, **kwargs)

    def text(self, *options, **kwargs):
        """The text of a view that must succeed; what it says is safe to print."""
        done = self.asynctree(*options, **kwargs)
        assert done.returncode == 0 and done.stderr == b"", (done.returncode, done.stderr)
        return checked_text(done.stdout)

    def json(self, *options, statuses=(0,), **kwargs):
        """asynctree's account of the target: a `processes` entry."""
        begin = time.monotonic()
        done = self.asynctree("-j", *options, **kwargs)
        end = time.monotonic()
        assert done.returncode in statuses, (done.returncode, done.stderr)
        assert done.stderr == b"", done.stderr
        process = checked_document(done.stdout)["processes"]
        assert len(process) == 1 and "error" not in process[0], process
        process = process[0]
        assert process["pid"] == self.pid
        check_itself(process, complete=done.returncode == 0)
        process["between"] = begin, end
        return process

    def check(self, *options):
        """Reads the target before and after its first self-examination; both must be true."""
        first = self.json(*options)
        truth = self.truth()
        second = self.json(*options)
        assert truth.sorted() == self.truth().sorted(), "the target did not keep still"
        compare(truth, first)
        compare(truth, second)
        check_views(truth, self.text("-c"), self.text("-l"))
        check_stacks(truth, self.text("-c", "-s"))
        return truth

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            try:
                stream.close()
            except BrokenPipeError:
                pass


def children_of(pid):
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children")
            for child in file.read_text().split()]


def target_environment(env=None):
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}


def asynctree(*options, env=None, prefix=(), program=None, **kwargs):
    clean = {key: value for key, value in os.environ.items()
             if key not in ("NO_COLOR", "COLUMNS")}
    return subprocess.run([*prefix, program or ASYNCTREE, *map(str, options)],
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=HANG,
                          env={**clean, "LC_ALL": "C.UTF-8", **(env or {})}, **kwargs)


class Truth:
    """What a target says of itself; the first task of a name is found by it."""

    def __init__(self, whole):
        self.whole = whole
        self.tasks = {task["id"]: task for task in whole["tasks"]}
        self.by_name = {}
        for task in whole["tasks"]:
            self.by_name.setdefault(task["name"], task)

    def sorted(self):
        """A garbage collection leaves what it looks at in another order."""
        return {key: sorted(value, key=str) if isinstance(value, list) else value
                for key, value in self.whole.items()}

    def __getitem__(self, name):
        return self.by_name[name]

    def names(self):
        return set(self.by_name)

    def functions(self, name):
        return [frame["function"] for frame in self[name]["stack"]]

    def awaits(self, name):
        return sorted(self.tasks[task]["name"] for task in self[name]["awaits"])

    def awaited_by(self, name):
        return sorted(self.tasks[task]["name"] for task in self[name]["awaited_by"])

    def states(self):
        return {task["name"]: task["state"] for task in self.whole["tasks"]}


def line_of(script, mark):
    """The number of the line with the comment `# line: MARK`."""
    for number, line in enumerate((TARGETS / script).read_text().splitlines(), 1):
        if line.endswith(f"# line: {mark}"):
            return number
    raise KeyError(mark)


# ---------------------------------------------------------------- comparison

def comparable_task(task):
    keys = ("id", "name", "type", "interpreter", "tid", "loop", "state", "current",
            "coroutine", "stack", "cancel_requests", "must_cancel")
    same = {key: task[key] for key in keys}
    same["awaits"] = sorted(task["awaits"])
    same["awaited_by"] = sorted(task["awaited_by"])
    return same


def short(value, limit=400):
    shown = json.dumps(value, ensure_ascii=True)
    return shown if len(shown) <= limit else f"{shown[:limit]}… ({len(shown)})"


def frame_text(frame):
    return f"{frame['function']} {frame['file']}:{frame['line']}"


def stack_difference(true, found):
    lines = []
    for number in range(max(len(true), len(found))):
        left = frame_text(true[number]) if number < len(true) else "-"
        right = frame_text(found[number]) if number < len(found) else "-"
        mark = "  " if left == right else "! "
        lines.append(f"      {mark}truth {short(left, 160)}\n"
                     f"      {mark}found {short(right, 160)}")
    if len(lines) > 40:
        lines = [line for line in lines if "! " in line][:40]
    return "\n".join(lines)


def named(ids, tasks):
    return [f"{key} ({short(tasks[key]['name'], 60) if key in tasks else '?'})" for key in ids]


def task_difference(true, found, tasks):
    lines = []
    for key in true:
        if true[key] == found[key]:
            continue
        if key == "stack":
            lines.append("    stack\n" + stack_difference(true[key], found[key]))
        elif key in ("awaits", "awaited_by"):
            missing = sorted(set(true[key]) - set(found[key]))
            extra = sorted(set(found[key]) - set(true[key]))
            lines.append(f"    {key}: missing {named(missing, tasks)}, extra {named(extra, tasks)}")
        else:
            lines.append(f"    {key}: truth {short(true[key])}, found {short(found[key])}")
    return "\n".join(lines)


def compare(truth, process, tasks_only=False):
    """Fails with a readable difference unless asynctree says what the target says."""
    problems = []
    true = {task["id"]: comparable_task(task) for task in truth.whole["tasks"]}
    # Of those that are done, tests of their own say who they are.
    found = {task["id"]: comparable_task(task) for task in process["tasks"]
             if task["state"] != "done"}
    for key in true.keys() - found.keys():
        problems.append(f"  missing task {short(true[key]['name'])}: {short(true[key])}")
    for key in found.keys() - true.keys():
        problems.append(f"  a task that is not there {short(found[key]['name'])}: "
                        f"{short(found[key])}")
    for key in true.keys() & found.keys():
        if true[key] != found[key]:
            problems.append(f"  task {short(true[key]['name'])}\n"
                            + task_difference(true[key], found[key], {**found, **true}))
    if not tasks_only:
        problems += loop_problems(truth, process) + thread_problems(truth, process)
    assert not problems, "\n".join([f"{len(problems)} differences", *problems[:20]])


def loop_problems(truth, process):
    keys = "id", "type", "interpreter", "tid", "running", "ready", "timers", "executor"
    true = sorted([[loop[key] for key in keys] for loop in truth.whole["loops"]], key=str)
    found = sorted([[loop[key] for key in keys] for loop in process["loops"]], key=str)
    problems = [] if true == found else [f"  loops: truth {true}, found {found}"]
    loops = {loop["id"]: loop for loop in process["loops"]}
    for loop in truth.whole["loops"]:
        problems += clock_problems(loop, loops.get(loop["id"], {}), process["between"])
    return problems


def clock_problems(true, found, between):
    """Times of the target's clock: the snapshot was taken between two moments."""
    problems = []
    for key, since, sign in (("next_timer_s", true["next_timer"], 1),
                             ("blocked_s", true["blocked_since"], -1)):
        value = found.get(key)
        if (since is None) != (value is None) or value is not None and not (
                between[0] - 0.002 <= since - sign * value <= between[1] + 0.002):
            problems.append(f"  loop {true['id']}: {key}: truth {since}, found {value}, "
                            f"between {between}")
    return problems


def thread_problems(truth, process):
    found = {(thread["interpreter"], thread["tid"]): thread for thread in process["threads"]}
    problems = []
    for true in truth.whole["threads"]:
        where = f"  thread {true['interpreter']}/{true['tid']} {true['name']}"
        thread = found.get((true["interpreter"], true["tid"]))
        if thread is None:
            problems.append(f"{where} is missing")
            continue
        for key in ("name", "loop", "current_task"):
            if true[key] != thread[key]:
                problems.append(f"{where}: {key}: truth {true[key]}, found {thread[key]}")
        # The thread that tells the truth does something else when it is asked.
        if not true["own"] and true["stack"] != thread["stack"]:
            problems.append(f"{where}: stack\n" + stack_difference(true["stack"], thread["stack"]))
    return problems


# ---------------------------------------------------------------- what holds of every output

def checked_document(output):
    """The JSON of `-j`: one object, UTF-8, of the schema."""
    document = json.loads(output.decode("utf-8", "strict"),
                          object_pairs_hook=without_duplicates)
    assert document["schema"] == "asynctree-1"
    assert re.fullmatch(r"asynctree \d+\.\d+\.\d+", document["tool"])
    check_schema(document)
    return document


def without_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


_validator = None


def check_schema(document, limit=150):
    """Validates; of many tasks the first and the last ones, for the sake of time."""
    global _validator
    import jsonschema
    if _validator is None:
        assert SCHEMA.exists(), f"{SCHEMA} is missing"
        schema = json.loads(SCHEMA.read_text())
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        _validator = kind(schema)
    document = dict(document)
    document["processes"] = [dict(process) for process in document["processes"]]
    for process in document["processes"]:
        tasks = process.get("tasks", [])
        if len(tasks) > 2 * limit:
            process["tasks"] = tasks[:limit] + tasks[-limit:]
        for cycle in range(len(process.get("cycles", []))):
            if len(process["cycles"][cycle]) > limit:
                process["cycles"][cycle] = process["cycles"][cycle][:limit]
    errors = [f"{list(error.absolute_path)}: {short(error.message)}"
              for error in _validator.iter_errors(document)]
    assert not errors, "\n".join(errors[:20])


def check_itself(process, complete):
    """What must hold whatever the target does."""
    tasks = {task["id"]: task for task in process["tasks"]}
    assert len(tasks) == len(process["tasks"]), "a task twice"
    loops = {loop["id"] for loop in process["loops"]}
    interpreters = {interpreter["id"] for interpreter in process["interpreters"]}
    for task in process["tasks"]:
        assert task["loop"] is None or task["loop"] in loops, task
        assert task["interpreter"] in interpreters, task
        assert len(set(task["awaits"])) == len(task["awaits"]), task
        for other in task["awaits"]:
            assert task["id"] in tasks[other]["awaited_by"], (task, tasks[other])
        for other in task["awaited_by"]:
            assert task["id"] in tasks[other]["awaits"], (task, tasks[other])
        assert (task["waiting_on"] is None) == (task["state"] != "waiting"), task
    for thread in process["threads"]:
        assert thread["current_task"] is None or thread["current_task"] in tasks
        assert thread["loop"] is None or thread["loop"] in loops
    for cycle in process["cycles"]:
        assert len(set(cycle)) == len(cycle)
        for task, following in zip(cycle, cycle[1:] + cycle[:1]):
            assert following in tasks[task]["awaits"], (cycle, task, following)
    snapshot = process["snapshot"]
    assert snapshot["bytes_read"] > 0 and snapshot["read_us"] > 0
    if complete:
        assert snapshot["consistent"] and snapshot["dropped"] == 0, snapshot
    else:
        assert not snapshot["consistent"] or snapshot["dropped"] or snapshot["warnings"], snapshot


# What must never reach a terminal from a target: controls but the line feed,
# DEL, the second control set, line separators and the bidi controls.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
                    "\u200e\u200f\u061c]")


def checked_text(output):
    shown = output.decode("utf-8", "strict")
    found = UNSAFE.search(shown)
    assert not found, f"unsafe: {shown[max(0, found.start() - 80):found.end()]!r}"
    return shown


PLAIN_NAME = re.compile(r"[A-Za-z_][\w.:,*<> -]{0,60}(?<! )")
TREE_LINES = "│├└─|`- "  # as a terminal gets them, and as a pipe does


def check_views(truth, tree, table):
    """In the tree each task is drawn once, whoever waits for it; in the list it has a row."""
    tasks = list(truth.tasks.values())
    edges = sum(len(task["awaits"]) for task in tasks)
    places = 3 * (len(truth.whole["threads"]) + len(truth.whole["loops"]))
    assert len(tree.splitlines()) <= len(tasks) + edges + places + 10
    assert len(table.splitlines()) <= len(tasks) + 10
    plain = plain_tasks(truth)
    drawn = {start: task["name"] for task in plain for start in tree_starts(task)}
    count = dict.fromkeys(drawn.values(), 0)
    lengths = {len(start) for start in drawn}
    for line in tree.splitlines():
        line = line.lstrip(TREE_LINES)
        for name in {drawn[line[:length]] for length in lengths if line[:length] in drawn
                     and line[length:length + 1] in ("", " ")}:
            count[name] += 1
    wrong = {name: number for name, number in count.items() if number != 1}
    assert not wrong, f"not drawn once: {wrong}\n{tree[:20000]}"
    missing = [task["name"] for task in plain if task["name"] not in table]
    assert not missing, f"not listed: {missing}"


def check_stacks(truth, tree):
    """With --stacks all frames of a task stand below its line, the outermost first."""
    lines = [line.lstrip(TREE_LINES) for line in tree.splitlines()]
    places = {}
    for place, line in enumerate(lines):
        for end in range(len(line)):
            if line[end] == " ":
                places.setdefault(line[:end], place)
    for task in plain_tasks(truth):
        place = next(places[start] for start in tree_starts(task) if start in places)
        for frame, line in zip(task["stack"], lines[place + 1:]):
            function = frame["function"].rpartition("<locals>.")[2]
            if PLAIN_NAME.fullmatch(function):
                assert function in line, (task["name"], frame, line)
                assert frame["line"] is None or line.endswith(f":{frame['line']}"), \
                    (task["name"], frame, line)


def plain_tasks(truth):
    """Those that can be found in text by their names."""
    names = collections.Counter(task["name"] for task in truth.tasks.values())
    return [task for task in truth.tasks.values()
            if names[task["name"]] == 1 and PLAIN_NAME.fullmatch(task["name"])
            and all(map(PLAIN_NAME.fullmatch, tree_functions(task)))]


def tree_functions(task):
    """What the tree may call a task's coroutine: also without what it is local to."""
    functions = {task["coroutine"] or "?"} | {frame["function"] for frame in task["stack"][:1]}
    return functions | {function.rpartition("<locals>.")[2] for function in functions}


def tree_starts(task):
    return {f"{task['name']} {function}" for function in tree_functions(task)}


def cycles_by_name(process):
    """Each cycle as names, turned so that the least comes first."""
    names = {task["id"]: task["name"] for task in process["tasks"]}
    turned = []
    for cycle in process["cycles"]:
        cycle = [names[task] for task in cycle]
        least = cycle.index(min(cycle))
        turned.append(cycle[least:] + cycle[:least])
    return sorted(turned)
