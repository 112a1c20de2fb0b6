import collections
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
        metafunc.parametrize("python", harness.pythons_of(metafunc.module), indirect=True,
                             scope="module")


# ---------------------------------------------------------------- the matrix

class Matrix:
    """What held under which Python, by file, printed at the end."""

    def __init__(self):
        self.cells = collections.defaultdict(collections.Counter)  # (file, Python) → outcomes
        self.reasons = collections.defaultdict(collections.Counter)  # Python → reasons of skips

    def pytest_collection_modifyitems(self, items):
        for item in items:
            python = getattr(item, "callspec", None) and item.callspec.params.get("python")
            if python:
                item.user_properties.append(("python", python))

    def pytest_runtest_logreport(self, report):
        python = dict(report.user_properties).get("python")
        if not python or report.passed and report.when != "call":
            return
        self.cells[Path(report.fspath).stem.removeprefix("test_"), python][report.outcome] += 1
        if report.skipped:
            reason = getattr(report, "wasxfail", None) or report.longrepr[2]
            self.reasons[python][reason.removeprefix("Skipped: ")] += 1

    def cell(self, file, python):
        outcomes = self.cells.get((file, python), {})
        words = [f"{outcomes['passed']}"] if outcomes.get("passed") else []
        words += [f"({outcomes['skipped']})"] if outcomes.get("skipped") else []
        words += [f"{outcomes['failed']}!"] if outcomes.get("failed") else []
        return " ".join(words) or "."

    def pytest_terminal_summary(self, terminalreporter):
        files = sorted({file for file, _ in self.cells})
        pythons = [python for python in harness.PYTHONS
                   if any((file, python) in self.cells for file in files)]
        if len(pythons) < 2 and not harness.FREE_THREADED:
            return
        write = terminalreporter.write_line
        write("")
        write("== matrix: passed (skipped) failed!, by file and Python")
        rows = [["", *pythons]] + [[file, *(self.cell(file, python) for python in pythons)]
                                   for file in files]
        widths = [max(map(len, column)) for column in zip(*rows)]
        for first, *others in rows:
            write("  ".join([first.ljust(widths[0]),
                             *(map(str.rjust, others, widths[1:]))]).rstrip())
        for python in pythons:
            for reason, count in self.reasons[python].items():
                write(f"({count}) {python}: {reason}")
        write("== end of the matrix")


def pytest_configure(config):
    config.pluginmanager.register(Matrix(), "matrix")


# ---------------------------------------------------------------- fixtures

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
