"""Builds of CPython, and ways to start one, that leave it elsewhere than in an executable of
its name."""

import shutil
import struct
import subprocess
from pathlib import Path, PurePath

import pytest

import harness
from harness import HOST

HERE = Path(__file__).parent
LOADER = "/lib64/ld-linux-x86-64.so.2"
LIBRARY = "usr/lib/x86_64-linux-gnu/libpython3.14d.so.1.0"


def test_started_through_the_loader(start):
    """The executable is the loader then, as the kernel has it."""
    target = start("taskgroups.py", through=[LOADER])
    assert "/ld-" in target.json()["executable"]
    target.check()
    assert target.text().startswith("taskgroups.py ")


def test_an_executable_of_another_name_through_the_loader(start_with, tree):
    """3.15 has asyncio's C module in the executable, which nothing calls Python now."""
    shutil.copy(tree.root / "usr/bin/python3.15", tree.outside / "service")
    target = start_with("taskgroups.py", executable=f"{tree.inside}/service", through=[LOADER],
                        env={"PYTHONHOME": "/usr"})
    target.check()
    assert target.text().startswith("service ")


@pytest.fixture(scope="session")
def embedding(tree):
    """A program that is no Python by name."""
    built = tree.outside / "embed"
    subprocess.run(["cc", "-o", built, HERE / "embed.c", "-ldl", "-pthread"], check=True)
    return built


@pytest.fixture
def shared(tree, python):
    """How to embed each Python: its shared library, and its prefix."""
    prefix = PurePath(python.removeprefix(HOST)).parent.parent
    name = f"lib{PurePath(python).name}.so.1.0"
    place = "lib/x86_64-linux-gnu" if str(prefix) == "/usr" else "lib"
    path = Path(prefix if python.startswith(HOST) else tree.root / "usr", place, name)
    if not path.exists():
        assert python.startswith(HOST), f"{path} is missing"
        pytest.skip(f"there is no {path}")
    return path, prefix


def embed(start, tree, program, python, library, **env):
    """Starts the program with the library, which is in the tree's folder."""
    at, mark = (tree.outside, HOST) if python.startswith(HOST) else (tree.inside, "")
    return start(library.name, f"{at}/taskgroups.py", executable=f"{mark}{at}/{program.name}",
                 env=env)


@pytest.mark.parametrize("thread", [False, True], ids=["main", "thread"])
def test_embedded(start, tree, embedding, python, shared, thread):
    """A C program that runs the shared library, also in another thread than its first."""
    path, prefix = shared
    library = tree.outside / f"embedded-{path.name}"
    shutil.copy(path, library)
    target = embed(start, tree, embedding, python, library, PYTHONHOME=str(prefix),
                   **({"EMBED_IN_THREAD": "1"} if thread else {}))
    truth = target.check()
    assert (truth.whole["loops"][0]["tid"] == target.pid) is not thread


@pytest.mark.parametrize("how", ["stripped", "deleted"])
def test_embedded_library(start_with, tree, embedding, how):
    library = tree.outside / f"lib-{how}.so"
    shutil.copy(tree.root / LIBRARY, library)
    if how == "stripped":
        subprocess.run(["strip", library], check=True)
    target = embed(start_with, tree, embedding, "", library)
    if how == "deleted":
        library.unlink()
    target.check()


LINKED = {  # each with what the linker is told
    "non-PIE and stripped": ["-no-pie", "-s", "-Wl,--export-dynamic"],
    "static": ["-static"],
}


def start_linked(start_with, tree, *options):
    """A C program with CPython linked into it, which Debian has for 3.11."""
    archive = Path("/usr/lib/python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a")
    header = Path("/usr/include/python3.11/Python.h")
    if not archive.exists() or not header.exists():
        pytest.skip("there is no libpython3.11-dev")
    built = tree.outside / "linked"
    subprocess.run(["cc", *options, "-I", header.parent, "-o", built, HERE / "linked.c",
                    archive, "-lexpat", "-lz", "-ldl", "-lm"], check=True, capture_output=True)
    return start_with("taskgroups.py", executable=f"{HOST}{built}")


@pytest.mark.parametrize("how", LINKED)
def test_linked(start_with, tree, how):
    target = start_linked(start_with, tree, *LINKED[how])
    target.check()
    assert target.text().startswith("taskgroups.py ")


def test_linked_without_symbols(start_with, tree):
    """3.11 tells its version by a symbol alone."""
    done = start_linked(start_with, tree, "-static", "-s").asynctree()
    assert done.returncode == 3 and done.stdout == b""
    assert b"does not say its version (linked)" in done.stderr


# What the tree's 3.15 publishes: of all but tasks, and of these; each in so many words.
OFFSETS = struct.pack("<8sQ", b"xdebugpy", 0x030f02f0), 111
ASYNCIO_OFFSETS = struct.pack("<7Q", 168, 136, 96, 108, 109, 128, 152), 13


def stating(tree, change):
    """A copy of 3.15 in which `change` was made to what it publishes; its path in the tree."""
    image = bytearray((tree.root / "usr/bin/python3.15").read_bytes())
    places = [(image.index(begin), f"<{count}Q") for begin, count in (OFFSETS, ASYNCIO_OFFSETS)]
    parts = [list(struct.unpack_from(form, image, at)) for at, form in places]
    change(*parts)
    for (at, form), words in zip(places, parts):
        struct.pack_into(form, image, at, *words)
    path = tree.outside / f"python3.15-{change.__name__}"
    path.write_bytes(image)
    path.chmod(0o755)
    return f"{tree.inside}/{path.name}"


def as_later(words, _asyncio):
    words[1] = 0x031000f0


def as_later_with_more(words, _asyncio):
    as_later(words, None)
    words.insert(40, 16)
    words.pop()


def as_later_with_other_tasks(words, asyncio):
    as_later(words, None)
    asyncio[2] += 8


def test_a_later_version(start_with, tree):
    """One that publishes what 3.15 does is read, and marked as untested."""
    target = start_with("taskgroups.py", executable=stating(tree, as_later))
    process = target.json()
    harness.compare(target.truth(), process)
    assert process["python"]["version"] == "3.16.0"
    warning, = process["snapshot"]["warnings"]
    assert "3.16" in warning and "3.15" in warning
    for options in [], ["-l"]:
        assert warning in " ".join(target.text(*options, env={"COLUMNS": "300"}).split())


@pytest.mark.parametrize("change", [as_later_with_more, as_later_with_other_tasks])
def test_a_later_version_of_another_structure(start_with, tree, change):
    target = start_with("taskgroups.py", executable=stating(tree, change))
    done = target.asynctree("-j")
    assert done.returncode == 3
    error = harness.checked_document(done.stdout)["processes"][0]["error"]
    assert error["kind"] == "unsupported"
    assert "CPython 3.16.0, which is not laid out as 3.15" in error["message"]
    assert error["message"] in done.stderr.decode()
