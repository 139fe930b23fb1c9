"""What a score is made of, what a unit of a fact does and how scenarios differ: by loops that anyone can read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr
from support.tiny import centre, phone

from cxsim import felt
from cxsim.contacts.log import Table
from cxsim.perception.answers import answers, expected_response, opinions, probability_above
from cxsim.perception.journeys import CHAT, SELF, VOICE, Journeys
from cxsim.perception.levels import effects, facts, levels
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import months_of_margin
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import DRIVERS, contributions
from cxsim.perception.stakes import Stake
from cxsim.perception.twins import VALUE, Lived, changes
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

MODEL = load_model()
EFFORT = {"wait", "transfer", "repeated_information", "hold", "repeat", "abandonment", "failed_self_service", "switch"}
CUT = MODEL.anchors.satisfaction[2]
JOURNEYS = reference_journeys(600, seed=4)


def lived_through(journeys: Journeys, **other) -> Lived:
    n = len(journeys)
    about = {"counted": np.zeros(n), "customers": Table("customers", {}), "until": 0.0, "hazard": np.zeros(0)} | other
    return Lived(journeys, contributions(journeys, model=MODEL), **about)


def by_line(found):
    return {(one.part, one.score, one.line): one for one in found}


LIVED = lived_through(JOURNEYS)
LEVELS = by_line(levels(LIVED, model=MODEL))


@pytest.mark.parametrize(("place", "driver"), list(enumerate(DRIVERS)))
def test_what_a_driver_takes_is_had_back_at_its_weight(place, driver):
    """Mean ease without the losses of a driver, less mean ease; what the driver gives is left."""
    weight = 1.25 if driver in EFFORT else 0.60 if driver == "agent" else 0.90
    gained = 0.0
    for index, size in zip(LIVED.felt.ease, LIVED.felt.drivers[:, place], strict=True):
        without = index - weight * size if size < 0.0 else index
        gained += sum(ndtr(without - cut) - ndtr(index - cut) for cut in MODEL.anchors.ease)
    assert LEVELS["regained", "ease", driver].numerator == pytest.approx(gained)
    assert gained > 0.0


def test_the_worst_tenth_is_a_tenth():
    worst = LEVELS["worst_tenth", "top_two", "actual"]
    lowest = np.sort(LIVED.felt.satisfaction)[:60]
    assert worst.denominator == 60
    assert worst.numerator == pytest.approx(ndtr(lowest - CUT).sum())


def test_shares_of_the_variance_add_up_to_it():
    shares = [LEVELS["variance", "top_two", driver] for driver in DRIVERS]
    spread = 600 * np.var(LIVED.felt.satisfaction)
    assert [share.denominator for share in shares] == pytest.approx([spread] * len(DRIVERS))
    assert sum(share.numerator for share in shares) == pytest.approx(spread)


def with_a_minute_more(fact: str) -> tuple[Journeys, np.ndarray]:
    """A minute more of waiting at the first touch on the line, or on hold at the first that was answered."""
    column = "wait" if fact == "wait" else "held"
    values, changed = getattr(JOURNEYS, column).copy(), np.zeros(600, bool)
    for case in range(600):
        for touch in np.flatnonzero(JOURNEYS.owner == case):
            live = JOURNEYS.channel[touch] in (VOICE, CHAT)
            spoken = JOURNEYS.channel[touch] != SELF and not JOURNEYS.abandoned[touch]
            if live if fact == "wait" else spoken:
                values[touch] += 60.0
                changed[case] = True
                break
    return replace(JOURNEYS, **{column: values}), changed


@pytest.mark.parametrize("fact", ["wait", "hold"])
def test_a_minute_more_comes_where_it_first_can(fact):
    found = by_line(effects(LIVED, Table("surveys", {}), model=MODEL))["effect", "top_two", fact]
    worse, changed = with_a_minute_more(fact)
    moved = ndtr(contributions(worse, model=MODEL).satisfaction - CUT) - ndtr(LIVED.felt.satisfaction - CUT)
    assert found.numerator == pytest.approx(moved[changed].sum())
    assert found.denominator == changed.sum()
    assert (JOURNEYS.owner[1:] == JOURNEYS.owner[:-1]).any()


def test_facts_of_a_case_are_counted_touch_by_touch():
    found = facts(JOURNEYS)
    for case in range(600):
        mine = np.flatnonzero(JOURNEYS.owner == case)
        spoken = [k for k in mine if JOURNEYS.channel[k] != SELF and not JOURNEYS.abandoned[k]]
        quality = [JOURNEYS.quality[k] for k in spoken]
        assert found["agent"][case] == pytest.approx(sum(quality) / len(quality) if quality else 0.0)
        assert found["hold"][case] == pytest.approx(sum(JOURNEYS.held[k] for k in mine) / 60.0)
        assert found["repeat"][case] == max(JOURNEYS.assisted[case] - 1, 0)


def test_the_line_of_a_spreadsheet_goes_through_the_answers_given():
    said = answers(JOURNEYS, opinions(JOURNEYS, LIVED.felt, model=MODEL, seed=4), model=MODEL, seed=4)
    gave = said.answered
    surveys = Table("surveys", {"answered": gave, "satisfaction": said.satisfaction})
    found = by_line(effects(LIVED, surveys, model=MODEL))
    for fact, values in facts(JOURNEYS).items():
        if np.ptp(values[gave]) > 0.0:
            slope = np.polyfit(values[gave], said.satisfaction[gave] >= 4, 1)[0]
            assert found["naive", "top_two", fact].numerator / found["naive", "top_two", fact].denominator == (
                pytest.approx(slope)
            )


# ------------------------------------------------------------------------------------------------ two scenarios


def pair() -> tuple[Lived, Lived]:
    """Before: cases 0 to 399. After: 100 to 599, slower, others of which can be asked; of two contact types."""
    first = {"contact_type": np.arange(600) % 3 // 2}
    whole = replace(JOURNEYS, first=first, names={"contact_type": ("question", "complaint")})
    slower = replace(whole, wait=whole.wait * 3 + 40.0, surveyable=whole.surveyable ^ (np.arange(600) % 4 == 0))
    return lived_through(whole.some(np.arange(400))[0]), lived_through(slower.some(np.arange(100, 600))[0])


def test_the_survey_takes_facts_of_the_one_and_those_who_can_be_asked_of_the_other():
    before, after = pair()
    found = by_line(changes(before, after, model=MODEL))
    both = (np.arange(100, 400), np.arange(300))  # places of the cases 100 to 399
    for facts_of in (0, 1):
        for asked_as in (0, 1):
            lived = (before, after)[facts_of]
            high, every = expected_response(lived.felt, lived.journeys.method, model=MODEL)
            who = (before, after)[asked_as].journeys.surveyable[both[asked_as]]
            sums = found["surveyed", "top_two", f"{facts_of}{asked_as}"]
            assert sums.numerator == pytest.approx(high[both[facts_of]][who].sum())
            assert sums.denominator == pytest.approx(every[both[facts_of]][who].sum())
    levels_of = [ndtr(lived.felt.satisfaction[at] - CUT).sum() for lived, at in zip((before, after), both, strict=True)]
    for line, level in zip(("felt_before", "felt_after"), levels_of, strict=True):
        assert found["surveyed", "top_two", line].numerator == pytest.approx(level)
        assert found["surveyed", "top_two", line].denominator == 300


def test_a_contact_type_changes_by_its_own_cases():
    before, after = pair()
    found = by_line(changes(before, after, model=MODEL))
    moved = ndtr(after.felt.satisfaction[:300] - CUT) - ndtr(before.felt.satisfaction[100:] - CUT)
    codes = np.arange(100, 400) % 3 // 2
    for code, name in enumerate(("question", "complaint")):
        lines = [one for key, one in found.items() if key[0] == f"change contact_type={name}"]
        assert sum(one.numerator for one in lines) == pytest.approx(moved[codes == code].sum())
        assert {one.denominator for one in lines} == {np.count_nonzero(codes == code)}


def test_changes_of_value_that_cancel_are_worth_the_slope_where_the_customer_stands():
    """One case better by waiting, another as much worse by resolution: the stock stays, both lines are shown."""
    two = JOURNEYS.some(np.array([0, 1]))[0]
    two = replace(two, customer=np.array([5, 5]), end=np.zeros(2))
    customers = Table("customers", {"customer": np.array([5]), "lifetime_value": np.array([1.0])})
    base = lived_through(two, counted=np.array([-1.0, -1.0]), customers=customers, hazard=np.array([0.02]))
    drivers = base.felt.drivers.copy()
    drivers[0, DRIVERS.index("wait")] += 0.25
    drivers[1, DRIVERS.index("unresolved")] -= 0.25
    moved = replace(base, felt=replace(base.felt, drivers=drivers), counted=np.array([-0.5, -1.5]))
    found = by_line(changes(base, moved, model=MODEL))
    months = [months_of_margin(np.array([s]), model=MODEL, base_hazard=0.02)[0] for s in (-2.001, -2.0, -1.999)]
    worth = 0.5 * (months[2] - months[0]) / 0.002 / months[1]
    assert found["change", VALUE, "wait"].numerator == pytest.approx(worth, rel=1e-4)
    assert found["change", VALUE, "unresolved"].numerator == pytest.approx(-worth, rel=1e-4)


# ------------------------------------------------------------------------------------------- what a trial counts


def test_a_stake_is_counted_over_those_whom_it_concerns():
    stake = Stake("quick", "wait", "", "", 200, 80, 60, 5.0, 7.0, 30.0, 40, "")
    found = {(one.metric, one.variant): one for one in felt._stake_counts(stake)}
    expected = {
        ("moment_met", "wait"): (80, 200), ("moment_kept", "wait"): (60, 80),
        ("moment_points", "top_two"): (500.0, 200), ("moment_nps", "all"): (700.0, 200),
        ("moment_money", "case"): (30.0, 40), ("moment_money", "total"): (30.0, 1),
    }  # fmt: skip
    assert {key: (one.numerator, one.denominator) for key, one in found.items()} == expected


def counted(replication: int, sets: list | None = None, **settings):
    """Parts counted of a small centre with a moment of truth."""
    goal = {"measure": "wait", "touchpoint": "phone", "at_most": "20 s", "share": "80%", "importance": 1.5}
    scenario = load_scenario(
        centre(
            types={"call": {"volume": "60 per day", "enters": {"phone": 1}}},
            touchpoints={"phone": phone(resolves="70%")}, goals={"quick": goal}, **settings,
        )
    )  # fmt: skip
    asked = felt.Asked(3, replication, MODEL, lambda one: simulate(one, seed=3, engine="process"))
    log = asked.simulated(scenario)
    perceived, feelings = felt.felt_log(log, scenario, asked)
    return felt.counted_feelings(log, perceived, feelings, scenario, asked, against=None)


def test_effects_and_other_parameters_are_counted_in_the_first_replications_alone(monkeypatch):
    seen = []
    monkeypatch.setattr(felt, "parameter_sets", lambda model: [model, model])
    monkeypatch.setattr(felt, "drawn_scores", lambda sample, sets: seen.append(sets) or DRAWN(sample, sets))
    parts = [{by for by, _ in counted(replication)} for replication in (0, 2, 3, 9, 10)]
    assert [felt.PARAMETERS in found for found in parts] == [True, True, False, False, False]
    assert ["explain:effect" in found for found in parts] == [True, True, True, True, False]
    # Whatever the sizes, losses weigh more at the moment of truth.
    assert [[one.declared[0].factor for one in sets] for sets in seen] == [[1.5, 1.5]] * 2


DRAWN = felt.drawn_scores


def test_the_number_behind_a_level_is_a_probability():
    actual = next(c for by, c in counted(5) if by == "explain:level" and (c.metric, c.group) == ("top_two", "actual"))
    assert actual.value == pytest.approx(actual.numerator / actual.denominator)
    assert 0.0 < actual.value < probability_above(np.array([2.0]), CUT)[0]
