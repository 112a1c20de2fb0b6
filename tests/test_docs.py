"""The documents against the program: options, columns, keys, versions, schema."""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[1]
ASYNCTREE = os.environ.get("ASYNCTREE", str(ROOT / "asynctree"))
MAN = (ROOT / "man" / "asynctree.1").read_text()
SCHEMA = json.loads((ROOT / "schema" / "asynctree-1.schema.json").read_text())
GOLDEN = ROOT / "tests" / "golden" / "snapshot.json"


def run(*args):
    return subprocess.run([ASYNCTREE, *args], capture_output=True, text=True)


def section(name):
    """The source of one section of the man page."""
    found = re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", MAN, re.M | re.S)
    assert found, f"the man page has no section {name}"
    return found[1]


def table_options():
    """Of the option table in asynctree.c: {"--name": (letter, argument)}."""
    source = (ROOT / "asynctree.c").read_text()
    table = re.search(r"option_rows\[\] = \{\n(.*?)\n\};", source, re.S)[1]
    rows = re.findall(r"\{ ('\w'|OPTION_\w+), \"([\w-]+)\", (NULL|\"[\w\[\]]+\"),", table)
    assert len(rows) == table.count("{"), "a row of the option table is not understood"
    return {f"--{name}": (f"-{code[1]}" if code[0] == "'" else None,
                          None if argument == "NULL" else argument.strip('"'))
            for code, name, argument in rows}


def help_options():
    rows = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)(?: ([A-Z]+)|\[=([A-Z]+)\])?  ",
                      run("--help").stdout, re.M)
    return {name: (letter or None, argument or (f"[{optional}]" if optional else None))
            for letter, name, argument, optional in rows}


def man_options():
    rows = re.findall(r"^\.It (?:Fl (\w) , )?Fl -([\w-]+)(?: Ar (\w+)| Ns Op = Ns Ar (\w+))?$",
                      section("OPTIONS"), re.M)
    assert len(rows) == section("OPTIONS").count(".It "), "an item of the man page is no option"
    return {f"--{name}": (f"-{letter}" if letter else None,
                          argument or (f"[{optional}]" if optional else None))
            for letter, name, argument, optional in rows}


def test_options_are_the_same_everywhere():
    assert table_options() == help_options() == man_options()
    assert list(help_options()) == list(man_options()), "in another order"


# A right argument for each kind that --help names.
ARGUMENTS = {"WHEN": "never", "MS": "5"}


def test_every_option_is_known_to_the_program():
    """An option that is known is not what the line on stderr is about."""
    for name, (letter, argument) in help_options().items():
        for spelling in filter(None, (name, letter)):
            given = [ARGUMENTS[argument]] if argument and argument[0] != "[" else []
            done = run(spelling, *given)
            if name in ("--help", "--version"):
                assert done.returncode == 0 and done.stdout and not done.stderr
            else:
                assert done.returncode == 2
                assert done.stderr.startswith("asynctree: no process id is given\n")


def table_fields():
    """Of the field table: [(key, header or None, meaning)]."""
    source = (ROOT / "model" / "fields.c").read_text()
    table = re.search(r"task_fields\[\] = \{\n(.*?)\n\};", source, re.S)[1]
    table = re.sub(r'"\s*\n\s*"', "", table)
    rows = re.findall(r'\{ "(\w+)", (NULL|"[\w-]+"), \d+, \w+, "([^"]*)"', table)
    assert len(rows) == table.count("{ "), "a row of the field table is not understood"
    return [(key, None if header == "NULL" else header.strip('"'), meaning)
            for key, header, meaning in rows]


def test_columns_are_the_same_everywhere():
    columns = [(header, meaning) for _, header, meaning in table_fields() if header]
    said = run("--help").stdout.split("Columns of --list:\n")[1].split("\n\n")[0]
    assert re.findall(r"^  (\S+)  +(.+)$", said, re.M) == columns
    assert re.findall(r"^\.It Ic (\S+)$", section("THE LIST"), re.M) == [
        header for header, _ in columns]


def test_keys_of_a_task_are_the_same_everywhere():
    keys = [key for key, _, _ in table_fields()]
    task = SCHEMA["$defs"]["task"]
    assert keys_told_after("A task has") == keys
    assert list(task["properties"]) == keys
    assert task["required"] == keys


def keys_told_after(words):
    text = section("JSON").partition(f"\n{words}\n.Bl ")[2].partition("\n.El\n")[0]
    return re.findall(r"^\.It Va (\w+)$", text, re.M)


def test_keys_of_a_loop_are_in_the_man_page():
    loop = SCHEMA["$defs"]["loop"]
    assert keys_told_after("A loop has") == list(loop["properties"]) == loop["required"]


def test_keys_of_a_process_are_in_the_man_page():
    text = re.search(r"A process that could be read has\n(.*?)\n\.Pp", section("JSON"), re.S)[1]
    named = re.findall(r"\w+", " ".join(re.findall(r"^\.Va (.*)$", text, re.M)))
    expected = [*SCHEMA["$defs"]["process"]["properties"],
                *SCHEMA["$defs"]["unreadable_process"]["properties"]]
    assert named == expected


def test_kinds_of_findings_are_the_same_everywhere():
    source = (ROOT / "model" / "finding.c").read_text()
    kinds = re.findall(r'^\t\[FINDING_\w+\] = \{ "(\w+)",', source, re.M)
    assert re.findall(r"^\.It Cm (\w+)$", section("FINDINGS"), re.M) == kinds
    assert set(kinds) == set(SCHEMA["$defs"]["finding"]["properties"]["kind"]["enum"])


def test_keys_of_the_live_view_are_in_the_man_page():
    source = (ROOT / "view" / "keys.c").read_text()
    rows = re.findall(r'^\t\{ ACTION_\w+, \{[^}]*\}, "((?:[^"\\]|\\.)*)",', source, re.M)
    assert len(rows) == source.count("{ ACTION_")
    said = re.findall(r"^\.It Ic (.*)$", section("THE LIVE VIEW"), re.M)
    assert [line.replace("\\e", "\\\\").replace("\\-", "-").replace("\\&", "") for line in said] == rows


def test_the_condition_of_growth_is_that_of_the_program():
    numbers = dict(re.findall(r"(GROWTH_\w+) = (\d+)", (ROOT / "model" / "growth.h").read_text()))
    text = re.search(r"^\.It Cm growth\n(.*?)^\.El", section("FINDINGS"), re.M | re.S)[1]
    words = " ".join(text.split())
    assert (f"for {numbers['GROWTH_SECONDS']} seconds and {numbers['GROWTH_LOOKS']} snapshots, "
            f"or for {numbers['GROWTH_LOOKS_ALONE']} snapshots") in words
    assert f"{numbers['GROWTH_TASKS']} tasks or more" in words
    assert f"{numbers['GROWTH_RISES']} times or more" in words


def test_statuses_are_those_of_the_program():
    source = (ROOT / "asynctree.c").read_text()
    statuses = set(re.findall(r"STATUS_\w+ = (\d+)", source))
    assert statuses == set(re.findall(r"^\.It (\d)$", section("EXIT STATUS"), re.M))
    said = re.search(r"^Exit status: (.*?)\n\n", run("--help").stdout, re.M | re.S)[1]
    assert statuses == set(re.findall(r"(?:^|\s)(\d) ", said))


def test_help_fits_a_terminal():
    assert max(map(len, run("--help").stdout.splitlines())) <= 80


def test_version_is_the_same_everywhere():
    version = re.match(r"asynctree (\d+\.\d+\.\d+)\n", run("--version").stdout)[1]
    assert f'.Os "asynctree {version}"' in MAN
    assert re.search(r"^## (\S+)", (ROOT / "NEWS.md").read_text(), re.M)[1] == version
    assert json.loads(GOLDEN.read_text())["tool"] == f"asynctree {version}"


def test_man_page_has_no_mistakes():
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
                           ROOT / "man" / "asynctree.1"], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
    assert done.returncode == 0 and done.stdout
    assert done.stderr == ""


def test_documents_name_files_that_exist():
    for document in "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md":
        text = (ROOT / document).read_text()
        for _, target in re.findall(r"\[([^\]]*)\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{document} links to {target}"
        for path in re.findall(r"`((?:[\w-]+/)+[\w.-]*)`", text):
            if not path.startswith(("build/", "share/")):
                assert (ROOT / path).exists(), f"{document} names {path}"


# ---------------------------------------------------------------- the schema

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

WAITS = [
    {"kind": "sleep", "remaining_s": 41.0},
    {"kind": "task"}, {"kind": "shield"}, {"kind": "future"}, {"kind": "unknown"},
    *({"kind": kind, "pending": 3, "total": None}
      for kind in ("gather", "wait", "as-completed", "taskgroup")),
    *({"kind": kind, "waiters": 2} for kind in ("event", "barrier")),
    *({"kind": kind, "waiters": 412, "holders": None, "value": 0, "bound": None}
      for kind in ("lock", "semaphore", "condition")),
    *({"kind": kind, "size": 0, "maxsize": 10, "getters": 4, "putters": 0}
      for kind in ("queue-get", "queue-put", "queue-join")),
    *({"kind": kind, "fd": 7, "op": "read", "local": None, "peer": "10.0.0.5:5432"}
      for kind in ("socket", "stream", "pipe")),
    {"kind": "process", "pid": 77, "argv": ["sleep", "1"]},
    {"kind": "executor", "function": "parse", "state": "queued", "tid": None,
     "pool_size": 4, "pool_queue": 12},
]

FINDINGS = ["cycle", "blocked", "contention", "queue", "executor", "cancelled", "holdup",
            "orphan", "exception", "growth"]


@pytest.fixture
def document():
    return json.loads(GOLDEN.read_text())


def objects(value, path=()):
    """Every object in a document, and where it is."""
    if isinstance(value, dict):
        yield path, value
    children = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from objects(child, (*path, key))


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_object_of_the_schema_is_strict():
    for path, part in objects(SCHEMA):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, path
            assert part["required"] == list(part["properties"]), path


def test_golden_output_is_valid(document):
    VALIDATOR.validate(document)


def test_output_that_lacks_a_key_or_has_another_is_not_valid(document):
    places = list(objects(document))
    assert len(places) >= 15
    for path, part in places:
        for key in list(part):
            value = part.pop(key)
            assert not VALIDATOR.is_valid(document), f"valid without {key} in {path}"
            part[key] = value
        part["surplus"] = None
        assert not VALIDATOR.is_valid(document), f"valid with a surplus key in {path}"
        del part["surplus"]
    VALIDATOR.validate(document)


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: wait["kind"])
def test_what_a_task_can_wait_for(document, wait):
    waiting, running = document["processes"][0]["tasks"][:2]
    assert (waiting["state"], running["state"]) == ("waiting", "running")
    whole = {"kind": wait["kind"], "object": "0x7f00", "tasks": [], "timeout_remaining_s": None,
             **wait}
    waiting["waiting_on"] = whole
    VALIDATOR.validate(document)
    for key in whole:
        waiting["waiting_on"] = {name: value for name, value in whole.items() if name != key}
        assert not VALIDATOR.is_valid(document), f"valid without {key}"
    waiting["waiting_on"] = {**whole, "kind": "other"}
    assert not VALIDATOR.is_valid(document)
    waiting["waiting_on"], running["waiting_on"] = None, whole
    assert not VALIDATOR.is_valid(document), "valid in a task that does not wait"


@pytest.mark.parametrize("kind", FINDINGS)
def test_what_a_finding_can_be(document, kind):
    finding = {"kind": kind, "likely": False, "message": "so it is", "count": 1, "tasks": ["0x1"]}
    document["processes"][0]["findings"] = [finding]
    VALIDATOR.validate(document)
    finding["kind"] = "other"
    assert not VALIDATOR.is_valid(document)
