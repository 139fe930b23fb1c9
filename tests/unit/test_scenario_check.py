"""What a scenario may not say: each mistake in one line with where, what, what is allowed; all of them together."""

import copy

import pytest
from support.tiny import calls, centre, one_agent, phone

from cxsim.errors import ScenarioError
from cxsim.scenario.load import load_scenario

GOOD = centre(
    types={"call": {"volume": "100 per day", "shape": "day", "enters": {"phone": 1}}},
    shapes={"day": {"from": "08:00", "every": "1 h", "values": [1, 2]}},
)


def problems(given):
    with pytest.raises(ScenarioError) as raised:
        load_scenario(given)
    return raised.value.problems


def with_value(path, value):
    """The good scenario with one value put in, or taken out (None)."""
    given = copy.deepcopy(GOOD)
    at = given
    *way, last = path.split(".")
    for key in way:
        at = at.setdefault(key, {})
    if value is None:
        del at[last]
    else:
        at[last] = value
    return given


def test_good_scenario_is_good():
    assert load_scenario(GOOD).name == "tiny"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        # keys
        ("colour", "red", "scenario.colour: not a key"),
        ("touchpoints.phone.talktime", "5 min", "did you mean 'talk_time'?"),
        ("touchpoints.phone.outbound", {}, "scenario.touchpoints.phone.outbound: not a key"),
        ("agent_groups.desk.at_shift_end", "hand_ovr", "did you mean 'hand_over'?"),
        ("routing.agent", "longest_idel", "did you mean 'longest_idle'?"),
        ("touchpoints.phone.then.unresolved.on.transfer", "hot", "allowed: 'cold' or 'warm'"),
        ("touchpoints.phone.mechanism", "magic", "automated or staffed"),
        ("touchpoints.phone.channel", "fax", "allowed:"),
        ("name", None, "scenario.name: missing"),
        ("touchpoints.phone.talk_time", None, "talk_time: missing"),
        # units
        ("touchpoints.phone.talk_time", "5", "a duration has a unit"),
        ("touchpoints.phone.talk_time", 5, "a duration has a unit"),
        ("touchpoints.phone.talk_time", "5 lightyears", "a duration has a unit"),
        ("touchpoints.phone.talk_time", "-5 min", "0 or longer"),
        ("touchpoints.phone.talk_time", {"law": "exponential", "mean": "-5 min"}, "mean"),
        ("touchpoints.phone.talk_time", {"law": "lognormal", "mean": "5 min"}, "cv"),
        ("touchpoints.phone.talk_time", {"law": "exponental", "mean": "5 min"}, "exponential"),
        ("touchpoints.phone.talk_time", {"law": "exponential", "average": "5 min"}, "not a parameter of exponential"),
        ("contact_types.call.volume", 100, "a rate is"),
        ("contact_types.call.volume", "100", "a rate is"),
        ("contact_types.call.volume", "-1 per day", "0 or more"),
        ("touchpoints.phone.resolves", "120%", "a share is"),
        ("touchpoints.phone.resolves", 1.2, "a share is"),
        ("touchpoints.phone.resolves", -0.1, "a share is"),
        ("touchpoints.phone.hold", 0.6, "less than or equal to 0.5"),
        ("touchpoints.phone.hours", {"mon-fri": "19:00-07:00"}, "run forward"),
        ("touchpoints.phone.hours", {"mon-fri": "7-19"}, "clock"),
        ("touchpoints.phone.hours", {"someday": "07:00-19:00"}, "days are"),
        ("touchpoints.phone.hours", {"mon-wed": "07:00-19:00", "wed": "08:00-10:00"}, "given twice"),
        ("calendar.start", "5 January", "a date is"),
        ("calendar.days", 0, "greater than or equal to 1"),
        ("calendar.interval", "7 min", "it divides the day"),
        ("touchpoints.phone.lines", 0, "greater than or equal to 1"),
        ("gives_up_after", 0, "greater than or equal to 1"),
        ("agent_groups.desk.agents", 1.5, "integer"),
        # shares
        ("contact_types.call.enters", {"phone": 0.7}, "add up to 0.7"),
        ("contact_types.call.enters", {"phone": 1.2}, "share"),
        (
            "touchpoints.phone.then",
            {"unresolved": {"a": {"to": "phone", "share": 0.7}, "b": {"to": "phone", "share": 0.5}}},
            "add up to 1.2",
        ),
        ("customers.segments", {"a": {"share": 0.5}}, "add up to 0.5"),
        ("customers.segments", {"a": {"margin": "-3 per month"}}, "confirm_negative_margin=true"),
        ("customers.segments", {"a": {"tolerance": 0}}, "greater than 0"),
        ("customers.segments", {"a": {"annual_churn": 1}}, "less than or equal to 0.99"),
        # names
        ("contact_types.call.enters", {"fone": 1}, "did you mean 'phone'?"),
        ("contact_types.call.shape", "dya", "did you mean 'day'?"),
        ("touchpoints.phone.then.unresolved.on.to", "fone", "did you mean 'phone'?"),
        ("touchpoints.phone.types.cal.resolves", 0.5, "did you mean 'call'?"),
        ("agent_groups.desk.serves", {"fone": {"rank": 1}}, "did you mean 'phone'?"),
        ("agent_groups.desk.serves", {"phone": {"cal": {"rank": 1}}}, "did you mean 'call'?"),
        ("surges.outage", {"type": "cal", "start": "day 1", "lasts": "1 h", "factor": 2}, "did you mean 'call'?"),
        ("agent_groups.night shift", {"agents": 1, "serves": {"phone": {"rank": 1}}}, "a name is letters"),
        # sense
        ("surges.outage", {"type": "call", "start": "day 9", "lasts": "1 h", "factor": 2}, "the horizon"),
        ("surges.outage", {"type": "call", "start": "day 0", "lasts": "1 h", "factor": 2}, "the first day is day 1"),
        ("shapes.day.values", [0, 0], "all are 0"),
        ("shapes.day.values", [-1, 2], "greater than or equal to 0"),
        ("shapes.day.from", "23:00", "ends after midnight"),
        ("agent_groups.desk.shrinkage", {"planned": 0.2}, "counts: scheduled or net"),
        ("agent_groups.desk.by_interval", {"all": [1] * 48}, "agents and by_interval"),
        ("agent_groups.desk.agents", None, "no plan"),
        ("touchpoints.phone.then.abandoned.on", {"to": "phone", "transfer": "cold"}, "is over"),
        ("touchpoints.phone.then.unresolved.on", {"to": "leave", "transfer": "cold"}, "to leave"),
        (
            "touchpoints.phone.then.unresolved.on",
            {"to": "phone", "transfer": "cold", "after": "5 min"},
            "goes on at once",
        ),
        ("touchpoints.phone.then.unresolved.on", {"to": "leave", "after": "next_opening"}, "needs a touchpoint"),
        ("touchpoints.phone.types.call", {"lines": 3}, "differs by type"),
    ],
)
def test_mistake_is_refused_in_one_line_that_names_it(path, value, says):
    found = problems(with_value(path, value))
    assert any(says in line for line in found), found
    assert all("\n" not in line and line.startswith("scenario") for line in found)


def test_touchpoint_that_nobody_serves_is_named_with_its_type():
    given = copy.deepcopy(GOOD)
    given["touchpoints"]["second"] = phone()
    given["touchpoints"]["phone"]["then"] = {"unresolved": {"up": {"to": "second", "transfer": "cold"}}}
    assert problems(given) == (
        "scenario.touchpoints.second: nobody serves it for call; an agent group serves each staffed touchpoint; "
        "add second to a group's serves",
    )


def test_touchpoint_that_nobody_reaches_needs_nobody():
    given = copy.deepcopy(GOOD)
    given["touchpoints"]["second"] = phone()
    assert load_scenario(given).model.touchpoints["second"]


@pytest.mark.parametrize("n", [0, 47, 49])
def test_staffing_list_of_the_wrong_length_says_how_long_it_must_be(n):
    given = copy.deepcopy(GOOD)
    given["agent_groups"] = one_agent()
    del given["agent_groups"]["desk"]["agents"]
    given["agent_groups"]["desk"]["by_interval"] = {"all": [1] * n}
    (found,) = problems(given)
    assert found.startswith(f"scenario.agent_groups.desk.by_interval.all: {n} values; 48, one an interval from 00:00")


def test_head_counts_must_cover_all_days():
    given = copy.deepcopy(GOOD)
    del given["agent_groups"]["desk"]["agents"]
    given["agent_groups"]["desk"]["by_interval"] = {"mon": [1] * 48}
    assert "no head counts for tue, wed" in problems(given)[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"at": [5, 4]}, "ascending"),
        ({"at": [0, 90_000]}, "the horizon"),
        ({"at": []}, "at least 1"),
        ({"at": [-1, 4]}, "seconds from 0 on"),
        ({"talk_time": [60]}, "1 values; 2, as `at`"),
        ({"patience": [1, 2, 3]}, "3 values; 2, as `at`"),
    ],
)
def test_replayed_arrivals_must_fit_together(change, says):
    types = {"call": calls(0, 10)}
    types["call"]["arrivals"].update(change)
    assert any(says in line for line in problems(centre(types=types)))


def test_volume_and_replay_exclude_each_other():
    types = {"call": {**calls(0), "volume": "5 per day"}}
    assert "both or neither" in problems(centre(types=types))[0]


def test_deferred_touchpoint_has_no_patience():
    given = centre(types={"call": calls(0)}, touchpoints={"phone": phone(deferred=True, patience="5 min")})
    assert "deferred" in problems(given)[0]


def test_automated_touchpoint_is_served_by_nobody():
    touchpoints = {"phone": phone(), "bot": {"mechanism": "automated", "channel": "bot", "duration": "1 min"}}
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}, "bot": {"rank": 1}}}}
    assert "is automated" in problems(centre(types={"call": calls(0)}, touchpoints=touchpoints, groups=groups))[0]


def test_all_problems_are_reported_together():
    given = copy.deepcopy(GOOD)
    given["touchpoints"]["phone"].update(talk_time="5", resolves="120%", colour="red")
    given["contact_types"]["call"]["enters"] = {"fone": 1}
    given["agent_groups"]["desk"]["agents"] = -1
    found = problems(given)
    for where in ("talk_time", "resolves", "colour", "enters.fone", "desk.agents"):
        assert sum(line.partition(":")[0].endswith(where) for line in found) == 1, (where, found)
    assert len(found) == 5


def test_mistake_common_to_all_types_of_a_touchpoint_is_said_once():
    given = copy.deepcopy(GOOD)
    given["touchpoints"]["phone"].update(talk_time="5", types={"call": {"resolves": 0.5}})
    assert len(problems(given)) == 1


def test_scenario_that_is_no_mapping_of_mappings_is_refused():
    assert problems({"name": "x", "calendar": 5, "contact_types": [], "touchpoints": "phone"})


def test_a_negative_margin_that_is_meant_is_taken():
    given = with_value("customers", {"segments": {"a": {"margin": "-3 per month"}}, "confirm_negative_margin": True})
    assert load_scenario(given).model.customers.segments["a"].margin == pytest.approx(-3.0)
