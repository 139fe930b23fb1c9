"""The compiler's door: plain Python without it, and a cache that an edited rule does not slip past."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cxsim.compiled import COMPILED, digest_of_sources, njit

PACKAGE = Path(__file__).parents[2] / "cxsim"


def test_an_edited_rule_is_compiled_anew(tmp_path: Path) -> None:
    copy = tmp_path / "site" / "cxsim"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "rule.py").write_text("from cxsim.compiled import njit\n@njit\ndef inner(x):\n    return x + 1\n")
    (copy / "caller.py").write_text(
        "from cxsim.compiled import njit\nfrom cxsim.rule import inner\n\n"
        "@njit\ndef outer(x):\n    return 10 * inner(x)\n"
    )

    def called() -> str:
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "CXSIM_CACHE": str(tmp_path / "cache")}
        code = "from cxsim.caller import outer; print(outer(1))"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    assert called() == "20"
    rule = copy / "rule.py"
    rule.write_text(rule.read_text().replace("x + 1", "x + 2"))
    assert called() == "30"


def test_the_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("@njit\nx = 1\n")
    first = digest_of_sources(tmp_path)
    (tmp_path / "a.py").write_text("@njit\nx = 2\n")
    second = digest_of_sources(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, digest_of_sources(tmp_path)}) == 3


def test_the_digest_sees_what_compiled_code_imports_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    sources = {
        "rule.py": "from cxsim.parts import inner, outer\n@njit\n",
        "parts/inner.py": "from cxsim.parts.deep import (\n    A,\n    B,\n)\n",
        "parts/outer.py": "import cxsim.far\n",
        "parts/deep.py": "A = B = 1\n",
        "far.py": "C = 1\n",
        "report.py": "D = 1\n",
    }
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
    before = digest_of_sources(tmp_path)
    seen = set()
    for name, text in sources.items():
        (tmp_path / name).write_text(text + "# edited\n")
        seen |= {name} if digest_of_sources(tmp_path) != before else set()
        (tmp_path / name).write_text(text)
    assert seen == sources.keys() - {"report.py"}


def test_compiled_functions_keep_the_arithmetic_as_written() -> None:
    @njit
    def sum_of_three(a: float, b: float, c: float) -> float:
        return a + b + c

    # With reassociation the small one would survive.
    assert sum_of_three(1e16, 1.0, -1e16) == 0.0
    assert COMPILED or sum_of_three.__name__ == "sum_of_three"
