"""Builds of CPython, and ways to start one, that leave it elsewhere than in an executable of
its name."""

import shutil
import subprocess
from pathlib import Path

import pytest

import harness

PYTHONS = harness.PYTHONS_ONCE

LOADER = "/lib64/ld-linux-x86-64.so.2"
LIBRARY = "/usr/lib/x86_64-linux-gnu/libpython3.14d.so.1.0"


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
    """The path in the tree of a program that is no Python by name."""
    source = Path(__file__).parent / "embed.c"
    subprocess.run(["cc", "-o", tree.outside / "embed", source, "-ldl"], check=True)
    return f"{tree.inside}/embed"


@pytest.mark.parametrize("how", ["whole", "stripped", "deleted"])
def test_python_in_a_shared_library(start_with, tree, embedding, how):
    library = tree.outside / f"lib-{how}.so"
    library.write_bytes((tree.root / LIBRARY[1:]).read_bytes())
    if how == "stripped":
        subprocess.run(["strip", library], check=True)
    target = start_with(library.name, f"{tree.inside}/taskgroups.py", executable=embedding)
    if how == "deleted":
        library.unlink()
    target.check()
