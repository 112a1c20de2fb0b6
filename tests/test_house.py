"""The house: who may include whom, and who may know what.

ARCHITECTURE.md says the same in words.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASYNCTREE = os.environ.get("ASYNCTREE", str(ROOT / "asynctree"))
ROOMS = ["", "base", "model", "view", "target", "cpython"]

# The files in the root, by the part of the house that they make up.
PARTS = {
    "asynctree": ["asynctree"],
    "procmem": ["procmem"],
    "symbols": ["symbols"],
    "render": ["render", "alert", "label", "list", "pen", "safe", "sheet", "title"],
}

MAY_INCLUDE = {
    "asynctree": {"procmem", "symbols", "target", "cpython", "model", "render", "view", "base"},
    "procmem": {"base"},
    "symbols": {"procmem", "base"},
    "target": {"procmem", "symbols", "base"},
    "cpython": {"procmem", "symbols", "target", "model", "base"},
    "model": {"base"},
    "render": {"model", "base"},
    "view": {"model", "render", "base"},
    "base": set(),
}

# The headers of each library, by what its name begins with.
LIBRARIES = {
    "elf": r"libelf\.h|gelf\.h",
    "unwind": r"libunwind.*\.h",
    "ncurses": r"n?cursesw?(/.*)?\.h|term\.h",
}

# What only these files may include.
KNOWN_IN = {
    LIBRARIES["elf"]: {"symbols.c"},
    LIBRARIES["unwind"]: set(),
    LIBRARIES["ncurses"]: {"view/screen.c"},
    r"sys/ptrace\.h|linux/ptrace\.h": {"target/pause.c"},
}


def files():
    for room in ROOMS:
        yield from sorted((ROOT / room).glob("*.[ch]"))


def part_of(path):
    """The part of the house that a file belongs to; the path is from the root."""
    if "/" in path:
        return path.split("/")[0]
    stem = path.rsplit(".", 1)[0]
    return next((part for part, stems in PARTS.items() if stem in stems), None)


def name_of(file):
    return str(file.relative_to(ROOT))


def code_of(file):
    """The code without comments and without what stands in strings."""
    text = re.sub(r"/\*.*?\*/", " ", file.read_text(), flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', re.sub(r"//.*", " ", text))


def includes(file, pattern):
    return re.findall(rf"^\s*#\s*include\s+{pattern}", file.read_text(), re.M)


def test_there_are_files_in_every_room():
    for room in ROOMS:
        assert list((ROOT / room).glob("*.c")), f"no file in {room or 'the root'}"


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_includes_follow_the_plan(file):
    part = part_of(name_of(file))
    assert part, f"{file.name} in the root is in no part of the house"
    for included in includes(file, '"([^"]+)"'):
        assert (ROOT / included).is_file(), f"{included} is not written from the root"
        other = part_of(included)
        assert other == part or other in MAY_INCLUDE[part], f"{part} must not include {included}"


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_a_library_is_known_where_the_plan_says(file):
    for included in includes(file, "<([^>]+)>"):
        for pattern, allowed in KNOWN_IN.items():
            if re.fullmatch(pattern, included):
                assert name_of(file) in allowed, f"must not include <{included}>"


def archive_of(library):
    found = subprocess.run(["cc", f"-print-file-name=lib{library}.a"], capture_output=True,
                           text=True, check=True).stdout
    return found.startswith("/")


def test_only_libraries_that_are_used_and_have_no_archive_are_loaded():
    """Each one that is loaded costs time at every start."""
    dynamic = subprocess.run(["readelf", "-d", ASYNCTREE], capture_output=True, text=True,
                             check=True).stdout
    loaded = re.findall(r"\(NEEDED\).*\[lib(.+?)\.so.*\]", dynamic)
    for name, headers in LIBRARIES.items():
        for library in loaded:
            if library.startswith(name):
                assert KNOWN_IN[headers] and not archive_of(library), library


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_only_main_prints_and_ends(file):
    if name_of(file) == "asynctree.c":
        return
    code = code_of(file)
    for word in "stderr", "stdout", "exit", "_exit", "perror", "printf", "puts", "err", "errx":
        if (name_of(file), word) == ("view/screen.c", "stdout"):
            continue  # it is the terminal
        pattern = rf"\b{word}\b" if word.startswith("std") else rf"(?<![\w.>]){word}\s*\("
        assert not re.search(pattern, code), f"{word} below asynctree.c"


@pytest.mark.parametrize("room", ["model", "view"])
def test_what_is_shown_knows_no_remote_address(room):
    for file in files():
        if name_of(file).startswith(room + "/"):
            assert "remote_addr" not in code_of(file), name_of(file)


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_a_file_says_what_it_is_for_and_stays_small(file):
    text = file.read_text()
    assert text.startswith("/*"), "no comment at its head"
    assert text.count("\n") < 900
    if file.suffix == ".h":
        guard = re.sub(r"\W", "_", name_of(file)).upper()
        assert f"#ifndef {guard}\n#define {guard}\n" in text


def test_no_function_calls_itself():
    """Nothing recurses: a stack in the target is as deep as it likes."""
    for file in files():
        text = code_of(file)
        for found in re.finditer(r"^[a-z][\w \t*]*?\b(\w+)\([^;{}]*\)\n\{\n(.*?)^\}", text,
                                 re.M | re.S):
            assert not re.search(rf"(?<![\w.>]){found[1]}\s*\(", found[2]), \
                f"{found[1]}() in {name_of(file)} calls itself"


def test_strings_that_are_not_trusted_are_written_in_two_places():
    """Only pen.c and the JSON writer put text of a target on a stream."""
    writers = re.compile(r"\b(fputs|fwrite|fprintf|fputc|putc|vfprintf)(_unlocked)?\s*\(")
    found = {name_of(file) for file in files() if writers.search(code_of(file))}
    assert found <= {"asynctree.c", "pen.c", "list.c", "view/jsonwriter.c"}, found


def test_scripts_are_whole():
    scripts = [ROOT / ".ci" / "run", ROOT / "examples" / "demo",
               *(ROOT / "tests" / name for name in
                 ("arm64-tree", "as-root", "check-aarch64", "fuzz/coverage",
                  "freethreaded-python", "fuzz/record-images", "fuzz/run", "lint", "own-apt",
                  "run-checks", "run-units", "setup-packages", "sid-tree"))]
    for script in scripts:
        subprocess.run(["sh", "-n", script], check=True)
        assert script.stat().st_mode & 0o111, f"{script.name} is not executable"
