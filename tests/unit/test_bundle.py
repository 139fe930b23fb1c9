"""Parts of the audit bundle: the author's form, traces of the machine, defaults, sentences, the picture."""

import math
import os
import xml.etree.ElementTree as ET
import zipfile
from types import SimpleNamespace

import pandas as pd
import pytest
from support.small_centres import SMALL_YAML, small_centre
from support.small_findings import estimate, small_estimates, small_findings

from cxsim.bundle import wording
from cxsim.bundle.answers import NUMBERS, aims
from cxsim.bundle.author import FORM, NAMES, is_blank, read_author, template
from cxsim.bundle.contents import INDEX
from cxsim.bundle.diagram import Box, _drawn, diagram
from cxsim.bundle.pack import NEEDED, opened, write_bundle
from cxsim.bundle.register import KINDS, _of_perception, _unavailable, counted, leaves, left_out, register
from cxsim.bundle.source import plain_command
from cxsim.errors import RunError, RunFailed
from cxsim.perception.load import load_model
from cxsim.protocol import Study
from cxsim.reports.background import limits_of
from cxsim.scenario.load import load_scenario
from cxsim.scenario.text import read_yaml

FILLED = [f"{name}=said" for name in NAMES]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "-",
        "...",
        "?",
        "Tbd",
        "tbd.",
        "n/a",
        "NA",
        "None",
        "null",
        "nil",
        "todo!",
        "TBA",
        "fixme",
        "xxx",
        "Unknown",
        "<who>",
    ],
)
def test_what_says_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["None is needed: no person is in it.", "0", "Müller", "a < b"])
def test_what_says_something_is_not_blank(text):
    assert not is_blank(text)


def test_the_empty_form_asks_for_every_field_once():
    asked = read_yaml(template(), where="form")
    assert asked == dict.fromkeys(NAMES, "")
    assert all(entry.asks in template() for entry in FORM)


def test_form_and_checklist_are_whole():
    # The items of Monks et al. (2019); 2.5 has five parts.
    assert NUMBERS == (
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5", "3.1", "3.2",
        "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
    )  # fmt: skip
    assert NAMES == (
        "authors", "contact", "purpose", "rationale", "data_sources", "data_permission", "pre_processing",
        "simplifications", "hardware", "sharing", "licence",
    )  # fmt: skip


def test_what_the_author_says_stands_at_every_item_that_it_answers():
    said = read_author(None, FILLED, items=NUMBERS)
    where = {entry.name: tuple(item for item in NUMBERS if (entry.name, "said") in said.of(item)) for entry in FORM}
    assert where == {entry.name: entry.items for entry in FORM}
    assert where["rationale"] == ("1.3", "2.3")


def test_a_blank_remark_is_refused(tmp_path):
    path = tmp_path / "author.yaml"
    path.write_text('notes: {"2.4": " TBD "}\n')
    with pytest.raises(RunError, match=r"author.notes.2.4: blank"):
        read_author(path, FILLED, items=["2.4"])


def test_a_filled_form_reads_back_as_it_was_and_words_win(tmp_path):
    path = tmp_path / "author.yaml"
    path.write_text('authors: [A. One, B. Two]\npurpose: \'To say: "yes"\'\nnotes: {"2.4": our rule}\n')
    found = read_author(path, [word for word in FILLED if not word.startswith(("authors", "purpose"))], items=["2.4"])
    assert found.fields["authors"] == "A. One; B. Two"
    assert found.of("2.4") == [("note", "our rule")]
    path.write_text(found.as_text())
    assert read_author(path, [], items=["2.4"]) == found
    assert read_author(path, ["contact=other"], items=["2.4"]).fields["contact"] == "other"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["colour=red"], "author.colour: not a field of the form"),
        (["purposes=x"], "did you mean 'purpose'"),
        (["purpose"], "argument purpose: not a field"),
        (["notes=x"], "author.notes: 'x'; remarks by the number"),
    ],
)
def test_what_is_not_of_the_form_is_refused(words, said):
    with pytest.raises(RunError, match=said):
        read_author(None, [*FILLED, *words], items=["2.4"])


def test_a_remark_on_no_item_is_refused(tmp_path):
    path = tmp_path / "author.yaml"
    path.write_text('notes: {"7.7": what}\n')
    with pytest.raises(RunError, match=r"author.notes.7.7: not an item"):
        read_author(path, FILLED, items=["2.4"])


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("cxsim run /srv/plans/desk.yaml --out /srv/x", "cxsim run desk.yaml --out x"),
        ("cxsim run 'D:\\plans\\desk.yaml'", "cxsim run desk.yaml"),
        ("cxsim run ~/desk.yaml perception=/srv/plans/felt.yaml", "cxsim run desk.yaml perception=felt.yaml"),
        ("cxsim run my/desk.yaml volume=3", "cxsim run my/desk.yaml volume=3"),
        ("cxsim run --cluster tcp://node7.example.org:8786", "cxsim run --cluster ADDRESS"),
        ("cxsim run --cluster=/srv/scheduler.json", "cxsim run --cluster=ADDRESS"),
        ("", ""),
    ],
)
def test_a_command_loses_what_belongs_to_the_machine_and_nothing_else(given, left):
    assert plain_command(given) == left
    assert plain_command(left) == left


def test_what_a_scenario_leaves_out_is_listed_and_what_it_says_is_not():
    scenario = load_scenario(small_centre())
    found = {path: (value, meaning) for path, value, meaning, _ in left_out(scenario.model)}
    assert found["gives_up_after"] == ("6", "contacts after which a case is given up")
    assert found["touchpoints.phone.hours"] == ("left out", "opening hours; left out, always open")
    assert not [path for path, _ in leaves(scenario.source) if path in found]
    said = load_scenario(small_centre()).override("+gives_up_after=6")
    assert "gives_up_after" not in {path for path, *_ in left_out(said.model)}


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The register of a study with something of every kind: study, findings and entries; nothing is simulated."""
    two = "contact_types:\n  repair_two: {volume: 3 per day, enters: {phone: 1}}\n"
    (tmp_path / "desk.yaml").write_text(SMALL_YAML.replace("contact_types:\n", two))
    base = load_scenario(tmp_path / "desk.yaml").override(
        "contact_types.repair={volume: 61 per day, enters: {phone: 1}}", "touchpoints.phone.talk_time.mean=9 min"
    )
    scenarios = {"today": base, "more": base.override("agent_groups.desk.agents=2")}
    nothing = estimate("more", "", "all", ("escalation_rate", "all", "1", "lower", "process", math.nan, math.nan),
                       flags="nothing_observed")  # fmt: skip
    findings = small_findings(
        scenarios=scenarios,
        estimates=pd.DataFrame([*small_estimates(("today", "more")).to_dict("records"), nothing]),
        plausibility=("More solved than offered.",),
        scorecards={"today": SimpleNamespace(missing=[SimpleNamespace(metric="cost", variant="all", weight=0.25,
                                                                      reason="no pay")], profile="peers")},
    )  # fmt: skip
    cannot = pd.DataFrame([("churn_rate", "default", "no margin")], columns=["metric", "variant", "reason"])
    monkeypatch.setattr("cxsim.bundle.register.simulate", lambda *_, **__: None)
    monkeypatch.setattr("cxsim.bundle.register.felt_log", lambda *_: (None, None))
    monkeypatch.setattr("cxsim.bundle.register.unavailable", lambda _: cannot)
    study = Study("compare", "Desk", "Is one more enough?", scenarios)
    return study, findings, register(study, findings)


def test_the_register_holds_every_kind_of_assumption_in_the_order_of_kinds(told):
    study, findings, entries = told
    kinds = [entry.kind for entry in entries]
    assert list(dict.fromkeys(kinds)) == list(KINDS)
    assert kinds == sorted(kinds, key=list(KINDS).index)
    assert all(entry.origin for entry in entries)
    assert counted(entries) == {kind: kinds.count(kind) for kind in KINDS}

    def of(kind, column="what"):
        return [getattr(entry, column) for entry in entries if entry.kind == kind]

    assert of("changed") == [
        *2 * ["contact_types.repair", "touchpoints.phone.talk_time.mean"],
        "agent_groups.desk.agents",
    ]
    assert of("perception") == list(load_model(study.perception).evidence)
    assert of("default") == [path for path, *_ in left_out(study.scenarios["today"].model)]
    assert of("rule", "note") == ["Agents before customers."]
    assert of("warning", "note") == ["The afternoon cannot keep up.", "More solved than offered."]
    assert list(zip(of("unavailable"), of("unavailable", "note"), strict=True)) == [
        ("churn_rate:default", "no margin"),
        ("escalation_rate:all", "nothing observed"),
        ("cost:all", "not scored, 25% of the weight: no pay"),
    ]
    assert of("limit", "note") == list(limits_of(findings))


def test_every_setting_stands_in_the_register_once_with_its_tag_or_without(told):
    study, _, entries = told
    (stated,) = (entry for entry in entries if entry.kind == "stated")
    assert (stated.what, stated.grade) == ("touchpoints.phone.talk_time", "tag A")
    assert stated.note.endswith("; an override changes a part of it)")
    unsourced = {entry.what: entry.origin for entry in entries if entry.kind == "unsourced"}
    every = [path for path, _ in leaves(study.scenarios["today"].source)]
    assert sorted(unsourced) == sorted(
        path for path in every if path != "name" and not path.startswith("touchpoints.phone.talk_time")
    )
    changed = [path for path, origin in unsourced.items() if origin == "override of the scenario"]
    assert changed == [path for path in every if path.startswith("contact_types.repair.")]
    assert "contact_types.repair_two.volume" in unsourced


def test_sentences_carry_the_numbers_of_the_scenario():
    model = load_scenario(small_centre()).model
    phone = wording.touchpoint("phone", model.touchpoints["phone"])
    assert "talk lognormal with mean 10 min and cv 1, after-call work 60 s; looks resolved in 80 %" in phone
    assert "unresolved: 50 % to phone after 1.0 h; unresolved: 50 % leave" in phone
    advice = wording.arrivals("advice", model.contact_types["advice"], model)
    assert advice.startswith("advice: 40 cases on an ordinary day")
    assert advice.endswith("enters at portal 50 %, phone 50 %.")
    assert "patience exponential with mean 4 min" in wording.queue("phone", model.touchpoints["phone"])
    assert wording.group("desk", model.agent_groups["desk"]).startswith("desk: 1 agents, around the clock")


def test_hours_of_a_week_put_equal_days_together():
    scenario = load_scenario(small_centre()).override(
        "+agent_groups.desk.hours={mon-fri: '08:00-16:30', sat: '10:00-12:00'}"
    )
    hours = scenario.model.agent_groups["desk"].hours
    assert wording.weekly(hours, otherwise="always") == "mon, tue, wed, thu, fri 08:00-16:30; sat 10:00-12:00"


def test_the_picture_shows_every_part_and_every_way():
    drawn = diagram(load_scenario(small_centre()).model)
    root = ET.fromstring(drawn)
    words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"repair", "advice", "phone", "portal", "desk", "50 %", "100 %"} <= words
    arcs = [path for path in root.iter("{http://www.w3.org/2000/svg}path") if path.get("stroke-dasharray")]
    assert len(arcs) == 2  # phone to itself, portal to phone


def test_names_in_the_picture_cannot_break_out_of_it():
    drawn = "".join(_drawn(Box(0, 40, "<a> & b", "voice <1>")))
    ET.fromstring(f"<svg>{drawn}</svg>")  # our own text
    assert "&lt;a&gt; &amp; b" in drawn
    assert "voice &lt;1&gt;" in drawn


def test_a_size_without_a_range_is_not_given_one(monkeypatch):
    known = SimpleNamespace(value=0.5, low=0.25, high=0.75, grade="B", source="S1")
    open_range = SimpleNamespace(value=2.0, low=-math.inf, high=math.inf, grade="", source="")
    model = SimpleNamespace(name="mine", evidence={"a": known, "b": open_range})
    monkeypatch.setattr("cxsim.bundle.register.load_model", lambda given: model)
    notes = [(entry.grade, entry.note) for entry in _of_perception(SimpleNamespace(perception="mine"))]
    assert notes == [("B", "90 % range 0.25 to 0.75"), ("none stated", "no range stated")]


def test_metrics_asked_for_by_name_were_all_to_be_had():
    assert list(_unavailable(SimpleNamespace(metrics=("service_level:strict",)), None)) == []


@pytest.mark.parametrize("kind", ["optimise", "tune"])
def test_a_confidence_is_told_as_it_was_asked_for(kind):
    options = {"vary": ["a"], "inputs": ["a"], "targets": ["service_level >= 80% on 90% of days"], "confidence": 0.999,
               "points": 16, "search_days": 20, "fresh_days": 200}  # fmt: skip
    study = SimpleNamespace(kind=kind, options=options, primary="service_level:strict")
    (said,) = aims(SimpleNamespace(source=SimpleNamespace(study=study, findings=None)))
    assert "with 99.9% confidence" in said
    assert "service_level >= 80% on 90% of days" in said


def test_what_is_there_is_kept_unless_told_and_only_a_bundle_is_replaced(tmp_path):
    target, first, second = tmp_path / "bundle", {INDEX: b"{}", "a/b.txt": b"1"}, {INDEX: b"{}"}
    write_bundle(first, target)
    with pytest.raises(RunError, match="is there already"):
        write_bundle(second, target)
    assert (target / "a" / "b.txt").read_bytes() == b"1"
    write_bundle(second, target, force=True)
    assert [path.name for path in target.iterdir()] == [INDEX]
    (tmp_path / "letters").mkdir()
    with pytest.raises(RunError, match="is there and is no bundle"):
        write_bundle(second, tmp_path / "letters", force=True)
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("photo.jpg", b"light")
    before = (tmp_path / "photos.zip").read_bytes()
    with pytest.raises(RunError, match="is there and is no bundle"):
        write_bundle(second, tmp_path / "photos.zip", force=True)
    assert (tmp_path / "photos.zip").read_bytes() == before
    write_bundle(first, tmp_path / "packed.zip")
    write_bundle(second, tmp_path / "packed.zip", force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"bundle", "letters", "photos.zip", "packed.zip"}


def test_a_bundle_that_cannot_be_written_leaves_nothing_and_what_was_there_stays(tmp_path, monkeypatch):
    target = tmp_path / "bundle.zip"
    write_bundle({INDEX: b"{}"}, target)
    before = target.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cxsim.bundle.pack.os.replace", full)
    with pytest.raises(RunFailed, match="No space left on device"):
        write_bundle({INDEX: b"[]"}, target, force=True)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_put_in_place_leaves_the_one_that_was_there(tmp_path, monkeypatch):
    target = tmp_path / "bundle"
    write_bundle({INDEX: b"{}"}, target)
    replace = os.replace

    def refuse(source, to):
        if str(source).endswith(".partial"):
            raise OSError(13, "Permission denied")
        replace(source, to)

    monkeypatch.setattr("cxsim.bundle.pack.os.replace", refuse)
    with pytest.raises(RunFailed, match="Permission denied"):
        write_bundle({INDEX: b"[]"}, target, force=True)
    assert (target / INDEX).read_bytes() == b"{}"
    assert list(tmp_path.iterdir()) == [target]


def test_a_zip_tells_nothing_of_when_or_where_it_was_written(tmp_path):
    write_bundle({INDEX: b"{}", "a/b.txt": b"1"}, tmp_path / "packed.zip")
    with zipfile.ZipFile(tmp_path / "packed.zip") as archive:
        found = {(entry.date_time, entry.create_system, entry.external_attr >> 16) for entry in archive.infolist()}
    assert found == {((1980, 1, 1, 0, 0, 0), 3, 0o100644)}


def entry_of(name, *, mode=0o100644, packed=zipfile.ZIP_DEFLATED):
    """An entry of a zip, strange on purpose."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.compress_type = mode << 16, packed
    return entry


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry_of("run\\outside.txt")], "leads outside of the bundle"),
        ([entry_of("link", mode=0o120777)], "'link' is no plain file"),
        ([entry_of("pipe", mode=0o010644)], "'pipe' is no plain file"),
        ([entry_of("twice"), entry_of("twice")], "'twice' is there twice"),
        ([entry_of("rare", packed=zipfile.ZIP_BZIP2)], "'rare' is packed in an uncommon way"),
    ],
)
def test_a_zip_with_a_strange_entry_is_refused(tmp_path, entries, said):
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as archive:
        archive.writestr(INDEX, "{}")
        for entry in entries:
            archive.writestr(entry, "x")
    with pytest.raises(RunError, match=said), opened(tmp_path / "foreign.zip"):
        pass


def test_a_bundle_that_somebody_zipped_with_its_folder_is_read(tmp_path):
    files = dict.fromkeys(NEEDED, b"{}")
    write_bundle({f"audit/{name}": data for name, data in files.items()}, tmp_path / "by_hand.zip")
    with opened(tmp_path / "by_hand.zip") as root:
        found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert found == set(NEEDED)


def test_a_zip_that_asks_for_a_password_is_refused(tmp_path):
    path = tmp_path / "foreign.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INDEX, "{}")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory at the end
    path.write_bytes(data)
    with pytest.raises(RunError, match="is packed in an uncommon way or encrypted"), opened(path):
        pass
