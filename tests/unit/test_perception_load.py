"""A perception model is read whole or refused with everything that is wrong in it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cxsim import shipped
from cxsim.errors import PerceptionError
from cxsim.perception.load import load_model


@pytest.fixture
def document() -> dict[str, Any]:
    file = shipped.path("perception", "default")
    assert file is not None
    return copy.deepcopy(yaml.safe_load(file.read_text(encoding="utf-8")))


def loaded(document: object, folder: Path) -> Any:
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_model(file)


def test_the_shipped_model_is_within_its_own_evidence():
    model = load_model()
    assert model.notes == ()
    assert model.waiting.email.tolerance == 4 * 3600.0
    assert all(
        entry.grade in "ABCD" and entry.source for name, entry in model.evidence.items() if "anchors" not in name
    )


def test_what_is_loaded_can_be_written_bare_and_keeps_its_evidence(document, tmp_path):
    document["touch"]["transfer"] = 0.3
    model = loaded(document, tmp_path)
    assert model.touch.transfer == 0.3
    assert (model.evidence["touch.transfer"].low, model.evidence["touch.transfer"].grade) == (0.11, "C")
    assert model.notes == ()


def test_a_value_outside_its_evidence_is_taken_and_noted(document, tmp_path):
    document["touch"]["transfer"] = 0.9
    model = loaded(document, tmp_path)
    assert model.touch.transfer == 0.9
    assert len(model.notes) == 1
    assert "touch.transfer: 0.9" in model.notes[0]


def test_a_segment_may_say_a_little(document, tmp_path):
    document["segments"] = {
        "gold": {"tolerance": {"value": 2, "grade": "D", "source": "a guess"}, "annual_churn": "8%"}
    }
    gold = loaded(document, tmp_path).segments["gold"]
    assert (gold.tolerance, gold.annual_churn, gold.expectation) == (2.0, 0.08, 0.0)


def test_an_unknown_key_is_refused_with_a_suggestion(document, tmp_path):
    document["touch"]["tranfser"] = document["touch"].pop("transfer")
    with pytest.raises(PerceptionError) as caught:
        loaded(document, tmp_path)
    assert "perception.touch.tranfser: not a key" in caught.value.problems[0]
    assert "did you mean 'transfer'?" in caught.value.problems[0]
    assert "perception.touch.transfer: missing" in caught.value.problems[1]


@pytest.mark.parametrize(
    ("group", "key", "value", "said"),
    [
        ("touch", "transfer", -0.2, "0 or more"),
        ("touch", "transfer", "much", "a number"),
        ("touch", "transfer", float("nan"), "nan"),
        ("touch", "transfer", True, "a number"),
        ("touch", "hold_scale", 60, "a duration has a unit"),
        ("response", "voice", 1.5, "0 to 1"),
        ("response", "voice", "150%", "a share"),
        ("memory", "peak", 0.5, "sum"),
        ("comments", "by_satisfaction", [0.1, 0.2], "a list of 5 numbers"),
        ("anchors", "satisfaction", [0.0, 1.0, 0.5, 2.0], "cuts that rise"),
        ("targets", "satisfaction", [0.5, 0.5, 0.5, 0.0, 0.0], "sums to 1.5"),
        ("offsets", "contact_types", 3, "numbers by name"),
        ("segments", "gold", {"tolerance": 0}, "above 0"),
        ("segments", "gold", {"patience": 2}, "keys here are annual_churn, tolerance, expectation"),
        ("touch", "transfer", {"value": 0.2, "rnage": [0, 1]}, "did you mean 'range'?"),
        ("touch", "transfer", {"value": 0.2, "range": 1}, "a lowest and a highest"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_address(document, tmp_path, group, key, value, said):
    document[group][key] = value
    with pytest.raises(PerceptionError) as caught:
        loaded(document, tmp_path)
    assert f"perception.{group}" in str(caught.value)
    assert said in str(caught.value)


def test_all_problems_are_told_together(document, tmp_path):
    document["touch"]["transfer"], document["journey"]["repeat"] = -1, "x"
    del document["value"]
    with pytest.raises(PerceptionError) as caught:
        loaded(document, tmp_path)
    assert len(caught.value.problems) == 3


def test_a_name_nobody_ships_and_a_file_that_is_no_mapping_are_refused(tmp_path):
    with pytest.raises(PerceptionError, match="did you mean 'default'"):
        load_model("defualt")
    with pytest.raises(PerceptionError, match="a mapping of"):
        loaded([1, 2], tmp_path)
    (tmp_path / "broken.yaml").write_text("a: [1,", encoding="utf-8")
    with pytest.raises(PerceptionError, match=r"broken\.yaml"):
        load_model(tmp_path / "broken.yaml")


def test_shares_of_the_same_comments_that_exceed_all_of_them_are_refused(document, tmp_path):
    document["comments"]["generic_when_low"] = 0.8
    with pytest.raises(PerceptionError) as refused:
        loaded(document, tmp_path)
    said = str(refused.value)
    assert "perception.comments.generic_when_low: 0.8 with perception.comments.outside 0.25" in said
    assert "together at most 1" in said
    document["comments"]["generic_when_low"] = 0.75  # all low comments, and none that names a driver
    assert loaded(document, tmp_path).comments.generic_when_low == 0.75


def test_a_moment_cannot_turn_a_loss_into_a_gain(document, tmp_path):
    document["moments"]["touchpoints"] = {"phone": -1.5}
    with pytest.raises(PerceptionError, match=r"perception\.moments\.touchpoints\.phone: -1\.5; 0 or more"):
        loaded(document, tmp_path)


def test_a_year_in_which_nobody_lives_is_refused(document, tmp_path):
    document["anchors"]["exposure"] = [0.0] * 50
    with pytest.raises(PerceptionError, match=r"perception\.anchors\.exposure: months that are all 0"):
        loaded(document, tmp_path)
