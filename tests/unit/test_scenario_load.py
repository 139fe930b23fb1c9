"""From YAML, a path or a mapping to a frozen scenario; overrides; the wording of what is refused."""

import copy

import pytest
import yaml
from support.tiny import calls, centre, one_agent, phone

from cxsim.errors import ScenarioError
from cxsim.scenario.load import json_schema, load_scenario


def source(**parts):
    return centre(types={"call": {"volume": "100 per day", "enters": {"phone": 1}}}, **parts)


def problems(given, *overrides):
    with pytest.raises(ScenarioError) as raised:
        load_scenario(given, *overrides)
    return raised.value.problems


def one_problem(given, *overrides):
    found = problems(given, *overrides)
    assert len(found) == 1, found
    assert "\n" not in found[0]
    return found[0]


def written(tmp_path, text):
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------------ what is read


def test_file_and_mapping_are_the_same_scenario(tmp_path):
    path = written(tmp_path, yaml.safe_dump(source()))
    assert load_scenario(path) == load_scenario(source())


def test_mapping_given_is_not_changed_and_not_kept():
    given = source()
    before = copy.deepcopy(given)
    scenario = load_scenario(given).override("agent_groups.desk.agents=4")
    assert given == before
    given["agent_groups"]["desk"]["agents"] = 99
    assert scenario.model.agent_groups["desk"].agents == 4


def test_fingerprint_ignores_how_a_value_is_written_and_the_title():
    short, long = source(), source(touchpoints={"phone": phone(talk_time="1 min")})
    long["name"] = "another title"
    assert load_scenario(short).fingerprint == load_scenario(long).fingerprint


def test_fingerprint_sees_every_change():
    scenario = load_scenario(source())
    changes = ["agent_groups.desk.agents=2", "touchpoints.phone.hold=0.1", "calendar.days=2",
               "contact_types.call.volume=101 per day", "busyness.day_cv=0.01"]  # fmt: skip
    assert len({scenario.fingerprint, *(scenario.override(change).fingerprint for change in changes)}) == 6


def test_frozen_scenario_cannot_be_changed():
    scenario = load_scenario(source())
    with pytest.raises(ValueError, match="frozen"):
        scenario.model.name = "x"


def test_types_inherit_what_they_do_not_say():
    touchpoints = {"phone": phone(resolves=0.7, hold=0.1, types={"call": {"resolves": 0.9}})}
    own = load_scenario(source(touchpoints=touchpoints)).model.touchpoints["phone"].types["call"]
    assert (own.resolves, own.hold, own.talk_time.mean) == (0.9, 0.1, 60.0)


def test_source_tags_become_assumptions(tmp_path):
    text = yaml.safe_dump(source()).replace("volume: 100 per day", "volume: 100 per day   # [S 2] real log")
    scenario = load_scenario(written(tmp_path, text + "# S2 A call log, 1999\n"))
    assert [(a.path, a.value, a.source) for a in scenario.assumptions] == [
        ("contact_types.call.volume", "100 per day", "[S 2] real log")
    ]
    assert scenario.sources == {"S2": "A call log, 1999"}


def test_json_schema_knows_the_top_keys():
    assert {"name", "calendar", "touchpoints", "agent_groups"} <= set(json_schema()["properties"])


# ------------------------------------------------------------------------------------------------- YAML and its traps


def test_noon_is_a_time_and_no_is_a_word(tmp_path):
    text = yaml.safe_dump(source()).replace("name: tiny", "name: no")
    text += "surges: {outage: {type: call, start: day 1 12:00, lasts: 2 h, factor: 3}}\n"
    text += "shapes: {day: {from: 07:30, every: 1 h, values: [1, 010]}}\n"
    scenario = load_scenario(written(tmp_path, text))
    assert scenario.name == "no"
    assert scenario.model.shapes["day"].start == 7.5 * 3600
    assert scenario.model.shapes["day"].values == (1, 10)
    assert scenario.model.surges["outage"].start == 12 * 3600


def test_opening_hours_need_no_quotes(tmp_path):
    given = source()
    del given["agent_groups"]["desk"]["agents"]
    text = yaml.safe_dump(given).replace(
        "desk:\n", "desk:\n    shifts: {a: {days: sun, start: 12:00, end: 13:30, agents: 1}}\n"
    )
    shift = load_scenario(written(tmp_path, text)).model.agent_groups["desk"].shifts["a"]
    assert (shift.start, shift.end, shift.days) == (12 * 3600, 13.5 * 3600, (6,))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("- a\n- b\n", "a list"),
        ("name: x\nname: y\n", "line 2: 'name' is given twice"),
        ("a: {b: 1, b: 2}\n", "'b' is given twice"),
        ("name: [\n", "not YAML"),
        ("name: !!python/object:os.system {}\n", "not YAML"),
        ("name: ${oc.env:HOME}\n", "no interpolation"),
        ("_target_: cxsim.errors.problem\nname: x\n", "_target_: not a key"),
        ("touchpoints: {phone: {_partial_: true}}\n", "_partial_: not a key"),
    ],
)
def test_text_that_is_no_plain_data_is_refused_in_one_line(tmp_path, text, says):
    assert says in one_problem(written(tmp_path, text))


def test_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: Büro".encode("latin-1"))
    assert "UTF-8" in one_problem(path)


def test_missing_file_names_what_is_shipped(tmp_path):
    assert "neither shipped nor a file" in one_problem(tmp_path / "nothing.yaml")


# --------------------------------------------------------------------------------------------------------- overrides


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ("agent_groups.desk.agents=13", lambda m: m.agent_groups["desk"].agents == 13),
        ("touchpoints.phone.talk_time=5 min", lambda m: m.touchpoints["phone"].talk_time.mean == 300),
        ("touchpoints.phone.talk_time='5 min'", lambda m: m.touchpoints["phone"].talk_time.mean == 300),
        ("touchpoints.phone.talk_time={law: exponential, mean: 5 min}",
         lambda m: m.touchpoints["phone"].talk_time.name == "exponential"),
        ("touchpoints.phone.resolves=70%", lambda m: m.touchpoints["phone"].resolves == 0.7),
        ("touchpoints.phone.hours={mon-fri: 07:00-19:00}", lambda m: m.touchpoints["phone"].hours[0] == (25200, 68400)),
        ("touchpoints.phone.hours.mon=07:00-19:00", lambda m: m.touchpoints["phone"].hours == ((25200, 68400),)),
        ("touchpoints.phone.lines=4", lambda m: m.touchpoints["phone"].lines == 4),
        ("+touchpoints.chat={mechanism: automated, channel: bot, duration: 1 min}",
         lambda m: list(m.touchpoints) == ["phone", "chat"]),
        ("~busyness", lambda m: m.busyness.day_cv == 0.06),
    ],
)  # fmt: skip
def test_override_changes_one_setting(change, read):
    assert read(load_scenario(source(), change).model)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("agent_groups.desk.agent=13", "did you mean 'agents'?"),
        ("agent_groups.dek.agents=13", "did you mean 'desk'?"),
        ("agent_groups.night={agents: 1}", "a new one is added with +"),
        ("touchpoints.phone/x=2", "cannot be read"),
        ("a.b/c=2", "cannot be read"),
        ("list[0].x=1", "cannot be read"),
        ("nonsense", "cannot be read"),
        ("agent_groups.desk.agents=1,2", "use `cxsim sweep`"),
        ("agent_groups.desk.agents=choice(1,2)", "use `cxsim sweep`"),
        ("touchpoints.phone.talk_time.mean=5 min", "set the whole value"),
        ("touchpoints.phone.talk_time.mean.x=5 min", "inside a plain value"),
        ("~agent_groups.night", "nothing to remove there"),
        ("agent_groups.desk.agents=-1", "greater than or equal to 0"),
        ("agent_groups.desk.agents=many", "integer"),
        ("touchpoints.phone.hold=${x}", "share"),
    ],
)
def test_override_that_does_not_fit_is_refused_in_one_line(change, says):
    assert says in one_problem(source(), change)


def test_two_wrong_overrides_are_reported_together():
    assert len(problems(source(), "a[0]=1", "c[1]=2")) == 2


def test_overrides_are_kept_in_order():
    changes = ("agent_groups.desk.agents=2", "agent_groups.desk.agents=3")
    scenario = load_scenario(source(), *changes)
    assert scenario.overrides == changes
    assert scenario.model.agent_groups["desk"].agents == 3


def test_replayed_lists_are_read_in_seconds_and_units():
    types = {"call": calls(0, 10.5, talk=[30, 60], patience=[None, 5])}
    types["call"]["arrivals"]["at"] = ["0 s", "2 min"]
    replay = load_scenario(centre(types=types, groups=one_agent())).model.contact_types["call"].arrivals
    assert replay.at == (0, 120)
    assert replay.patience == (float("inf"), 5)
