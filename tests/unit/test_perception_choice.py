"""A perception model of one's own: chosen for a run, anchored to figures of one's own, told apart by its content."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
import yaml
from support.tiny import calls, centre

from cxsim import shipped
from cxsim.errors import PerceptionError, RunError
from cxsim.perception import benchmark
from cxsim.perception import kept as kept_module
from cxsim.perception.answers import answers, opinions
from cxsim.perception.kept import kept
from cxsim.perception.load import load_model
from cxsim.perception.reference import reference_anchors, reference_journeys
from cxsim.perception.satisfaction import contributions
from cxsim.protocol import Study, prepare
from cxsim.scenario.load import load_scenario
from cxsim.study import run_study

N = 20_000


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing of another day, and a smaller reference operation."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr(kept_module, "_folder", lambda: folder)
    monkeypatch.setattr(benchmark, "reference_anchors", lambda **given: reference_anchors(N, **given))
    return folder


@pytest.fixture
def document() -> dict[str, Any]:
    file = shipped.path("perception", "default")
    assert file is not None
    return copy.deepcopy(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.fixture
def written(tmp_path):
    def write(document: dict[str, Any], name: str = "mine") -> Any:
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        return file

    return write


def respondents(model):
    journeys = reference_journeys(N)
    felt = contributions(journeys, model=model)
    said = answers(journeys, opinions(journeys, felt, model=model, seed=2**62), model=model, seed=2**62)
    return said, said.answered


def test_figures_of_ones_own_are_reached_by_the_respondents_of_the_reference(document, written):
    document["anchor_to"] = {"top_box": "70%", "ease": 5.9, "net_promoter_score": 10, "annual_churn": 0.3}
    said, given = respondents(load_model(written(document)))
    assert np.mean(said.satisfaction[given] == 5) == pytest.approx(0.70, abs=0.025)
    assert said.ease[given].mean() == pytest.approx(5.9, abs=0.12)
    score = np.mean(said.recommendation[given] >= 9) - np.mean(said.recommendation[given] <= 6)
    assert score == pytest.approx(0.10, abs=0.05)


def test_a_figure_shifts_all_cuts_alike_and_leaves_the_other_questions(document, written):
    base = reference_anchors(N, model=load_model())
    document["anchor_to"] = {"top_two": 0.7}
    anchors = load_model(written(document)).anchors
    shift = np.array(anchors.satisfaction) - np.array(base.satisfaction)
    assert shift == pytest.approx(shift[0])
    assert shift[0] > 0.2
    assert anchors.ease == base.ease
    assert anchors.base_hazard == base.base_hazard


def test_anchoring_is_done_once_and_then_read(document, written, own_cache, monkeypatch):
    document["anchor_to"] = {"top_two": 0.7}
    first = load_model(written(document))
    assert len(list(own_cache.iterdir())) == 1
    monkeypatch.setattr(benchmark, "reference_anchors", None)
    assert load_model(written(document, "same")).anchors == first.anchors
    document["touch"]["transfer"] = 0.3
    with pytest.raises(TypeError):
        load_model(written(document))


def test_two_figures_of_one_question_or_one_out_of_reach_are_refused(document, written):
    document["anchor_to"] = {"top_two": 0.7, "top_box": 0.6}
    with pytest.raises(PerceptionError, match=r"perception\.anchor_to: top_two and top_box; one figure"):
        load_model(written(document))
    document["anchor_to"] = {"net_promoter_score": 130}
    with pytest.raises(PerceptionError, match="net_promoter_score"):
        load_model(written(document))


def test_what_is_kept_survives_nonsense_and_a_disk_that_cannot_be_written(own_cache, monkeypatch):
    assert kept("thing", "a", lambda: [1, 2]) == [1, 2]
    assert kept("thing", "a", lambda: [3]) == [1, 2]
    (file,) = own_cache.iterdir()
    file.write_text("{", encoding="utf-8")
    assert kept("thing", "a", lambda: [3]) == [3]
    monkeypatch.setattr(kept_module, "_folder", lambda: own_cache / "nowhere")
    assert kept("thing", "a", lambda: [4]) == [4]


def test_a_fingerprint_follows_the_numbers_and_their_ranges_not_the_name(document, written):
    base = load_model(written(document)).fingerprint
    assert load_model(written(document, "other")).fingerprint == base == load_model().fingerprint
    document["touch"]["transfer"]["range"] = [0.2, 0.3]
    ranged = load_model(written(document)).fingerprint
    document["touch"]["transfer"]["value"] = 0.25
    assert len({base, ranged, load_model(written(document)).fingerprint}) == 3


def test_sentences_are_no_model():
    with pytest.raises(PerceptionError, match=r"shipped are default$"):
        load_model("nothing_like_it")


SCENARIO = load_scenario(centre(types={"call": calls(0, 60, 120)}))


def study_with(file, **options) -> Study:
    return prepare("estimate", {"today": SCENARIO}, replications=2, profile=None, perception=file, **options)


def test_a_run_feels_by_its_own_model_and_tells_what_lies_outside_the_evidence(document, written):
    document["journey"]["unresolved"]["value"] = 3.0
    document["offsets"]["contact_types"] = {"call": -2.0}
    found = run_study(study_with(written(document)))
    usual = run_study(study_with("default"))
    value = [one.to_frame().set_index(["metric", "variant"])["value"] for one in (found, usual)]
    assert value[0]["customer_satisfaction", "top_two"] < value[1]["customer_satisfaction", "top_two"] - 0.2
    assert any("journey.unresolved: 3; the evidence ranges from 0.9 to 1.75" in w for w in found.findings.warnings)
    assert not any("evidence" in warning for warning in usual.findings.warnings)


def test_a_run_is_not_resumed_with_another_content_of_its_model(document, written):
    file = written(document)
    manifest = json.loads(json.dumps(study_with(file).to_manifest()))
    assert manifest["provenance"]["perception"] == load_model(file).fingerprint
    assert Study.from_manifest(manifest).perception == str(file.resolve())
    document["touch"]["transfer"] = 0.3
    written(document)
    with pytest.raises(RunError, match="reads differently now"):
        Study.from_manifest(manifest)
    del manifest["provenance"]["perception"], manifest["study"]["perception"]
    assert Study.from_manifest(manifest).perception == "default"


def test_a_model_that_is_not_there_is_refused_before_anything_runs():
    with pytest.raises(PerceptionError, match="did you mean 'default'"):
        study_with("defualt")


def test_value_without_a_cost_to_serve_is_said():
    valued = SCENARIO.override("customers={segments: {all: {share: 1, margin: 5 per month}}}")
    warnings = run_study(prepare("estimate", {"today": valued}, replications=2, profile=None)).findings.warnings
    assert any("customers.population, agent_groups.desk.cost is not stated" in warning for warning in warnings)
