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


@pytest.fixture(scope="module", params=list(harness.PYTHONS))
def python(request, tree):
    """The path in the tree of each Python that must be there: a lack is a failure."""
    return harness.find_python(request.param, tree)[0]


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
