"""A run is gone on with by the code and the versions that began it, or not at all."""

import pytest

from cxsim.errors import RunError
from cxsim.runs.provenance import NUMERICAL, installation, refuse_other_code, sources, versions


def manifest_of(*, kind="compare", method=None, **changed):
    """What a run of this installation says, with some of it changed; None is left out."""
    about = {**versions(), "sources": sources(), **changed}
    told = {name: value for name, value in about.items() if name != "sources" and value is not None}
    return {
        "study": {"kind": kind, "options": {"method": method}},
        "provenance": {"versions": told, "sources": about["sources"]},
    }


def test_the_code_that_began_a_run_goes_on_with_it():
    refuse_other_code(manifest_of(), where="run")
    refuse_other_code(manifest_of(kind="tune"), where="run")


@pytest.mark.parametrize("name", ["cxsim", *NUMERICAL])
def test_another_version_of_anything_that_numbers_rest_on_is_refused_by_both_versions(name):
    with pytest.raises(
        RunError, match=rf"run r: begun with {name} 0\.0\.1, here {versions()[name]}; the same to the end"
    ):
        refuse_other_code(manifest_of(**{name: "0.0.1"}), where="run r")


def test_other_sources_under_the_same_version_are_refused():
    with pytest.raises(RunError, match="begun with other sources of cxsim"):
        refuse_other_code(manifest_of(sources="0" * 16), where="run")


def test_optuna_counts_only_where_it_chose_the_points():
    refuse_other_code(manifest_of(optuna="0.0.1"), where="run")
    with pytest.raises(RunError, match=r"begun with optuna 0\.0\.1"):
        refuse_other_code(manifest_of(kind="tune", optuna="0.0.1"), where="run")


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_salib_counts_only_where_the_sample_is_its_own(method):
    refuse_other_code(manifest_of(kind="sensitivity", method="tornado", SALib="0.0.1"), where="run")
    with pytest.raises(RunError, match=r"begun with SALib 0\.0\.1"):
        refuse_other_code(manifest_of(kind="sensitivity", method=method, SALib="0.0.1"), where="run")


@pytest.mark.parametrize("name", ["matplotlib", "pyarrow", "python"])
def test_what_no_number_rests_on_may_be_another(name):
    refuse_other_code(manifest_of(**{name: "0.0.1"}), where="run")


def test_what_a_manifest_does_not_say_is_not_held_against_it():
    refuse_other_code(manifest_of(numpy=None, sources=None), where="run")
    refuse_other_code({"provenance": {}}, where="run")


def test_workers_are_held_to_code_libraries_and_whether_it_is_compiled():
    assert set(installation()) == {"cxsim", "compiled", *NUMERICAL}
    assert installation()["cxsim"].endswith(f"({sources()})")
