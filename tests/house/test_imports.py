"""A module imports only what stands on lower floors; what is heavy is imported where it is needed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_import_contracts_hold():
    # Without its cache, which does not notice a file that changed within a second.
    linter = Path(sys.executable).parent / "lint-imports"
    found = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_the_command_line_is_there_before_the_numerical_libraries():
    """Help and a mistyped verb do not wait for NumPy, Numba or SimPy."""
    heavy = "{'numpy', 'pandas', 'scipy', 'numba', 'simpy', 'matplotlib', 'hydra', 'pydantic'}"
    code = f"import sys, cxsim.cli; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_metrics_of_a_real_log_need_no_simulator():
    code = "import sys, cxsim.metrics, cxsim.contacts.readers; print('simpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
