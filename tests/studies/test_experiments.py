"""Every shipped experiment, in miniature, gives the table that lies beside it.

`expected.csv` holds metric, variant, scenario, value, low and high of the study with the settings of its `miniature`,
compared to nine digits. A change that is meant to move these numbers is written down by running this file with
CXSIM_WRITE_EXPECTED=1, and in the changelog.
"""

import dataclasses
import io
import math
import os

import pandas as pd
import pytest

from cxsim.designs.design import Replicated, Results
from cxsim.experiment import experiments, folder_of, load_experiment
from cxsim.runs.execute import execute

KEYS = ["metric", "variant", "scenario"]
NUMBERS = ["value", "low", "high"]
WRITE = "CXSIM_WRITE_EXPECTED"


def table_of(name):
    """Estimates of an experiment in miniature, of the whole only, and the sections of its design with a table."""
    design = load_experiment(name, miniature=True).design()
    if isinstance(design, Replicated):
        design = dataclasses.replace(design, detail=False)
    results = Results()
    while trials := design.ask(results):
        results.tables += execute(trials)
        results.replications = 1 + max(trial.replication for trial in trials)
    answer = design.answer(results)
    estimates = answer.estimates
    whole = estimates.loc[estimates["by"] == "", [*KEYS, *NUMBERS]].reset_index(drop=True)
    return whole, [section for section in answer.sections if len(section.table)]


def same_section(table, path):
    """Whether what a design says beside is what lies beside the study, numbers to nine digits."""
    if os.environ.get(WRITE) == "1":
        table.to_csv(path, index=False, float_format="%.12g", lineterminator="\n")
    written = io.StringIO()
    table.to_csv(written, index=False, float_format="%.17g")
    written.seek(0)
    pd.testing.assert_frame_equal(pd.read_csv(written), pd.read_csv(path), check_dtype=False, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", experiments())
def test_a_shipped_experiment_gives_what_it_says(name):
    found, sections = table_of(name)
    for section in sections:
        same_section(section.table, folder_of(name) / f"expected_{section.name}.csv")
    path = folder_of(name) / "expected.csv"
    if os.environ.get(WRITE) == "1":
        found.to_csv(path, index=False, float_format="%.12g", lineterminator="\n")
    assert path.is_file(), f"{path} is missing: run this test with {WRITE}=1 and look at what it wrote"
    expected = pd.read_csv(path, keep_default_na=False, na_values=[""])
    assert list(expected.columns) == [*KEYS, *NUMBERS]
    assert expected[KEYS].values.tolist() == found[KEYS].values.tolist()
    for row, other in zip(found.to_dict("records"), expected.to_dict("records"), strict=True):
        for number in NUMBERS:
            both_missing = math.isnan(row[number]) and math.isnan(other[number])
            near = math.isclose(row[number], other[number], rel_tol=1e-9, abs_tol=1e-12)
            assert near or both_missing, f"{[row[key] for key in KEYS]}: {number} {row[number]}, not {other[number]}"


@pytest.mark.parametrize("name", experiments())
def test_a_shipped_experiment_says_what_it_asks_and_answers(name):
    readme = (folder_of(name) / "README.md").read_text(encoding="utf-8")
    assert load_experiment(name).question
    assert f"cxsim experiment {name}" in readme
