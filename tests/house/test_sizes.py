"""No file and no function grows beyond what a reader can hold."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("cxsim", "tests", "timings") for path in (ROOT / folder).rglob("*.py"))
LONG, LONGEST = 300, 480
REASON = "300 lines because"
FUNCTION = 60  # lines of code, without the docstring; the house aims at 40


def name(path):
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_480_lines():
    assert [name(path) for path in FILES if lines(path) > LONGEST] == []


def test_a_file_of_the_package_above_300_lines_says_why(trees):
    silent = [
        name(path)
        for path in FILES
        if lines(path) > LONG
        and path.is_relative_to(ROOT / "cxsim")
        and REASON not in " ".join((ast.get_docstring(trees[path]) or "").split())
    ]
    assert silent == []


def test_every_module_opens_with_a_sentence(trees):
    silent = []
    for path, tree in trees.items():
        opening = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
        if tree.body and not opening.endswith((".", ":")):
            silent.append(name(path))
    assert silent == []


def test_no_function_is_longer_than_a_screen_and_a_half(trees):
    long = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and node.end_lineno - body[0].lineno + 1 > FUNCTION:
                    long.append(f"{name(path)}: {node.name}")
    assert long == []


def test_nothing_of_a_run_is_tracked():
    """What runs leave stays out of the repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert [
        path for path in tracked if path.startswith("runs/") or path.endswith((".pyc", ".parquet", ".partial"))
    ] == []
