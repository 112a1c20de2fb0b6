"""The live view: asynctree -i on a pseudo-terminal, on targets that change while it watches."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

import harness
import terminal

PYTHON = "/usr/bin/python3.14"
SIZES = [(40, 10), (60, 20), (80, 24), (160, 40), (300, 100)]
TERMS = ["xterm-256color", "screen", "tmux", "linux", "vt100"]
# ncurses itself leaks where it does not know a terminal, and on the console.
NCURSES_LEAKS = {"ASAN_OPTIONS": "detect_leaks=0"}
# More of them take long: ASYNCTREE_SNAPSHOTS=1000 is what is promised.
SNAPSHOTS = int(os.environ.get("ASYNCTREE_SNAPSHOTS", 80))

UP, DOWN, PAGE_UP, PAGE_DOWN = "\033OA", "\033OB", "\033[5~", "\033[6~"
HOME, END, ESCAPE = "\033OH", "\033OF", "\033"
ROW = re.compile(r"(job-\d+|crowd-\d+|Task-1|\d+×) ")


@pytest.fixture
def watched(tree):
    """Starts targets that do what they are told."""
    started = []

    def start(*names, **kwargs):
        started.append(harness.Target(tree, PYTHON, "watched.py", *names, **kwargs))
        return started[-1]

    yield start
    for target in started:
        target.end()


@pytest.fixture
def watch(tmp_path):
    """Watches a target, at ten snapshots a second; the terminal is closed with the test."""
    opened = []

    def start(target, *options, interval=0.1, **kwargs):
        kwargs.setdefault("cwd", tmp_path)
        opened.append(terminal.Terminal(
            [harness.ASYNCTREE, f"-i{interval}", *map(str, options), str(target.pid)], **kwargs))
        opened[-1].until(lambda text: re.search(r"pid \d+|\w+ed\)", text))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def names(screen):
    """The tasks on the screen, by name, from above."""
    return [found[1] for row in screen.rows if (found := ROW.search(row))]


def jobs(count):
    return [f"job-{number}" for number in range(1, count + 1)]


def selected(text):
    """Waits for the row with the cursor."""
    def find(screen):
        row = screen.selected()
        return row is not None and text in row
    return find


def library_of(folder, name):
    """What is loaded before the others, from the source of this name here."""
    library = folder / f"{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library,
                    Path(__file__).with_name(f"{name}.c")], check=True)
    return str(library)


def type_until(screen, keys, condition):
    screen.type(keys)
    screen.until(lambda _: condition(screen))


def snapshots_of(screen, count):
    """Waits for so many snapshots, which their pauses tell apart, or more."""
    seen = []

    def another(text):
        found = re.search(r"paused ([\d.]+) ms", text)
        if found and (not seen or seen[-1] != found[1]):
            seen.append(found[1])
        return len(seen) > count
    screen.until(another, seconds=terminal.HANG + count)


# ---------------------------------------------------------------- what is shown

def test_the_header_says_what_is_watched(watched, watch):
    target = watched(*jobs(3))
    screen = watch(target, size=(120, 24))
    head = screen.until(lambda text: re.search(r"\d\.\d/s", text) and text)
    assert f"pid {target.pid}" in head and "4 tasks" in head and "CPython 3.14" in head
    assert re.search(r"paused [\d.]+ ms", head)
    assert re.search(rf"MainThread {target.pid} · _UnixSelectorEventLoop · idle, 0 ready, 0 timers",
                     head)
    assert names(screen)[0] == "Task-1"


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_it_fits_every_size(watched, watch, size):
    screen = watch(watched(*jobs(4)), size=size)
    assert len(screen.rows) == size[1]
    assert "pid" in screen.rows[0]
    screen.until(lambda _: names(screen))
    assert "q Quit" in screen.rows[-1]
    assert screen.selected() is not None
    type_until(screen, "\t", lambda it: it.row_with("Detail") is not None)
    assert screen.selected() is not None, "the pane leaves no room for the list"
    screen.type(ESCAPE)
    screen.until(lambda text: "Detail" not in text.replace("Tab Detail", ""))
    type_until(screen, "?", lambda it: it.row_with("the task above") is not None)
    type_until(screen, "?", lambda it: it.row_with("the task above") is None)
    screen.type("q")
    assert screen.wait() == 0 and screen.is_restored()


def has_first_row(screen):
    """The list stands between its heading and the bar, from its first row on."""
    heading = screen.row_with("TASK")
    return (screen.rows[0].startswith("watched.py  pid") and "q Quit" in screen.rows[-1]
            and heading is not None and "main  watched.py:" in screen.rows[heading + 1])


@pytest.mark.parametrize("term, options", [*((term, ()) for term in TERMS), (
    "xterm-256color", ("-A", "--color=never"))], ids=str)
def test_every_terminal_has_every_size(watched, watch, term, options):
    target = watched(*jobs(120))
    screen = watch(target, *options, term=term, env=NCURSES_LEAKS if term == "linux" else {})
    screen.until(lambda _: has_first_row(screen))
    for columns, lines in [*SIZES, (40, 10), (300, 10), (40, 100)]:
        screen.resize(columns, lines)
        # What pyte moved about is drawn anew.
        type_until(screen, "\014", lambda it: has_first_row(it) and len(it.rows) == lines)
        assert names(screen)[:2] == ["Task-1", "job-1"] or columns < 60
        type_until(screen, "G", lambda it: it.rows[-2] and it.rows[-2] == it.selected())
        type_until(screen, "\t", lambda it: it.row_with("Detail  (") is not None)
        assert screen.selected() is not None, "the pane leaves no room for the list"
        type_until(screen, ESCAPE, lambda it: it.row_with("Detail  (") is None)
        type_until(screen, "g", has_first_row)
    screen.type("q")
    assert screen.wait() == 0 and screen.is_restored()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_what_is_said_leaves_room_for_the_list(watched, watch, size):
    target = watched(*jobs(4))
    screen = watch(target, size=size)
    target.ask("block")
    screen.until("! loop blocked")
    screen.until(lambda _: has_first_row(screen))
    type_until(screen, "&job-" + "x" * 150, lambda it: "xxx" in it.text)
    type_until(screen, ESCAPE, has_first_row)
    target.process.stdin.write(b"exec\n")
    os.kill(target.pid, signal.SIGUSR1)
    target.process.stdin.flush()
    screen.until("!! the process has become")
    assert screen.row_with("main  watched.py:") is not None and screen.selected() is not None


@pytest.mark.parametrize("term", TERMS)
def test_it_works_on_every_terminal(watched, watch, term):
    screen = watch(watched(*jobs(3)), term=term, env=NCURSES_LEAKS if term == "linux" else {})
    screen.until(lambda _: "job-3" in names(screen))
    assert bool(screen.colors() - {"default"}) == (term != "vt100")
    lines = "└─" if term != "vt100" else "`-"
    assert lines in screen.text
    type_until(screen, "\033[B" if term == "linux" else DOWN, selected("job-1"))
    screen.type("q")
    assert screen.wait() == 0 and screen.is_restored()


@pytest.mark.parametrize("options, env", [(["--color=never"], {}), ([], {"NO_COLOR": "1"})])
def test_it_does_without_colours(watched, watch, options, env):
    screen = watch(watched(*jobs(2)), *options, env=env)
    screen.until(lambda _: "job-2" in names(screen))
    assert screen.colors() == {"default"}
    assert not re.search(rb"\033\[[0-9;]*(3[0-7]|9[0-7]|38;5)[0-9;]*m", screen.sent)
    assert screen.selected() is not None, "the cursor has no colour to lose"


def test_it_does_without_unicode(watched, watch):
    target = watched("job-1", "jöb-2")
    screen = watch(target, "-A")
    screen.until(r"j\xf6b-2")
    screen.until("`- j")
    screen.type("?")
    screen.until("the task above")
    assert not re.search(rb"[\x80-\xff]", screen.sent)


def test_what_a_target_calls_itself_is_no_command_to_the_terminal(watched, watch):
    target = watched("\033]0;owned\007", "a\u202eb")
    screen = watch(target)
    screen.until(r"\x1b]0;owned\a")
    screen.until(r"a\u202eb")
    assert b"\033]0;owned" not in screen.sent


# ---------------------------------------------------------------- keys

def test_keys_that_move(watched, watch):
    screen = watch(watched(*jobs(60)), size=(80, 24))
    screen.until(lambda _: "job-9" in names(screen))
    shown = names(screen)
    for key, name in [(DOWN, shown[1]), ("j", shown[2]), (DOWN, shown[3]), ("k", shown[2]),
                      (UP, shown[1]), (END, "job-60"), (HOME, "Task-1"), ("G", "job-60"),
                      ("g", "Task-1")]:
        type_until(screen, key, selected(f"{name} "))
    type_until(screen, PAGE_DOWN, lambda it: it.selected() and "Task-1 " not in it.selected())
    below = screen.selected()
    type_until(screen, PAGE_DOWN, lambda it: it.selected() and it.selected() != below)
    type_until(screen, PAGE_UP + PAGE_UP + PAGE_UP + PAGE_UP, selected("Task-1 "))


def test_keys_that_fold(watched, watch):
    target = watched("job-1")
    target.ask("crowd 20")
    screen = watch(target, size=(80, 40))
    screen.until("[+] 20×")
    screen.type("G")
    screen.until(lambda _: selected("20×")(screen))
    for unfold, fold in [("\n", "\n"), ("+", "-"), ("*", "*")]:
        type_until(screen, unfold, lambda it: names(it).count("crowd-5") == 1)
        assert "[+]" not in screen.text
        type_until(screen, fold, lambda it: "crowd-5" not in names(it))
        screen.until("[+] 20×")
    # From within a group, fold means that one.
    type_until(screen, "+j", selected("crowd-"))
    type_until(screen, "-", selected("[+] 20×"))


def test_search(watched, watch):
    target = watched(*jobs(30))
    target.ask("crowd 20")
    screen = watch(target, size=(80, 24))
    screen.until(lambda _: "job-3" in names(screen))
    type_until(screen, "/job-2\n", selected("job-2 "))
    type_until(screen, "n", selected("job-20 "))
    type_until(screen, "n", selected("job-21 "))
    type_until(screen, "N", selected("job-20 "))
    type_until(screen, "/crowd-35\n", selected("crowd-35 "))  # inside a folded group
    type_until(screen, "/no such\n", lambda it: "not found" in it.text)
    type_until(screen, "/wait_in_A\n", lambda it: "not found" in it.text)  # a capital counts
    screen.type("/job-4")
    screen.until("/job-4")
    screen.type("\177" * 2 + "-29")
    type_until(screen, "\n", selected("job-29 "))


def test_search_unfolds_what_was_folded(watched, watch):
    target = watched("job-1")
    target.ask("nest outer inner")
    screen = watch(target)
    screen.until("inner ")
    type_until(screen, "/outer\n-", selected("[+] outer "))
    assert "inner " not in screen.text
    type_until(screen, "/inner\n", selected("inner "))


@pytest.mark.parametrize("key", ["\\", "&"])
def test_filter_as_you_type(watched, watch, key):
    screen = watch(watched(*jobs(15)), size=(80, 24))
    screen.until(lambda _: "job-15" in names(screen))
    type_until(screen, f"{key}job-1", lambda it: "job-2" not in names(it))
    assert {"job-1", "job-10", "job-15"} <= set(names(screen))
    type_until(screen, "4", lambda it: names(it) == ["job-14"] or names(it)[1:] == ["job-14"])
    type_until(screen, ESCAPE, lambda it: "job-2" in names(it))
    type_until(screen, f"{key}first\n", lambda it: "only what has: first" in it.text)
    assert "job-2" in names(screen)
    type_until(screen, ESCAPE, lambda it: "only what has" not in it.text)


def test_orders_and_shapes(watched, watch):
    target = watched(*jobs(4))
    screen = watch(target, size=(100, 24))
    screen.until("tree, by age")
    target.ask("step job-2")
    screen.until(lambda text: re.search(r"\* +[\d.]+ s +1 +.*job-2 ", text))
    type_until(screen, "S", lambda it: "flat, by stuck longest" in it.text)
    screen.until(lambda _: names(screen)[-1] == "job-2")
    assert "STEPS" in screen.text and "RUN%" in screen.text
    screen.resize(59, 24)
    type_until(screen, "\014", lambda it: "RUN%" not in it.text)
    assert "STEPS" not in screen.text and ">SAME TASK" in screen.text
    type_until(screen, "s", lambda it: "by steps" in it.text)
    screen.until(">STEPS TASK")
    screen.resize(100, 24)
    type_until(screen, "\014", lambda it: "SAME  >STEPS  RUN% TASK" in it.text)
    screen.until(lambda _: names(screen)[0] == "job-2")
    for order in "share", "name", "place", "age", "stuck longest":
        type_until(screen, "s", lambda it: f"by {order}" in it.text)
    type_until(screen, "t", lambda it: "by coroutine" in it.text)
    screen.until("1× do_job3")
    type_until(screen, "*", lambda it: "job-3" in names(it))
    type_until(screen, "t", lambda it: "tree, by" in it.text)


def test_freeze(watched, watch):
    target = watched("job-1")
    screen = watch(target)
    screen.until(lambda _: "job-1" in names(screen))
    type_until(screen, " ", lambda it: it.rows[0].startswith("FROZEN"))
    target.ask("add job-2")
    type_until(screen, "jj?", lambda it: "the task above" in it.text)
    type_until(screen, "?", lambda it: "the task above" not in it.text)
    assert "job-2" not in screen.text
    type_until(screen, " ", lambda it: "job-2" in names(it))
    assert "FROZEN" not in screen.text


def test_an_invalid_byte_takes_no_key_with_it(watched, watch):
    screen = watch(watched("job-1", "jöb-2", "job-3"))
    screen.until(lambda _: "job-3" in names(screen))
    for invalid in b"\xff", b"\xc3", b"\xe2\x82":  # none, and parts of characters
        type_until(screen, "g", selected("Task-1 "))
        type_until(screen, invalid + b"jj" + invalid + b"j", selected("job-3 "))
    screen.type("/jö".encode()[:-1])
    screen.settle()
    type_until(screen, "öb\n".encode()[1:], selected("jöb-2 "))


def test_stacks(watched, watch, tmp_path):
    screen = watch(watched("job-1"), "--stacks", size=(100, 24))
    screen.until(lambda _: "job-1" in names(screen))
    line = harness.line_of("watched.py", "first")
    row = screen.row_with("job-1 ")
    assert [re.sub(r"[ │]+", " ", frame).strip() for frame in screen.rows[row + 1:row + 5]] == [
        "do_job1 <string>:2", f"Job.run watched.py:{line - 5}", f"Job.first watched.py:{line}",
        f"Event.wait locks.py:{screen.rows[row + 4].rpartition(':')[2]}"]
    type_until(screen, "t", lambda it: "flat, by" in it.text)
    screen.until("Job.first")
    screen.type("wt")
    name = screen.until(lambda text: re.search(r"wrote (asynctree-\S+)", text))[1]
    assert "Job.first" in (tmp_path / name).read_text()


def test_what_changed_since_a_mark(watched, watch):
    target = watched(*jobs(5))
    screen = watch(target, size=(100, 24))
    screen.until(lambda _: "job-5" in names(screen))
    type_until(screen, "d", lambda it: "since the mark" in it.text)
    screen.until("0 new, 0 ended, 0 moved")
    for command in "add job-6", "step job-1", "end job-2":
        target.ask(command)
    screen.until("1 new, 1 ended, 1 moved")
    assert {"job-6", "job-1"} <= set(names(screen)) and "job-3" not in names(screen)
    assert "ended: job-2" in screen.text
    type_until(screen, "m", lambda it: "0 new, 0 ended, 0 moved" in it.text)
    assert "job-6" not in names(screen)
    type_until(screen, "d", lambda it: "job-3" in names(it))


def test_pause_on_and_off(watched, watch):
    screen = watch(watched("job-1"), size=(100, 24))
    screen.until(lambda text: re.search(r"· paused [\d.]+ ms", text))
    type_until(screen, "p", lambda it: "· not paused" in it.text)
    type_until(screen, "p", lambda it: re.search(r"· paused [\d.]+ ms", it.text))


def test_no_pause_is_obeyed(watched, watch):
    screen = watch(watched("job-1"), "--no-pause", size=(100, 24))
    screen.until("· not paused")


def test_the_detail_pane(watched, watch):
    screen = watch(watched("job-1", "job-2"), size=(100, 50))
    screen.until(lambda _: "job-2" in names(screen))
    type_until(screen, "jj", selected("job-2 "))
    screen.type("\t")
    line = harness.line_of("watched.py", "first")
    screen.until(f"> {line:5}  ")
    text = screen.text
    for part in ("task        job-2  0x", "coroutine   do_job2", "waits for   event",
                 "Job.first  watched.py", "await self.next.wait()  # line: first",
                 "async def first(self):", "Event.wait  locks.py", "steps in", "at this place"):
        assert part.replace("steps in", "0 steps in") in text, part
    # It follows the cursor once the list has the keys again.
    type_until(screen, "\tk", lambda it: "task        job-1  0x" in it.text)
    type_until(screen, "\tG", lambda it: "Event.wait" in it.text)
    screen.type(ESCAPE)
    screen.until(lambda text: "coroutine   do_job" not in text)


def test_the_detail_pane_tells_of_other_tasks_and_the_creation(watched, watch):
    target = watched(env={"PYTHONASYNCIODEBUG": "1"})
    for command in "hold owner", "hold waiter", "nest outer inner":
        target.ask(command)
    screen = watch(target, size=(100, 60))
    screen.until("inner ")
    type_until(screen, "/waiter\n\t", lambda it: "task        waiter" in it.text)
    screen.until("held by     owner")
    screen.until("waits for   lock held by owner")
    screen.until("created at")
    type_until(screen, "G", lambda it: re.search(r"> +\d+ +start\(arguments", it.text))
    type_until(screen, "/inner\n", lambda it: "task        inner" in it.text)
    screen.until("awaited by  outer")
    type_until(screen, "/outer\n", lambda it: "task        outer" in it.text)
    screen.until("awaits      inner")


@pytest.mark.parametrize("key", ["j", "t"])
def test_write(watched, watch, tmp_path, key):
    target = watched("job-1")
    screen = watch(target, "--no-argv")
    screen.until(lambda _: "job-1" in names(screen))
    screen.type("w")
    screen.until("j JSON, t text")
    screen.type(key)
    name = screen.until(lambda text: re.search(r"wrote (asynctree-\S+)", text))[1]
    written = (tmp_path / name).read_bytes()
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    if key == "j":
        process = harness.checked_document(written)["processes"][0]
        assert process["pid"] == target.pid
        assert "job-1" in {task["name"] for task in process["tasks"]}
    else:
        assert "job-1" in harness.checked_text(written)


def test_a_file_that_cannot_be_written_is_said(watched, watch, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    screen = watch(watched("job-1"), cwd=folder)
    folder.rmdir()
    screen.type("wj")
    screen.until("cannot write asynctree-")


@pytest.mark.skipif("sanitize" in harness.ASYNCTREE, reason="its library comes first")
def test_keys_are_answered_while_a_file_is_written(watched, watch, tmp_path):
    file = tmp_path / "disk-works"
    target = watched(*jobs(3))
    screen = watch(target, env={"LD_PRELOAD": library_of(tmp_path, "slow_disk"),
                                "DISK_WORKS": str(file)})
    screen.until(lambda _: "job-3" in names(screen))
    screen.type("wj")
    screen.until("writing")
    type_until(screen, "jj", selected("job-2 "))
    type_until(screen, "wt", lambda it: "the one before is still being written" in it.text)
    target.ask("add job-4")
    screen.until(lambda _: "job-4" in names(screen))
    screen.type("q")  # waits for it, with the terminal given back
    screen.until(lambda _: screen.is_restored())
    assert not screen.ended()
    file.touch()
    assert screen.wait() == 0
    written, = tmp_path.glob("asynctree-*.json")
    tasks = harness.checked_document(written.read_bytes())["processes"][0]["tasks"]
    assert {task["name"] for task in tasks} == {"Task-1", *jobs(3)}, "the picture when w was pressed"


def test_the_help_has_every_key(watched, watch):
    screen = watch(watched("job-1"), size=(100, 50))
    type_until(screen, "?", lambda it: "the task above" in it.text)
    for key in ["Up k", "Down j", "PgUp", "PgDn", "Home", "End", "Enter", "+", "- ", "*", "/", "n ",
                "N ", "\\ &", "s ", "S ", "t ", "Space", "d ", "p ", "Tab", "w ", "? ", "q "]:
        assert any(row.startswith(key) for row in screen.rows), key
    type_until(screen, ESCAPE, lambda it: "the task above" not in it.text)


def test_mouse(watched, watch):
    target = watched(*jobs(40))
    target.ask("crowd 9")
    screen = watch(target, size=(100, 24))
    screen.until(lambda _: "job-9" in names(screen))
    row = screen.row_with("job-7 ")
    screen.click(row, 50)
    screen.until(lambda _: selected("job-7 ")(screen))
    screen.click(row, 50, button=65)  # the wheel
    screen.until(lambda _: selected("job-10 ")(screen))
    screen.click(row, 50, button=64)
    screen.until(lambda _: selected("job-7 ")(screen))
    type_until(screen, "G", selected("[+] 9×"))
    screen.click(screen.row_with("[+] 9×"), 50)
    screen.until(lambda _: "crowd-" in screen.text)
    screen.click(screen.lines - 1, screen.rows[-1].index("Help"))
    screen.until("the task above")


# ---------------------------------------------------------------- what changes

def test_what_is_new_moved_and_ended_is_marked_for_a_moment(watched, watch):
    target = watched(*jobs(3))
    screen = watch(target, size=(100, 24))
    screen.until(lambda _: "job-3" in names(screen))
    target.ask("add job-4")
    screen.until(lambda text: re.search(r"^\+ .*job-4 ", text, re.M))
    target.ask("step job-2")
    screen.until(lambda text: re.search(r"^\* .* 1 .*job-2 .*watched.py:"
                                        f"{harness.line_of('watched.py', 'second')}", text, re.M))
    target.ask("end job-1")
    screen.until(lambda text: re.search(r"^- .*ended: job-1 ", text, re.M))
    assert names(screen) == ["Task-1", "job-1", "job-2", "job-3", "job-4"] or \
        names(screen) == ["Task-1", "job-2", "job-3", "job-4", "job-1"]
    screen.until(lambda text: "job-1" not in text and not re.search(r"^[+*-] ", text, re.M))
    assert names(screen) == ["Task-1", "job-2", "job-3", "job-4"]


def test_the_cursor_stays_on_its_task(watched, watch):
    target = watched(*jobs(6))
    screen = watch(target)
    screen.until(lambda _: "job-6" in names(screen))
    type_until(screen, "jjjj", selected("job-4 "))
    target.ask("end job-1")
    target.ask("end job-2")
    screen.until(lambda text: "job-1" not in text and "job-2" not in text)
    assert "job-4 " in screen.selected()


def test_how_long_it_stands_there_starts_again_with_a_step(watched, watch):
    target = watched("job-1", "job-2")
    screen = watch(target, size=(100, 24))

    def same(name):
        found = re.search(rf" ([\d.]+) s +(\d+) .*{name} ", screen.text)
        return found and (float(found[1]), int(found[2]))

    screen.until(lambda _: same("job-1") and same("job-1")[0] >= 1)
    target.ask("step job-1")
    screen.until(lambda _: same("job-1")[1] == 1 and same("job-1")[0] < same("job-2")[0])
    assert same("job-2")[1] == 0


def test_a_sleep_counts_down(watched, watch):
    target = watched()
    target.ask("crowd 1")
    screen = watch(target, size=(100, 24))
    first = int(screen.until(lambda text: re.search(r"sleep, (\d+) min left", text))[1])
    assert first == 60
    target.ask("nap 60")
    left = 61
    for _ in range(3):
        left = screen.until(lambda text: (found := re.search(r"sleep, (\d+) s left", text))
                            and int(found[1]) < left and int(found[1]))
    assert left <= 58
    assert "(-j)" not in screen.text


def test_growth_is_a_finding(watched, watch):
    """Watched ten times a second, a hundred snapshots are enough: man page."""
    target = watched("job-1")
    target.ask("crowd 5")
    screen = watch(target, size=(120, 24))
    for count in 7, 11, 15, 19, 23:
        screen.until(f"· {count} tasks")  # each is a rise of its own
        if count < 23:
            target.ask("crowd 4")
    assert "grew" not in screen.text
    found = screen.until(lambda text: re.search(r"^! (\d+) in (.*) grew by (\d+) in ", text, re.M))
    assert int(found[1]) == 21 and 10 <= int(found[3]) <= 16
    assert f"watched.py:{harness.line_of('watched.py', 'crowd')}" in found[0]


def test_a_blocked_loop_is_named(watched, watch):
    target = watched("job-1")
    screen = watch(target, size=(120, 24))
    target.ask("block")
    screen.until(lambda text: re.search(r"^! loop blocked .*stay_in_a_callback", text, re.M))
    os.kill(target.pid, signal.SIGUSR1)
    screen.until(lambda text: "! loop blocked" not in text)


# ---------------------------------------------------------------- its end, and ours

def test_a_target_that_ends_is_said_and_its_picture_stays(watched, watch):
    target = watched(*jobs(3))
    screen = watch(target)
    screen.until(lambda _: "job-3" in names(screen))
    target.process.kill()
    target.process.wait()
    screen.until("ENDED")
    screen.until("!! the process has ended")
    assert names(screen) == ["Task-1", *jobs(3)]
    type_until(screen, "jj", selected("job-2 "))
    screen.type("q")
    assert screen.wait() == 0 and screen.is_restored()


def test_a_target_that_execs_is_said_and_its_picture_stays(watched, watch):
    target = watched(*jobs(3))
    screen = watch(target)
    screen.until(lambda _: "job-3" in names(screen))
    target.process.stdin.write(b"exec\n")
    target.process.stdin.flush()
    screen.until("!! the process has become another program (exec)")
    assert screen.rows[0].startswith("ENDED") and names(screen) == ["Task-1", *jobs(3)]


@pytest.mark.parametrize("command, said", [
    ("kill", "the process has ended"), ("exec", "the process has become another program (exec)")])
@pytest.mark.parametrize("keys, interval", [(" ", 0.1), ("", 3600)], ids=["frozen", "seldom"])
def test_an_end_is_said_also_where_nothing_is_read(watched, watch, keys, interval, command, said):
    target = watched(*jobs(3))
    screen = watch(target, interval=interval)
    screen.until(lambda _: "job-3" in names(screen))
    if keys:
        type_until(screen, keys, lambda it: it.rows[0].startswith("FROZEN"))
    if command == "kill":
        target.process.kill()
        target.process.wait()
    else:
        target.process.stdin.write(b"exec\n")
        target.process.stdin.flush()
    screen.until(f"!! {said}")
    assert screen.rows[0].startswith("ENDED") and names(screen) == ["Task-1", *jobs(3)]
    type_until(screen, "jj", selected("job-2 "))


def test_a_target_that_becomes_unreadable_is_said_and_its_picture_stays(watched, watch, tmp_path):
    target = watched(*jobs(3), user=harness.NOBODY)
    for folder in tmp_path, *tmp_path.parents[:3]:
        folder.chmod(folder.stat().st_mode | 0o055)
    program = tmp_path / "asynctree"
    program.write_bytes(Path(harness.ASYNCTREE).read_bytes())
    program.chmod(0o755)
    screen = terminal.Terminal(["setpriv", f"--reuid={harness.NOBODY}", f"--regid={harness.NOBODY}",
                                "--clear-groups", program, "-i0.1", str(target.pid)],
                               size=(100, 24), env={"ASAN_OPTIONS": "detect_leaks=0"})
    try:
        screen.until(lambda _: "job-3" in names(screen))
        target.ask("hide")
        screen.until("UNREADABLE")
        assert names(screen) == ["Task-1", *jobs(3)]
        screen.type("q")
        assert screen.wait() == 0
    finally:
        screen.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_it_and_restores_the_terminal(watched, watch, number):
    screen = watch(watched("job-1"))
    assert not screen.is_restored()
    screen.signal(number)
    assert screen.wait() == 128 + number and screen.is_restored()


def test_an_interrupt_that_is_typed_ends_it(watched, watch):
    screen = watch(watched("job-1"))
    screen.type("\003")
    assert screen.wait() == 128 + signal.SIGINT and screen.is_restored()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_restores_the_terminal(watched, watch, number):
    screen = watch(watched("job-1"), env={"ASAN_OPTIONS": "handle_segv=0:handle_abort=0"})
    screen.signal(number)
    assert screen.wait() == 128 + number and screen.is_restored()


@pytest.mark.skipif("sanitize" in harness.ASYNCTREE, reason="it has a malloc of its own")
def test_out_of_memory_restores_the_terminal(watched, watch, tmp_path):
    file = tmp_path / "no-memory"
    screen = watch(watched("job-1"), env={"LD_PRELOAD": library_of(tmp_path, "failing_malloc"),
                                          "NO_MEMORY": str(file)})
    screen.until(lambda _: "job-1" in names(screen))
    file.touch()
    assert screen.wait() == 3 and screen.is_restored()
    assert "asynctree: out of memory" in screen.text


def test_stop_and_go_on(watched, watch):
    target = watched(*jobs(3))
    screen = watch(target)
    screen.until(lambda _: "job-3" in names(screen))
    for stop in lambda: screen.type("\032"), lambda: screen.signal(signal.SIGTSTP):
        stop()
        screen.until(lambda _: screen.state() == "T")
        screen.settle()
        assert screen.is_restored()
        assert Path(f"/proc/{target.pid}/stat").read_text().rpartition(")")[2].split()[0] != "t"
        target.ask("add job-9")
        screen.signal(signal.SIGCONT)
        screen.until(lambda _: "job-9" in names(screen))
        target.ask("end job-9")
        screen.until(lambda _: "job-9" not in screen.text)
        assert screen.screen.alternate and "q Quit" in screen.rows[-1]
        type_until(screen, "g", selected("Task-1 "))
        type_until(screen, "j", selected("job-1 "))
    screen.type("q")
    assert screen.wait() == 0 and screen.is_restored()


def test_stop_and_go_on_before_the_first_picture(watched):
    """The second look at a blocked loop comes after some seconds."""
    target = watched(*jobs(3))
    target.ask("block")
    time.sleep(0.5)
    screen = terminal.live(target.pid, "--second-look=3000")
    try:
        screen.until(lambda _: len(os.listdir(f"/proc/{screen.pid}/task")) > 1)
        screen.type("\032")
        screen.until(lambda _: screen.state() == "T")
        assert screen.is_restored() and not screen.text.strip().replace("^Z", "")
        screen.signal(signal.SIGCONT)
        screen.until(lambda _: "job-3" in names(screen))
        screen.type("q")
        assert screen.wait() == 0 and screen.is_restored()
    finally:
        screen.close()


@pytest.mark.skipif("sanitize" in harness.ASYNCTREE, reason="its library comes first")
def test_a_stop_is_never_ignored(watched, watch, tmp_path):
    """ncurses would, in each update: what came just before would be lost."""
    screen = watch(watched("job-1"), env={"LD_PRELOAD": library_of(tmp_path, "stop_ignored")})
    type_until(screen, "j", selected("job-1 "))
    screen.type("\032")
    screen.until(lambda _: screen.state() == "T")
    screen.signal(signal.SIGCONT)
    type_until(screen, "k", selected("Task-1 "))
    screen.type("q")
    assert screen.wait() == 0


def test_a_storm_of_sizes(watched, watch):
    screen = watch(watched(*jobs(30)))
    for number in range(150):
        screen.resize(*SIZES[number % len(SIZES)])
        screen.type("jk")
        screen.read(0)
    screen.resize(100, 30)
    screen.until(lambda _: "q Quit" in screen.rows[-1] and "pid" in screen.rows[0])
    screen.type("\014")  # what pyte moved about is drawn anew
    screen.until(lambda _: names(screen)[:3] == ["Task-1", "job-1", "job-2"])
    screen.resize(1, 1)
    screen.signal(signal.SIGWINCH)
    screen.settle()
    screen.resize(80, 24)
    screen.type("\014")
    screen.until(lambda _: names(screen)[:3] == ["Task-1", "job-1", "job-2"])
    screen.type("q")
    assert screen.wait() == 0 and screen.is_restored()


def test_keys_are_answered_while_a_snapshot_is_under_way(watched, watch):
    """The second look at a loop that may be blocked comes after an hour."""
    target = watched(*jobs(3))
    screen = watch(target, "--second-look=3600000", size=(100, 24))
    screen.until(lambda _: "job-3" in names(screen))
    target.ask("block")
    screen.until("READING")
    type_until(screen, "jj", selected("job-2 "))
    type_until(screen, "&job-3\n", lambda it: names(it)[-1] == "job-3" and "job-1" not in names(it))
    type_until(screen, "?", lambda it: "the task above" in it.text)
    assert screen.rows[0].startswith("READING")
    screen.type("xq")
    assert screen.wait() == 0 and screen.is_restored()


@pytest.mark.skipif("sanitize" in harness.ASYNCTREE, reason="it is slow")
def test_100000_tasks_keep_no_key_waiting(watched, watch):
    """By the CPU time of the thread of the keys: other work on the machine is no lag."""
    target = watched("job-1")
    target.ask("crowd 100000")
    screen = watch(target, "--pause-limit=60000", size=(160, 40), interval=1)
    screen.until("100,002 tasks")

    def used():
        return int(Path(f"/proc/{screen.pid}/task/{screen.pid}/schedstat").read_text().split()[0])

    for keys, condition in [
            ("*", lambda it: "crowd-20 " in it.text), ("G", selected("crowd-100000 ")),
            (PAGE_UP, selected("crowd-99")), ("g", selected("Task-1 ")),
            ("/crowd-77777\n", selected("crowd-77777 ")), ("n", selected("crowd-77777 ")),
            ("/no such\n", lambda it: "not found" in it.text),
            ("S", lambda it: "flat, by stuck longest" in it.text), ("G", selected("")),
            ("&crowd-4242", lambda it: names(it)[0] == "crowd-4242"), ("\ng", selected("crowd-4242 ")),
            ("wj", lambda it: "wrote asynctree-" in it.text)]:
        worst = 0
        for key in keys if "\033" not in keys else [keys]:
            before = used()
            screen.type(key)
            screen.settle()
            worst = max(worst, used() - before)
        screen.until(lambda _: condition(screen))
        assert worst < 200e6, f"{keys!r}: {worst / 1e6:.0f} ms"


def test_only_what_changed_is_drawn(watched, watch):
    screen = watch(watched(*jobs(40)), size=(160, 40))
    type_until(screen, " ", lambda it: it.rows[0].startswith("FROZEN"))
    screen.settle()
    before = len(screen.sent)
    type_until(screen, "j", selected("job-1 "))
    screen.settle()
    assert len(screen.sent) - before < 1200, "more than two lines"


def resident_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


@pytest.mark.skipif("sanitize" in harness.ASYNCTREE, reason="it keeps what is freed for a while")
def test_memory_does_not_grow(watched, watch):
    target = watched(*jobs(20))
    target.ask("churn 50")
    screen = watch(target, size=(160, 40))
    screen.type("d")
    snapshots_of(screen, SNAPSHOTS // 4)
    early = resident_kb(screen.pid)
    snapshots_of(screen, SNAPSHOTS)
    assert resident_kb(screen.pid) - early < 1500
    screen.type("q")
    assert screen.wait() == 0


# ---------------------------------------------------------------- usage

def test_without_a_terminal_it_says_so(watched):
    done = watched("job-1").asynctree("-i")
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.startswith(b"asynctree: --live needs a terminal for standard input and output")


def on_terminal(*arguments, **kwargs):
    screen = terminal.Terminal([harness.ASYNCTREE, *map(str, arguments)], size=(120, 24), **kwargs)
    try:
        return screen.wait(), screen.text.strip()
    finally:
        screen.close()


@pytest.mark.parametrize("term", ["no-such-terminal", "dumb"])
def test_an_unknown_kind_of_terminal_is_said(watched, term):
    status, text = on_terminal("-i", watched("job-1").pid, term=term, env=NCURSES_LEAKS)
    assert status == 2 and "--live does not know this kind of terminal" in text


def test_one_process_is_watched(watched):
    target = watched("job-1")
    assert on_terminal("-i", target.pid, target.pid) == (2, "asynctree: --live watches one process")


def test_why_nothing_can_be_shown_is_said_in_words():
    status, text = on_terminal("-i", 2 ** 22 + 1)
    assert status == 3 and "no such process" in text


@pytest.mark.parametrize("seconds", ["0", "0.05", "x", "1e3", "-1", "3601", ""])
def test_wrong_intervals(seconds):
    done = harness.asynctree(f"--live={seconds}", 1)
    assert done.returncode == 2
    assert done.stderr.startswith(b"asynctree: --live takes seconds, from 0.1 to 3600")


def test_the_last_view_counts(watched):
    target = watched("job-1")
    assert json.loads(target.asynctree("-i", "-j").stdout)["schema"] == "asynctree-1"
