"""What is shipped can be listed, and everything that is listed can be shown."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from cxsim import catalogue
from cxsim.errors import RunError
from cxsim.metrics.definitions import definition
from cxsim.metrics.metric import REGISTER
from cxsim.runs import provenance


@pytest.mark.parametrize("kind", catalogue.KINDS)
def test_everything_listed_can_be_shown(kind):
    names = list(catalogue.KINDS[kind]())
    assert names
    for name in names:
        assert len(catalogue.explained(name)) > 20


def test_a_list_of_all_holds_every_kind():
    lines = catalogue.listing(None)
    for kind in catalogue.KINDS:
        assert f"{kind}:" in lines
        assert set(catalogue.listing(kind)) <= set(lines)


def test_a_metric_is_shown_by_its_short_name_with_its_variants_and_source():
    shown = catalogue.explained("asa")
    assert shown == catalogue.explained("average_speed_of_answer")
    for part in ("unit       s", "better     lower", "category   process", "source ", "variants ", "answered"):
        assert part in shown


def test_the_dictionary_of_definitions_holds_every_metric_with_its_whole_record():
    shown = catalogue.explained("metrics")
    for name, entry in REGISTER.items():
        part = definition(name)
        assert part in shown
        assert part in catalogue.explained(name)
        for word in (entry.meaning.split(".")[0][:30], entry.unit, entry.better, entry.category, entry.family):
            assert word in part, name
        for word in (entry.source, entry.null, *entry.columns, *entry.variants, *entry.parameters):
            assert word in part, name
    assert shown.count("\n== ") + 1 == len({entry.family for entry in REGISTER.values()})


def test_the_schema_of_the_language_is_json():
    schema = json.loads(catalogue.explained("schema"))
    assert "touchpoints" in schema["properties"]


def test_what_is_not_shipped_is_refused_with_a_suggestion():
    with pytest.raises(RunError, match=r"show it_servicedesk: nothing of that name; .*did you mean 'it_service_desk'"):
        catalogue.explained("it_servicedesk")
    with pytest.raises(RunError, match=r"list metric: not a kind; .*did you mean 'metrics'"):
        catalogue.listing("metric")


def test_health_finds_what_is_shipped():
    lines, well = catalogue.health()
    assert well
    assert lines[-1] == "all is well"
    assert any("it_service_desk" in line for line in lines)


def test_health_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr("cxsim.shipped._PACKAGE", tmp_path / "cxsim")
    lines, well = catalogue.health()
    assert not well
    assert lines[-1].startswith("missing: conf, experiments")


def without(name, monkeypatch):
    """As if a library were not installed."""
    found = provenance.version_of
    monkeypatch.setattr(
        provenance, "version_of", lambda package: "not installed" if package == name else found(package)
    )


@pytest.mark.parametrize("name", provenance.OPTIONAL)
def test_a_library_only_some_verbs_ask_for_is_not_missed_and_its_extra_is_named(monkeypatch, name):
    without(name, monkeypatch)
    lines, well = catalogue.health()
    assert (well, lines[-1]) == (True, "all is well")
    assert f"{name:<12} not installed (optional: pip install 'cxsim[{provenance.OPTIONAL[name]}]')" in lines


@pytest.mark.parametrize("name", [name for name in provenance.PACKAGES if name != "numba"])
def test_a_library_every_run_needs_is_missed(monkeypatch, name):
    without(name, monkeypatch)
    assert catalogue.health()[1] is False


def test_libraries_are_declared_where_it_is_said():
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(lines):
        return {re.split(r"[>=<;\s]", line)[0] for line in lines}

    assert set(provenance.PACKAGES) <= names(declared["dependencies"])
    for name, extra in provenance.OPTIONAL.items():
        assert name in names(declared["optional-dependencies"][extra])
        assert name not in names(declared["dependencies"])


def test_warming_up_runs_a_centre():
    assert catalogue.warm()


def test_the_columns_of_a_table_of_peers_are_explained():
    assert catalogue.explained("profile_csv").startswith("# A table of peers as CSV")
