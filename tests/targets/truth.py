"""What a process knows of its own asyncio tasks, for the tests to hold against.

A target imports this module, builds its situation and calls ready().  A plain
thread then answers each line on standard input with one line of JSON.  It looks
with Python's own means only, and only when it is asked: looking changes the
target a little (names are made, frame objects appear), so a test may read the
target before its first question.
"""

import gc
import json
import os
import sys
import threading
import time
import traceback
import types

_known = []  # tasks that a target vouches for
_known_loops = []
_children = []  # (read end, write end) of the servers in other interpreters
_own_threads = set()
_answers = {}  # request → function


def know(task):
    """Counts a task in, whatever its type and whether asyncio lists it or not."""
    _known.append(task)
    return task


def know_loop(loop):
    _known_loops.append(loop)
    return loop


# ---------------------------------------------------------------- text

def text(value):
    """A str with U+FFFD for what UTF-8 has no form of."""
    if value is None:
        return None
    value = str.__getitem__(value, slice(None)) if isinstance(value, str) else str(value)
    return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)


def address(thing):
    return hex(id(thing))


# ---------------------------------------------------------------- stacks

async def _nothing():
    pass


async def _no_items():
    yield


def _hidden_types():
    """The types that the interpreter puts between an await and what is awaited."""
    coroutine = _nothing()
    wrapper = type(coroutine.__await__())
    coroutine.close()
    generator = _no_items()
    asend, athrow = generator.__anext__(), generator.aclose()
    anext_awaitable = anext(_no_items(), None)
    found = wrapper, type(asend), type(athrow), type(anext_awaitable)
    for awaitable in (asend, athrow):
        awaitable.close()
    return found


def stands_for(thing):
    """What an object of the interpreter's passes all calls on to, or None."""
    if type(thing) in Chain.HIDDEN:
        # It is the first thing that such an object refers to.
        for inner in gc.get_referents(thing):
            if not isinstance(inner, type):
                return inner
    return None


class Chain:
    """What a coroutine is suspended in, outermost first."""

    HIDDEN = ()

    def __init__(self, outermost):
        self.links = []  # (frame, code, not yet started)
        seen = set()
        thing = outermost
        while thing is not None and id(thing) not in seen:
            seen.add(id(thing))
            thing = self._step(thing)

    def _step(self, thing):
        prefix = {types.CoroutineType: "cr_", types.GeneratorType: "gi_",
                  types.AsyncGeneratorType: "ag_"}.get(type(thing))
        if prefix:
            frame = getattr(thing, prefix + "frame")
            if frame is None:
                return None
            self.links.append((frame, frame.f_code, _not_started(thing)))
            if prefix == "gi_":
                return thing.gi_yieldfrom
            return getattr(thing, prefix + "await")
        return stands_for(thing)


def _not_started(thing):
    import inspect
    if isinstance(thing, types.CoroutineType):
        return inspect.getcoroutinestate(thing) == inspect.CORO_CREATED
    if isinstance(thing, types.GeneratorType):
        return inspect.getgeneratorstate(thing) == inspect.GEN_CREATED
    if not hasattr(inspect, "getasyncgenstate"):  # before 3.12
        import dis
        last = thing.ag_frame.f_lasti
        return last < 0 or thing.ag_code.co_code[last] == dis.opmap["RETURN_GENERATOR"]
    return inspect.getasyncgenstate(thing) == inspect.AGEN_CREATED


def frame_entry(code, line):
    return {"function": text(code.co_qualname), "file": text(code.co_filename),
            "line": line}


def suspended_stack(chain):
    return [frame_entry(code, code.co_firstlineno if fresh else frame.f_lineno)
            for frame, code, fresh in chain.links]


def thread_frames(top):
    """The frames of a thread, outermost first."""
    frames = []
    while top is not None:
        frames.append(top)
        top = top.f_back
    frames.reverse()
    return frames


def is_executing(coroutine, stacks):
    """An async generator says that it runs also where it is suspended in an await."""
    coroutine = stands_for(coroutine) or coroutine
    if isinstance(coroutine, types.AsyncGeneratorType):
        return any(coroutine.ag_frame in frames for frames in stacks.values())
    return bool(attribute(coroutine, "cr_running", "gi_running"))


def outer_frame(coroutine):
    return attribute(stands_for(coroutine) or coroutine, "cr_frame", "gi_frame", "ag_frame")


# ---------------------------------------------------------------- futures

def attribute(thing, *names):
    for name in names:
        try:
            return getattr(thing, name)
        except AttributeError:
            pass
    return None


def is_done(future):
    done = attribute(future, "done")
    return bool(done()) if callable(done) else False


def callbacks(future):
    for callback in attribute(future, "_callbacks", "_done_callbacks") or ():
        yield callback[0] if isinstance(callback, tuple) else callback


def closure(function, name):
    for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        if variable == name:
            return cell.cell_contents
    return None


# The callbacks that tie one future to another, and where they keep that one.
TIES = {"shield.<locals>._outer_done_callback": "inner",
        "_chain_future.<locals>._call_check_cancel": "source"}


def asyncio_is_of(*version):
    return sys.version_info[:2] == version


class Edges:
    """Which task waits for which, published and inferred."""

    def __init__(self, tasks):
        self.tasks = {id(task): task for task in tasks}
        self.pairs = set()  # (who waits, for whom)

    def add(self, awaiter, awaited):
        if id(awaiter) in self.tasks and id(awaited) in self.tasks:
            self.pairs.add((address(awaiter), address(awaited)))

    def add_all(self, awaiter, futures):
        for future in list(futures):
            for task in self.tasks_behind(future):
                self.add(awaiter, task)

    def tasks_behind(self, future):
        """The tasks that somebody who waits for `future` waits for."""
        found, seen, rest = [], set(), [future]
        while rest:
            future = rest.pop()
            if id(future) in seen or is_done(future):
                continue
            seen.add(id(future))
            if id(future) in self.tasks:
                found.append(future)
                continue
            if isinstance(future, sys.modules["asyncio"].tasks._GatheringFuture):
                rest.extend(future._children)
            for callback in callbacks(future):
                behind = TIES.get(attribute(callback, "__qualname__"))
                if behind:
                    rest.append(closure(callback, behind))
        return found

    def add_completions(self, awaiter, results):
        """Before 3.13 as_completed() has its tasks put into a queue when they are done."""
        for task in self.tasks.values():
            for callback in callbacks(task):
                if attribute(callback, "__qualname__") == \
                        "as_completed.<locals>._on_completion" and \
                        closure(callback, "done") is results:
                    self.add(awaiter, task)

    def of(self, task, chain):
        for waiter in attribute(task, "_asyncio_awaited_by") or ():
            self.add(waiter, task)
        waited = attribute(task, "_fut_waiter")
        if waited is not None:
            self.add_all(task, [waited])
            for waiter in attribute(waited, "_asyncio_awaited_by") or ():
                self.add_all(waiter, [waited])
        for callback in callbacks(task):
            group = attribute(callback, "__self__")
            if isinstance(group, sys.modules["asyncio"].TaskGroup) and \
                    callback.__func__.__name__ == "_on_task_done":
                self.add(group._parent_task, task)
        for frame, code, _ in chain.links:
            if code.co_filename.endswith("/asyncio/staggered.py") and \
                    code.co_qualname == "staggered_race":
                self.add_all(task, frame.f_locals["running_tasks"])
            if not code.co_filename.endswith("/asyncio/tasks.py"):
                continue
            if code.co_qualname == "_wait":
                self.add_all(task, frame.f_locals["fs"])
            if code.co_qualname == "_cancel_and_wait":
                self.add_all(task, [frame.f_locals["fut"]])
            if code.co_qualname == "wait_for" and asyncio_is_of(3, 11):
                self.add_all(task, [frame.f_locals["fut"]])
            if code.co_qualname == "as_completed.<locals>._wait_for_one":
                self.add_completions(task, frame.f_locals["done"])
            if code.co_qualname == "_AsCompletedIterator._wait_for_one":
                self.add_all(task, frame.f_locals["self"]._todo)


# ---------------------------------------------------------------- the process

def all_loops(asyncio):
    loops = {id(loop): loop for loop in _known_loops}
    base = asyncio.AbstractEventLoop
    for thing in gc.get_objects():
        if issubclass(type(thing), base):
            loops[id(thing)] = thing
    return loops


TASK_SETS = "_all_tasks", "_scheduled_tasks", "_eager_tasks"  # of one version or another


def all_tasks(asyncio, loops):
    """The tasks that asyncio knows, and those that the target vouches for."""
    tasks = {}
    module = sys.modules["asyncio.tasks"]
    known = [asyncio.all_tasks(loop) for loop in loops.values()]
    sets = [list(getattr(module, name, ())) for name in TASK_SETS]
    for found in *known, *sets, _known:
        for task in found:
            if not is_done(task):
                tasks[id(task)] = task
    return tasks


def loop_thread(loop, tids, stacks):
    """The native id of the thread that runs the loop, or None."""
    if not loop.is_running():
        return None
    ident = attribute(loop, "_thread_id")
    if ident is not None:
        return tids.get(ident)
    for ident, frames in stacks.items():  # uvloop keeps it to itself
        for frame in frames if ident not in _own_threads else ():
            if any(attribute(value, "_loop") is loop or value is loop
                   for value in list(frame.f_locals.values())):
                return tids.get(ident)
    return None


def current_tasks(asyncio, loop):
    module = sys.modules["asyncio.tasks"]
    if not loop.is_running():
        return []
    of_python = attribute(module, "_py_current_task", "current_task")
    return [task for task in (of_python(loop), asyncio.current_task(loop)) if task is not None]


def describe_executor(loop, stacks):
    """Of the loop's default executor; uvloop keeps it to itself."""
    executor = attribute(loop, "_default_executor")
    if executor is None:
        return None
    idents = {thread.ident for thread in executor._threads}
    busy = [ident for ident, frames in stacks.items() if ident in idents
            and any(frame.f_code.co_qualname == "_WorkItem.run" for frame in frames)]
    return {"pool_size": executor._max_workers, "busy": len(busy),
            "pool_queue": executor._work_queue.qsize()}


def loop_work(loop, stacks):
    """What an asyncio loop has to do, and since when its callbacks run; times are absolute."""
    if not hasattr(loop, "_scheduled"):
        return dict.fromkeys(("ready", "timers", "next_timer", "blocked_since"))
    due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
    iterations = [frame.f_locals for frames in stacks.values() for frame in frames
                  if frame.f_code.co_qualname == "BaseEventLoop._run_once"
                  and frame.f_locals["self"] is loop]
    return {"ready": len(loop._ready), "timers": len(due), "next_timer": min(due, default=None),
            "blocked_since": iterations[0].get("end_time")
            if iterations and "i" in iterations[0] else None}


def describe_loops(asyncio, tasks, loops, tids, stacks):
    used = {id(attribute(task, "_loop")) for task in tasks.values()}
    return [{"id": address(loop), "type": type(loop).__name__,
             "tid": loop_thread(loop, tids, stacks), "running": loop.is_running(),
             "executor": describe_executor(loop, stacks), **loop_work(loop, stacks)}
            for key, loop in loops.items() if key in used or loop.is_running()]


def describe_task(task, coroutine, chain, stacks, loop_tids, current):
    waited = attribute(task, "_fut_waiter")
    stack = suspended_stack(chain)
    if is_executing(coroutine, stacks):
        state = "running"
        outer = outer_frame(coroutine)
        for frames in stacks.values():
            if outer in frames:
                stack = [frame_entry(frame.f_code, frame.f_lineno)
                         for frame in frames[frames.index(outer):]]
    elif waited is None or is_done(waited):
        state = "ready"
    else:
        state = "waiting"
    loop = attribute(task, "_loop")
    name = attribute(task, "get_name")
    return {
        "id": address(task),
        "name": text(name() if callable(name) else attribute(task, "_name")),
        "type": type(task).__name__,
        "tid": loop_tids.get(id(loop)),
        "loop": None if loop is None else address(loop),
        "state": state,
        "current": id(task) in current,
        "coroutine": text(attribute(stands_for(coroutine) or coroutine, "__qualname__")),
        "stack": stack,
        "cancel_requests": int(attribute(task, "_num_cancels_requested") or 0)
        if not hasattr(task, "cancelling") else task.cancelling(),
        "must_cancel": bool(attribute(task, "_must_cancel")),
    }


def describe_threads(tids, stacks, loops, loop_tids, current):
    entries = []
    by_ident = {thread.ident: thread for thread in threading.enumerate()}
    for ident, frames in stacks.items():
        loop = next((loops[key] for key, tid in loop_tids.items()
                     if tid is not None and tid == tids.get(ident)), None)
        entries.append({
            "tid": tids.get(ident),
            "name": text(by_ident[ident].name) if ident in by_ident else None,
            "own": ident in _own_threads,
            "loop": None if loop is None else address(loop),
            "current_task": next((address(task) for task, tid in current.values()
                                  if tid == tids.get(ident)), None),
            "stack": [frame_entry(frame.f_code, frame.f_lineno) for frame in frames],
        })
    return entries


def interpreter_id():
    try:
        import _interpreters
    except ImportError:
        try:
            import _xxsubinterpreters as _interpreters
        except ImportError:
            return 0
    current = _interpreters.get_current()
    return int(current[0] if isinstance(current, tuple) else current)


def native_id(thread):
    """A thread that forked keeps that of its parent's before 3.14."""
    forked = thread is threading.main_thread() and interpreter_id() == 0 and \
        not os.path.exists(f"/proc/self/task/{thread.native_id}")
    return os.getpid() if forked else thread.native_id


def of_this_interpreter():
    """Tasks, loops and threads of the interpreter that this runs in."""
    # An interpreter may count a thread that has ended as its main one.
    tids = {thread.ident: tid for thread in threading.enumerate()
            if os.path.exists(f"/proc/self/task/{(tid := native_id(thread))}")}
    stacks = {ident: thread_frames(top) for ident, top in sys._current_frames().items()
              if ident in tids or sys.version_info >= (3, 14)}  # before, also those of others
    result = {"interpreter": interpreter_id(), "tasks": [], "loops": []}
    asyncio = sys.modules.get("asyncio")
    loop_tids, current, loops = {}, {}, {}
    if asyncio is not None and hasattr(asyncio, "all_tasks"):
        if not Chain.HIDDEN:
            Chain.HIDDEN = _hidden_types()
        loops = all_loops(asyncio)
        tasks = all_tasks(asyncio, loops)
        loop_tids = {key: loop_thread(loop, tids, stacks) for key, loop in loops.items()}
        for key, loop in loops.items():
            for task in current_tasks(asyncio, loop):
                current[id(task)] = task, loop_tids[key]
        edges = Edges(tasks.values())
        for task in tasks.values():
            get = attribute(task, "get_coro")
            coroutine = get() if callable(get) else attribute(task, "_coro")
            chain = Chain(coroutine)
            edges.of(task, chain)
            result["tasks"].append(
                describe_task(task, coroutine, chain, stacks, loop_tids, current))
        result["loops"] = describe_loops(asyncio, tasks, loops, tids, stacks)
        awaits, awaited_by = {}, {}
        for awaiter, awaited in edges.pairs:
            awaits.setdefault(awaiter, []).append(awaited)
            awaited_by.setdefault(awaited, []).append(awaiter)
        for entry in result["tasks"]:
            entry["awaits"] = sorted(awaits.get(entry["id"], ()))
            entry["awaited_by"] = sorted(awaited_by.get(entry["id"], ()))
    result["threads"] = describe_threads(tids, stacks, loops, loop_tids, current)
    for part in ("tasks", "loops", "threads"):
        for entry in result[part]:
            entry["interpreter"] = result["interpreter"]
    return result


def of_all_interpreters():
    whole = of_this_interpreter()
    whole["pid"] = os.getpid()
    for asking, answering in _children:
        os.write(asking, b"truth\n")
        part = json.loads(answering.readline())
        for key in ("tasks", "loops", "threads"):
            whole[key] += part[key]
    return whole


# ---------------------------------------------------------------- the server

def cpu_time():
    """What each other thread has run so far: stays the same while all is still."""
    own = str(threading.get_native_id())
    times = {}
    for tid in os.listdir("/proc/self/task"):
        if tid != own:
            try:
                with open(f"/proc/self/task/{tid}/schedstat") as file:
                    times[tid] = file.read().split()[0]
            except OSError:
                pass
    return times


def wait_until_still(quiet=0.06):
    before = cpu_time()
    while True:
        time.sleep(quiet)
        now = cpu_time()
        if now == before:
            return
        before = now


_ready = threading.Event()
_settle = True
_extra = {}


def ready(settle=True, **extra):
    """Says that the situation is built; to be called by the target just before it rests."""
    global _settle
    _settle = settle
    _extra.update(extra)
    _ready.set()


def answer(request, function):
    """Answers a request of a test's own with what `function` gives."""
    _answers[request] = function


def _answer(request, write):
    if request == "truth":
        write(of_all_interpreters())
    elif request == "tick":  # for a target that moves on request
        wait_until_still()
        write({})
    elif request in _answers:
        write(_answers[request]())


def _serve(read, write):
    _own_threads.add(threading.get_ident())
    _ready.wait()
    if _settle:
        wait_until_still()
    write({"ready": True, "pid": os.getpid(), "extra": _extra})
    for line in read:
        try:
            _answer(line.strip(), write)
        except Exception:  # whoever asked hears of it at once
            traceback.print_exc()
            os._exit(1)


def _writer(descriptor):
    def write(message):
        data = (json.dumps(message) + "\n").encode()
        while data:
            data = data[os.write(descriptor, data):]
    return write


def _start():
    descriptor = os.dup(1)
    os.dup2(2, 1)
    thread = threading.Thread(target=_serve, args=(sys.stdin, _writer(descriptor)),
                              name="truth", daemon=True)
    thread.start()


def serve_in_subinterpreter(read, write):
    """Answers the truth of the main interpreter, from a thread of this one."""
    def serve():
        _own_threads.add(threading.get_ident())
        with open(read) as requests:
            for _ in requests:
                _writer(write)(of_this_interpreter())

    threading.Thread(target=serve, name="truth-sub").start()


def new_subinterpreter_server():
    """The two descriptors for serve_in_subinterpreter(), known to this one's truth."""
    asked, asking = os.pipe()
    answered, answer = os.pipe()
    _children.append((asking, open(answered)))
    return asked, answer


if interpreter_id() == 0:
    _start()
