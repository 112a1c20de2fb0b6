"""Every task, state, edge, function, file and line, against the target's own truth."""

import pytest

import harness
from harness import cycles_by_name, line_of

LEAF = ["leaf", "sleep"]


def test_nested_coroutines(start):
    truth = start("sleep_chain.py").check()
    assert truth.functions("handler") == \
        ["handler", "Service.Inner.call", "Service.query", "sleep"]
    assert truth["handler"]["stack"][2]["line"] == line_of("sleep_chain.py", "query")
    assert len(truth.functions("deep")) == 402
    assert truth["long"]["stack"][0] == \
        {"function": "long", "file": "/long.py", "line": 105_002}
    assert truth["worker"]["coroutine"] == "worker"  # what functools.wraps made of it
    unnamed = {task["coroutine"]: task["name"] for task in truth.whole["tasks"]
               if task["name"].startswith("Task-")}
    assert set(unnamed) == {"main", "Service.query"}


def test_process(start, python, version):
    target = start("sleep_chain.py", "an argument", "ünï\udcffx")
    process = target.json()
    python = python.removeprefix(harness.HOST)
    assert process["python"]["version"].startswith("{}.{}.".format(*version))
    assert process["python"]["debug"] is python.endswith("d")
    assert process["python"]["free_threaded"] is python.endswith("t")
    assert process["executable"].endswith(python)
    assert process["command"] == \
        [python, f"{target.folder}/sleep_chain.py", "an argument", "ünï\ufffdx"]
    assert process["interpreters"] == [{"id": 0, "main": True}]
    assert process["snapshot"]["mode"] == "paused"
    assert 0 < process["snapshot"]["pause_us"] < 500_000
    assert process["snapshot"]["warnings"] == []
    assert process["cycles"] == process["findings"] == []
    running = target.json("--no-pause")["snapshot"]
    assert (running["mode"], running["pause_us"]) == ("running", None)
    hidden = target.json("--no-argv")
    assert hidden["command"] is None
    assert b"an argument" not in target.asynctree("-j", "--no-argv").stdout
    assert "an argument" not in target.text("--no-argv")


def test_task_groups(start):
    truth = start("taskgroups.py").check()
    assert truth.awaits("Task-1") == \
        ["aborting", "before exit", "finished children", "in exit", "two groups"]
    assert truth.awaits("before exit") == ["early.a", "early.group"]
    assert truth.functions("before exit") == ["before_exit", "sleep"]
    assert truth.awaits("two groups") == ["inner.a", "outer.a"]
    assert truth.awaits("finished children") == ["last"]
    assert truth.awaits("aborting") == ["stubborn"]
    assert truth["stubborn"]["cancel_requests"] == 1


@pytest.mark.parametrize("case", ["plain", "shared_member", "ended_member",
                                  "ended_member_in_a_stack"])
def test_members_of_a_group(start, case):
    """Though the task awaits as many others."""
    target = start("group_members.py", case)
    tasks = {task["name"]: task for task in target.json()["tasks"]}
    names = {task["id"]: name for name, task in tasks.items()}
    wait = tasks["Task-1"]["waiting_on"]
    assert wait["kind"] == "taskgroup"
    assert sorted(names[task] for task in wait["tasks"]) == target.extra["members"]
    assert wait["pending"] == len(target.extra["members"])


def test_gather(start, version):
    truth = start("gathers.py").check()
    assert truth.awaits("nested")[1:] == ["nested.a", "nested.b", "nested.c"]
    assert truth.awaits("of futures") == ["beside a future"]
    assert truth.awaits("borrower") == ["lent.a", "lent.b"]
    # From 3.14 on asyncio records who called gather(), too.
    assert truth.awaits("creator") == (["lent.a", "lent.b"] if version >= (3, 14) else [])
    assert truth.awaits("awaits outside") == ["outside.a", "outside.b"]
    assert truth.awaited_by("outside.a") == ["awaits outside", "awaits outside too"]
    assert truth.awaits("twice caller") == ["once", "twice"]


def test_wait_timeout_shield_as_completed(start, version):
    truth = start("waits.py").check()
    assert truth.awaits("wait all") == ["wait.a", "wait.b"]
    assert truth.awaits("wait first") == ["wait first.a", "wait first.b"]
    assert truth.awaits("wait_for task") == ["wait_for.inner"]
    assert truth.awaits("timeout") == ["timeout.inner"]
    assert truth.awaits("shield") == ["shield.inner"]
    assert truth.awaits("shield in wait_for") == ["wait_for.shielded"]
    assert truth.awaits("shield in gather") == ["gather.plain", "gather.shielded"]
    assert truth.awaits("as_completed plain") == ["plain.a", "plain.b"]
    if version >= (3, 13):
        assert truth.awaits("as_completed async") == ["async.a", "async.b"]
    assert truth.awaits("cancelled") == []
    assert len(truth.awaits("staggered")) == 3


def test_tasks_that_await_tasks(start):
    target = start("task_awaits.py", "acyclic")
    truth = target.check()
    assert truth.awaits("line.1") == ["line.2"] and truth.awaits("line.2") == ["line.3"]
    assert truth.awaited_by("many.one") == [f"many.{n}" for n in range(8)]
    assert truth.awaited_by("diamond.bottom") == ["diamond.0.l", "diamond.0.r"]
    assert target.json()["cycles"] == []
    assert truth.awaited_by("some left") == ["awaiter.3", "awaiter.6"]
    assert truth.awaited_by("all left") == []
    # 38 tasks in chained diamonds have 2**12 paths: a tree that draws each
    # would never end.  The ten others take no more than a line or two each.
    for options in [], ["-c"], ["-A"]:
        assert len(target.text(*options).splitlines()) <= 100
    diamonds = sum(name.startswith("diamond") for name in truth.names())
    assert diamonds == 38


def test_cycles(start):
    target = start("task_awaits.py", "cyclic")
    truth = target.check()
    assert truth.awaits("itself") == ["beside itself", "itself"]
    assert cycles_by_name(target.json()) == [
        ["cycle2.0", "cycle2.1"],
        ["cycle3.0", "cycle3.1", "cycle3.2"],
        ["itself"]]
    for options in ["-c"], ["-c", "-s"], ["-l"]:
        shown = target.text(*options)
        for name in "cycle2.1", "cycle3.2", "on cycle3", "beside itself":
            assert name in shown, (options, name)
    for options in [], ["-s"], ["-c"]:
        assert target.text(*options).count("(cycle)") == 3


@pytest.mark.parametrize("how", ["callback", "task"])
def test_ready(start, how):
    target = start("ready.py", how)
    truth = target.check()
    states = truth.states()
    for name in ("woken", "woken deep", "to fail", "cancelled", "cancelled twice", "yields",
                 "not started", "not started, cancelled", "waits for a fresh one"):
        assert states[name] == "ready", name
    for name in "waiting", "awaits", "awaited", "self-made future":
        assert states[name] == "waiting", name
    assert states["Task-1"] == ("waiting" if how == "callback" else "running")
    assert truth["cancelled twice"]["cancel_requests"] == 2
    assert truth["not started, cancelled"]["must_cancel"]
    assert truth.functions("not started") == ["never_started"]
    if how == "task":
        assert truth["Task-1"]["current"]
        assert truth["Task-1"]["stack"][-1]["line"] == line_of("ready.py", "hold")


def inlined(functions):
    """Up to 3.11 a comprehension is a function of its own."""
    return [function for function in functions if not function.endswith("comp>")]


def test_running_through_called_functions(start):
    truth = start("running.py", "parse").check()
    assert inlined(truth.functions("runs")) == [
        "outer", "middle", "Report.rows", "Report.__len__", "parse", "sub", "slow"]
    assert truth["runs"]["stack"][-1]["line"] == line_of("running.py", "slow")
    assert truth["runs"]["current"] and truth["runs"]["state"] == "running"


def test_running_in_deep_recursion(start):
    truth = start("running.py", "recursion").check()
    assert truth.functions("runs").count("recurse") == 301


def test_running_in_an_async_generator(start):
    truth = start("running.py", "agen").check()
    assert truth.functions("runs")[:3] == ["through_agen", "agen", "middle"]
    assert truth.functions("runs")[-1] == "slow"


# What each task of awaitables.py is suspended in, without the sleep at the end.
AWAITABLES = {
    "old style": ["calls_old_style", "old_style", "leaf"],
    "bare yield": ["bare_yield", "bare_yield.<locals>.once"],
    "old style on future": ["old_style_on_future", "old_style"],
    "__await__ generator": ["awaits", "ByGenerator.__await__", "leaf"],
    "__await__ generator more":
        ["awaits", "ByGeneratorWithMore.__await__", "ByGeneratorWithMore.more"],
    "__await__ of coroutine": ["awaits", "leaf"],
    "class named coroutine": ["awaits", "ByGenerator.__await__", "leaf"],
    "async for": ["async_for", "agen", "leaf"],
    "async for nested":
        ["async_for_nested", "agen_nested_twice", "agen_nested", "agen", "leaf"],
    "asend": ["asend", "agen", "leaf"],
    "athrow": ["athrow", "agen_catches", "leaf"],
    "aclose": ["aclose", "agen_cleanup", "leaf"],
    "anext": ["anext_plain", "agen_at_first", "leaf"],
    "anext default": ["anext_default", "agen_at_first", "leaf"],
    "anext of class": ["anext_of_class", "Iterator.__anext__", "leaf"],
    "anext default of class": ["anext_default_of_class", "Iterator.__anext__", "leaf"],
    "async for awaitable": ["async_for_awaitable", "ByGenerator.__await__", "leaf"],
    "list comprehension": ["list_comprehension", "agen", "leaf"],
    "await in comprehension": ["await_in_comprehension", "awaits", "leaf"],
    "nested comprehension": ["set_comprehension_nested", "agen", "leaf"],
    "generator expression":
        ["generator_expression", "generator_expression.<locals>.<genexpr>", "agen", "leaf"],
    "await in generator expression":
        ["await_in_generator_expression",
         "await_in_generator_expression.<locals>.<genexpr>", "leaf"],
    "with enter": ["with_context", "Context.__aenter__", "leaf"],
    "with body": ["with_context", "leaf"],
    "with exit": ["with_context", "Context.__aexit__", "leaf"],
    "exit after exception": ["exit_after_exception", "Context.__aexit__", "leaf"],
    "manager enter": ["with_manager", "_AsyncGeneratorContextManager.__aenter__",
                      "manager", "leaf"],
    "manager body": ["with_manager", "leaf"],
    "manager exit": ["with_manager", "_AsyncGeneratorContextManager.__aexit__",
                     "manager", "leaf"],
    "exit stack enter": ["exit_stack", "AsyncExitStack.enter_async_context",
                         "Context.__aenter__", "leaf"],
    "exit stack exit": ["exit_stack", "AsyncExitStack.__aexit__", "Context.__aexit__", "leaf"],
    "aclosing": ["aclosing", "aclosing.__aexit__", "agen_cleanup", "leaf"],
    "finally": ["finally_clause", "leaf"],
    "except*": ["except_star", "leaf"],
    "big expression": ["big_expression", "awaits", "leaf"],
    "partial": ["partial_target", "leaf"],
    "own iterator": ["awaits"],
    "by future": ["awaits"],
    "named wrapper": ["awaits"],
    "named asend": ["awaits"],
}


def test_everything_awaitable(start):
    truth = start("awaitables.py").check()
    for name, functions in AWAITABLES.items():
        found = inlined(truth.functions(name))
        assert found[-1:] != ["sleep"] or found.pop() == "sleep"
        assert found == functions, name
    assert truth["async for"]["stack"][1]["line"] == line_of("awaitables.py", "agen")
    assert truth["aclose"]["stack"][1]["line"] == line_of("awaitables.py", "cleanup")
    for name in "own iterator", "by future", "named wrapper", "named asend", "own coroutine":
        assert truth.awaits(name) == [f"{name}: inner"]
    assert truth["own coroutine"]["stack"] == []
    assert truth["own coroutine"]["coroutine"] is None  # it is no function


def test_python_tasks_and_futures(start):
    truth = start("pure_python.py").check()
    for first in "py", "c":
        for second in "py", "c":
            pair = f"{first} on {second}"
            assert truth.awaits(pair) == [f"{pair}: inner"]
            assert truth.awaits(f"{pair} gather") == [f"{pair}: gathered"]
            assert truth.awaits(f"{pair} wait") == [f"{pair}: waited"]
            assert truth.awaits(f"{pair} shield") == [f"{pair}: shielded"]
    assert truth.functions("c on py future") == ["outer", "awaits", "Future.__await__"]
    assert truth.awaits("py group") == ["py group.a", "py group.b"]
    assert truth.awaits("py early") == ["early.a"]
    assert truth["subclass"]["type"] == "MyPyTask"


def test_tasks_of_a_foreign_class(start):
    truth = start("foreign.py").check()
    assert truth["foreign leaf"]["type"] == "ForeignTask"
    assert truth.functions("foreign leaf") == LEAF
    assert truth["foreign leaf"]["state"] == "waiting"
    assert truth.awaits("foreign on c") == ["c inner"]
    assert truth.awaits("c on foreign") == ["foreign inner"]
    assert truth.awaits("foreign on foreign") == ["foreign inner 2"]


def test_awaiters_that_are_in_no_list(start):
    truth = start("unlisted.py").check()
    assert truth.awaited_by("child") == ["unlisted parent", "unlisted second"]
    assert truth.awaited_by("unlisted parent") == ["unlisted grandparent"]


@pytest.fixture
def eager_version(version):
    if version < (3, 12):
        pytest.skip("there are no eager tasks before 3.12")
    return version


# Before 3.14 an eager task has its name only after its first step, or the name "None".

@pytest.mark.parametrize("kind", ["c", "python"])
def test_eager_tasks_suspended(start, eager_version, kind):
    truth = start("eager.py", "suspended", kind).check()
    assert truth.awaits("on b") == ["group.b"]
    assert len(truth.awaits("gather")) == 2
    main, = (task for task in truth.whole["tasks"] if task["coroutine"] == "main")
    assert main["name"] == "Task-1" or eager_version < (3, 14)
    assert {truth[name]["id"] for name in ("group.a", "group.b", "on b")} <= set(main["awaits"])


@pytest.mark.parametrize("kind", ["c", "python"])
def test_eager_tasks_in_their_first_step(start, eager_version, kind):
    truth = start("eager.py", "first", kind).check()
    running = [task for task in truth.whole["tasks"] if task["state"] == "running"]
    assert sorted(task["coroutine"] for task in running) == ["first_step"] * 3 + ["main"]
    for task in running:
        assert [frame["function"] for frame in task["stack"]][-2:] == ["first_step", "hold"]
    current, = (task for task in truth.whole["tasks"] if task["current"])
    assert len(current["stack"]) == 2
    if eager_version >= (3, 14):
        assert current["name"] == "eager 0"
        assert {task["name"] for task in running} == {"Task-1", "eager 2", "eager 1", "eager 0"}


def test_names(start):
    target = start("names.py")
    truth = target.check()
    names = truth.names()
    assert max(map(len, names)) == 1 << 20
    assert {"", "\0", "nul\0here", "lone \ufffd high", "\x1b[31mred\x1b[0m"} <= names
    assert {"str subclass", "жsubclass", "12345", str(1 << 80)} <= names
    assert {"MyTask", "SlottedTask", "TaskWithAttributes", "Étrange"} <= \
        {task["type"] for task in truth.whole["tasks"]}
    for view in "-t", "-l":
        for more in [], ["-c"], ["-s"], ["-A"], ["-c", "-s"]:
            shown = target.text(view, *more)
            assert "plain" in shown or "-c" not in more, (view, more)
            if "-A" in more and view == "-t":
                assert "├" not in shown and "└" not in shown
    for width in 20, 80, 300:
        target.text(env={"COLUMNS": str(width)})
    for locale in "C", "POSIX", "en_US.ISO-8859-1":
        target.text(env={"LC_ALL": locale})


def test_four_loops_in_four_threads(start):
    truth = start("threads.py").check()
    loops = {loop["id"]: loop for loop in truth.whole["loops"]}
    assert sum(loop["running"] for loop in loops.values()) == 4
    tids = {truth[f"{name}.leaf"]["tid"] for name in ("main", "loop0", "loop1", "loop2")}
    assert len(tids) == 4 and None not in tids
    for name in "left sleeping", "left waiting", "left.leaf", "left unstarted":
        assert truth[name]["tid"] is None
    assert truth.awaits("left waiting") == ["left.leaf"]
    assert truth["left unstarted"]["state"] == "ready"


def test_tasks_that_run_in_several_threads(start):
    target = start("busy_threads.py")
    truth = target.check()
    assert sum(task["current"] for task in truth.whole["tasks"]) == 3
    for number in range(3):
        assert truth.functions(f"busy{number}") == \
            ["outer", "inner"] + ["recurse"] * (number + 1)


def test_thread_names_and_loops(start):
    target = start("threads.py")
    threads = {thread["name"]: thread for thread in target.json()["threads"]}
    assert set(threads) == {"MainThread", "loop0", "loop1", "loop2", "truth",
                            "no loop here at all"}
    assert threads["MainThread"]["tid"] == target.pid
    assert threads["no loop here at all"]["loop"] is None
    assert sum(thread["holds_gil"] for thread in threads.values()) <= 1


def test_which_thread_holds_the_lock(start, python):
    target = start("computes.py")
    looks = [target.json() for _ in range(3)]
    holders = {thread["name"] for look in looks for thread in look["threads"]
               if thread["holds_gil"]}
    assert "MainThread" in holders or python.endswith("t") and not holders


def test_subinterpreters(start, version):
    if version < (3, 12):
        pytest.skip("asyncio of 3.11 takes the loop of one interpreter for that of another")
    target = start("subinterpreters.py")
    truth = target.check()
    interpreters = sorted(target.json()["interpreters"], key=lambda one: one["id"])
    assert [one["main"] for one in interpreters] == [True, False, False, False]
    ids = {task["name"]: task["interpreter"] for task in truth.whole["tasks"]}
    assert ids["main.a"] == 0
    assert ids["sub1.0.a"] == interpreters[1]["id"] == ids["sub1.0.b"]
    assert ids["sub2.0.a"] == interpreters[2]["id"] == ids["sub2.1.b"]


@pytest.mark.parametrize("argument", [None, "asyncio", "loop"])
def test_without_tasks(start, argument):
    target = start("no_asyncio.py", *([argument] if argument else []))
    process = target.json()
    assert process["tasks"] == process["loops"] == process["cycles"] == []
    assert target.pid in {thread["tid"] for thread in process["threads"]}
    for options in [], ["-t"], ["-s"], ["-c"]:
        assert "no tasks" in target.text(*options)
    assert len(target.text("-l").splitlines()) == 1  # the heading
