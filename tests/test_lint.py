"""tests/lint finds what is planted: a tool that is silent for a wrong reason fails here."""

import subprocess
from pathlib import Path

import pytest

LINT = Path(__file__).with_name("lint")

HEALTHY = "int f(const int *p)\n{\n\treturn p ? *p : 0;\n}\n"

PLANTED = {
    # of the analyzer, over two branches
    "clang-analyzer-core.NullDereference":
        "int f(const int *p)\n{\n\tif (!p)\n\t\treturn *p;\n\treturn 1;\n}\n",
    "bugprone-implicit-widening-of-multiplication-result":
        "unsigned long f(int a, int b)\n{\n\treturn a * b;\n}\n",
    "cert-err34-c":
        "#include <stdlib.h>\nint f(const char *text)\n{\n\treturn atoi(text);\n}\n",
    "misc-no-recursion":
        "int f(int n)\n{\n\treturn n ? f(n - 1) + 1 : 0;\n}\n",
    # of clang-format
    "clang-format-violations":
        "int f( void )\n{\n\treturn 1;\n}\n",
    # of cppcheck
    "arrayIndexOutOfBounds":
        "int f(void)\n{\n\tint a[2] = { 1, 2 };\n\treturn a[2];\n}\n",
}


def lint(tmp_path, source):
    file = tmp_path / "planted.c"
    file.write_text(source)
    return subprocess.run([LINT, file], capture_output=True, text=True)


def test_silent_where_there_is_nothing(tmp_path):
    done = lint(tmp_path, HEALTHY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("check", PLANTED)
def test_finds_what_is_planted(tmp_path, check):
    done = lint(tmp_path, PLANTED[check])
    assert done.returncode != 0
    assert check in done.stderr
