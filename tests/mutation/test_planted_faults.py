"""Faults planted one by one in rules, draws and engines: the test that is named for each must fail, and only then.

A rule that both engines share is held by theory or a pencil's trace, an engine by a trace or by the other engine.
"""

import compileall
import os
import re
import shutil
import subprocess
import sys

import pytest
from support import planted_in_compiled, planted_in_readable, planted_in_rules
from support.planted import ROOT, faulty

FAULTS = (*planted_in_rules.FAULTS, *planted_in_readable.FAULTS, *planted_in_compiled.FAULTS)
CATCHERS = sorted({fault.caught_by for fault in FAULTS})
IDS = [f"{fault.file.removeprefix('cxsim/').removesuffix('.py')}: {fault.meaning}" for fault in FAULTS]
# What pytest says of a difference, and not of something that could not even be tried.
DIFFERENCE = re.compile(r"^E\s+(AssertionError|assert )", re.MULTILINE)
PATIENCE = 600.0


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A copy of the package and its tests, translated once, so that each fault has only its own file to translate."""
    folder = tmp_path_factory.mktemp("healthy")
    for part in ("cxsim", "conf", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    compileall.compile_dir(folder / "cxsim", quiet=1)
    return folder


def asked(*tests, folder):
    """How tests of a copy end, in a process of their own, uncompiled: pytest's exit code and what it says."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *tests],
        env={**known, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_DISABLE_JIT": "1",
             "CXSIM_CACHE": str(folder / "compiled")},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )  # fmt: skip
    return said.returncode, said.stdout + said.stderr


@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_every_fault_can_still_be_planted(fault):
    compile(faulty(fault), fault.file, "exec")
    file, _, test = fault.caught_by.partition("::")
    name = re.escape(test.partition("[")[0])
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), fault.caught_by


def test_faults_differ_and_stand_in_rules_draws_and_both_engines():
    assert len(set(IDS)) == len(FAULTS) >= 25
    assert len({(fault.file, fault.source, fault.replacement) for fault in FAULTS}) == len(FAULTS)
    folders = {fault.file.rpartition("/")[0] for fault in FAULTS}
    assert folders >= {"cxsim", "cxsim/model", "cxsim/engines", "cxsim/engines/kernel"}


def test_a_rule_of_both_engines_is_not_left_to_their_agreement():
    shared = [fault for fault in FAULTS if not fault.file.startswith("cxsim/engines/kernel/")]
    assert [fault.meaning for fault in shared if fault.caught_by.startswith("tests/agreement/")] == []


@pytest.mark.slow
def test_every_catcher_passes_without_a_fault(healthy):
    code, said = asked(*CATCHERS, folder=healthy)
    assert code == 0, said


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_a_fault_is_caught_by_its_test(fault, healthy, tmp_path):
    copy = tmp_path / "faulty"
    shutil.copytree(healthy, copy)
    file = copy / fault.file
    for translated in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        translated.unlink()
    file.write_text(faulty(fault, root=copy), encoding="utf-8")
    code, said = asked(fault.caught_by, folder=copy)
    shutil.rmtree(copy)
    assert code == 1, said
    assert DIFFERENCE.search(said), said
