import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness  # noqa: E402


@pytest.fixture(scope="session")
def tree():
    tree = harness.Tree()
    yield tree
    tree.remove()


def pytest_generate_tests(metafunc):
    """Runs what takes `python` under each, or under those that its file names."""
    if "python" in metafunc.fixturenames:
        names = getattr(metafunc.module, "PYTHONS", harness.PYTHONS)
        metafunc.parametrize("python", list(names), indirect=True, scope="module")


@pytest.fixture(scope="module")
def python(request, tree):
    """The path of each Python."""
    path, reason = harness.find_python(request.param, tree)
    if reason:
        pytest.skip(reason)
    return path


@pytest.fixture
def version(python):
    return harness.version_of(python.rpartition("/python")[2])


@pytest.fixture
def start(tree, python):
    """Starts targets under each Python; they end with the test."""
    yield from starter(tree, python)


def starter(tree, python):
    started = []

    def start(script, *args, **kwargs):
        target = harness.Target(tree, kwargs.pop("executable", python), script, *args, **kwargs)
        started.append(target)
        return target

    yield start
    for target in started:
        target.end()


@pytest.fixture
def start_with(tree):
    """Starts targets under a Python that the test names."""
    yield from starter(tree, None)
