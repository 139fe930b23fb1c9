"""Moments of truth: a plain loop for each measure, no stake below zero, all of a driver where a moment covers it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from cxsim.contacts.columns import ABANDONED, BALKED, BLOCKED, CLOSED, NO_TRANSFER
from cxsim.errors import PerceptionError
from cxsim.perception.customers import end_of
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import experience, months_of_margin, stocks
from cxsim.perception.moments import MEASURES, UNFELT, Moment, kept
from cxsim.perception.parameters import Importance
from cxsim.perception.satisfaction import DRIVERS, contributions, weights_of
from cxsim.perception.stakes import Stake, ranked, stakes
from cxsim.perception.surveys import feelings_of

MODEL = load_model()
LIMITS = {
    "wait": 20.0, "first_response_time": 20.0, "handle_time": 300.0, "resolution_time": 3600.0, "contacts": 1.0,
    "transfers": 0.0, "repeated_information": 0.0, "resolved": None,
}  # fmt: skip
FILTERS = ({}, {"touchpoint": "phone"}, {"touchpoint": "ticket"}, {"segment": "guest", "contact_type": "incident"})


@pytest.fixture(params=range(4))
def log(request, random_log):
    """A log with every oddity, some of whose answered touches tell the story again."""
    made = random_log(request.param)
    t = made.touchpoints
    again = np.random.default_rng(request.param).random(len(t)) < 0.4
    return made.with_tables(touchpoints=t.with_columns(reinfo=again & ~np.isnan(t.answered)))


def moment(measure, **where):
    return Moment(measure, measure, LIMITS[measure], **where)


def cases_of(log, rows_of):
    """Rows of each case in order of time."""
    found = {}
    for row in rows_of(log.touchpoints):
        found.setdefault((row["replication"], row["case"]), []).append(row)
    order = ("offered", "contact", "touch")
    return {key: sorted(rows, key=lambda row: [row[name] for name in order]) for key, rows in sorted(found.items())}


def by_hand(rows, asked, names):
    """Whether one journey meets and keeps a moment, as anyone would count it."""

    def is_named(row, column):
        wanted = getattr(asked, column)
        return wanted is None or names[column][row[column]] == wanted

    if not (is_named(rows[0], "segment") and is_named(rows[0], "contact_type")):
        return False, False
    answered = [row for row in rows if row["staffed"] and not math.isnan(row["answered"])]
    resolved = [row["ended"] for row in rows if row["truly_resolved"]]
    if asked.measure in ("resolved", "resolution_time"):
        limit = math.inf if asked.within is None else asked.within
        return is_named(rows[0], "touchpoint"), bool(resolved) and max(resolved) - rows[0]["offered"] <= limit
    if asked.measure == "contacts":
        n = len({row["contact"] for row in answered})
        return is_named(rows[0], "touchpoint") and n > 0, n <= asked.within
    here = [row for row in rows if row["staffed"] and is_named(row, "touchpoint")]
    if asked.measure in ("transfers", "repeated_information"):
        spoken = [row for row in here if row in answered]
        happened = {
            "transfers": sum(row["transfer_kind"] != NO_TRANSFER for row in spoken),
            "repeated_information": sum(row["reinfo"] for row in spoken),
        }
        return bool(spoken), happened[asked.measure] <= asked.within
    if asked.measure == "handle_time":
        times = [row["wrapped"] - row["answered"] for row in here if not math.isnan(row["wrapped"] - row["answered"])]
        return bool(times), all(time <= asked.within for time in times)
    shut = (BLOCKED, CLOSED, BALKED)
    at_the_door = [row for row in here if row["outcome"] in shut and not row["ended"] > row["offered"]]
    here = [row for row in here if not row["chaser"] and (row in answered or row not in at_the_door)]
    if asked.measure == "wait":
        counted = [row for row in here if not row["deferred"] and math.isnan(row["callback"])]
        counted = [row for row in counted if row in answered or row["outcome"] == ABANDONED]
    else:
        counted = [row for row in here if row["deferred"]]
    return bool(counted), all(row["answered"] - row["offered"] <= asked.within for row in counted)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_who_keeps_a_moment_is_what_a_plain_loop_finds(log, rows_of, measure, where):
    asked = moment(measure, **where)
    journeys = feelings_of(log, seed=1, model=MODEL).journeys
    found = kept(log, journeys, asked)
    expected = [by_hand(rows, asked, log.names) for rows in cases_of(log, rows_of).values()]
    assert found.met.tolist() == [met for met, _ in expected]
    assert found.missed.tolist() == [met and not keeps for met, keeps in expected]


@pytest.mark.parametrize("measure", ["contacts", "transfers", "repeated_information"])
@pytest.mark.parametrize("limit", [1.0, 2.0])
def test_a_number_counts_within_its_own_journey(log, rows_of, measure, limit):
    asked = Moment(measure, measure, limit)
    found = kept(log, feelings_of(log, seed=1, model=MODEL).journeys, asked)
    expected = [by_hand(rows, asked, log.names) for rows in cases_of(log, rows_of).values()]
    assert found.missed.tolist() == [met and not keeps for met, keeps in expected]


@pytest.mark.parametrize("measure", MEASURES)
def test_no_stake_lies_below_zero_and_none_remains_where_all_keep(log, measure):
    feelings = feelings_of(log, seed=1, model=MODEL)
    found = stakes(log, feelings, [moment(measure)], model=MODEL)
    assert found[0].part == ""
    assert found[0].kept <= found[0].met <= found[0].journeys == len(feelings.journeys)
    for stake in found if measure not in UNFELT else ():
        assert min(stake.satisfaction, stake.recommendation, stake.money) >= 0.0
        assert (stake.satisfaction > 0.0) <= (stake.kept < stake.met)
        assert stake.recommendation <= 2 * (stake.met - stake.kept)


def test_a_limit_that_everyone_keeps_leaves_nothing_at_stake(log):
    easy = [replace(moment(measure), within=1e12) for measure in ("contacts", "transfers", "repeated_information")]
    for stake in stakes(log, feelings_of(log, seed=1, model=MODEL), easy, model=MODEL):
        assert (stake.kept, stake.satisfaction, stake.money) == (stake.met, 0.0, 0.0)


@pytest.mark.parametrize(
    ("measure", "driver"),
    [("resolved", "unresolved"), ("contacts", "repeat"), ("repeated_information", "repeated_information")],
)
def test_a_moment_that_covers_a_driver_is_worth_all_of_it(log, measure, driver):
    """Points at stake are the score without the driver less the score, over all journeys."""
    # Touches weigh alike, so that taking one loss away moves no weight to another.
    memory = replace(MODEL.memory, every=1.0, peak=0.0, end=0.0)
    model = replace(MODEL, memory=memory)
    feelings = feelings_of(log, seed=1, model=model)
    (stake,) = stakes(log, feelings, [moment(measure)], model=model, parts=False)
    column, weights = feelings.felt.drivers[:, DRIVERS.index(driver)], weights_of(model, "satisfaction")
    without = feelings.felt.satisfaction - weights[DRIVERS.index(driver)] * column
    cut = model.anchors.satisfaction[2]
    assert stake.satisfaction == pytest.approx(np.sum(ndtr(without - cut) - ndtr(feelings.felt.satisfaction - cut)))
    assert stake.satisfaction > 0.0


def test_late_answers_come_at_the_limit_and_nobody_there_gave_up(log):
    """The stake of a wait by direct computation on the facts of each journey."""
    asked = moment("wait", touchpoint="phone")
    feelings = feelings_of(log, seed=1, model=MODEL)
    journeys, found = feelings.journeys, kept(log, feelings.journeys, asked)
    wait, attempts = journeys.wait.copy(), journeys.abandoned_attempts.copy()
    for touch in np.flatnonzero(found.late):
        wait[touch] = min(wait[touch], asked.within)
        attempts[journeys.owner[touch]] -= log.touchpoints.outcome[journeys.row[touch]] == ABANDONED
    better = contributions(replace(journeys, wait=wait, abandoned_attempts=attempts), model=MODEL)
    cut = MODEL.anchors.satisfaction[2]
    (stake, *_) = stakes(log, feelings, [asked], model=MODEL)
    assert stake.satisfaction == pytest.approx(
        np.sum(ndtr(better.satisfaction - cut) - ndtr(feelings.felt.satisfaction - cut))
    )
    assert attempts.min() >= 0
    assert attempts.sum() < journeys.abandoned_attempts.sum()


def test_in_time_means_resolved_and_at_the_limit(log):
    feelings = feelings_of(log, seed=1, model=MODEL)
    journeys = feelings.journeys
    end = np.minimum(journeys.end, journeys.begin + 3600.0)
    better = contributions(replace(journeys, end=end, resolved=np.ones(len(journeys), bool)), model=MODEL)
    low, high = MODEL.anchors.recommendation[6], MODEL.anchors.recommendation[8]
    gains = [ndtr(better.recommendation - cut) - ndtr(feelings.felt.recommendation - cut) for cut in (low, high)]
    (stake, *_) = stakes(log, feelings, [moment("resolution_time")], model=MODEL)
    assert stake.recommendation == pytest.approx(np.sum(gains))


def test_money_is_the_value_of_each_customer_with_and_without(log):
    """Customer by customer and replication by replication: months of margin of both stocks."""
    feelings = feelings_of(log, seed=1, model=MODEL)
    journeys = feelings.journeys
    better = contributions(replace(journeys, resolved=np.ones(len(journeys), bool)), model=MODEL)
    end = end_of(log, journeys)
    now, then = (
        stocks(journeys, experience(felt, feelings.held, model=MODEL), model=MODEL, at=end)
        for felt in (feelings.felt, better)
    )
    months = months_of_margin(then.stock, model=MODEL) - months_of_margin(now.stock, model=MODEL)
    margin = dict(zip(log.customers.customer.tolist(), log.customers.margin.tolist(), strict=True))
    expected = sum(margin[who] * gain for who, gain in zip(now.customer.tolist(), months.tolist(), strict=True))
    (stake, *_) = stakes(log, feelings, [moment("resolved")], model=MODEL)
    assert stake.money == pytest.approx(expected)
    assert stake.valued == np.count_nonzero(journeys.customer >= 0)


def test_segments_share_out_the_whole(log):
    found = stakes(log, feelings_of(log, seed=1, model=MODEL), [moment("resolved")], model=MODEL)
    whole, parts = found[0], [stake for stake in found if stake.part == "segment"]
    assert [part.group for part in parts] == ["staff", "guest"]
    for name in ("journeys", "met", "kept", "satisfaction", "recommendation"):
        assert sum(getattr(part, name) for part in parts) == pytest.approx(getattr(whole, name))


def test_touchpoints_are_told_apart_where_the_moment_names_none(log):
    feelings = feelings_of(log, seed=1, model=MODEL)
    found = stakes(log, feelings, [moment("wait")], model=MODEL)
    for part in (stake for stake in found if stake.part == "touchpoint"):
        (own, *_) = stakes(log, feelings, [moment("wait", touchpoint=part.group)], model=MODEL, parts=False)
        assert (part.met, part.kept, part.satisfaction) == (own.met, own.kept, own.satisfaction)
    assert {stake.group for stake in found if stake.part == "touchpoint"} == {"phone", "second_line"}


def test_without_a_margin_there_is_a_reason_and_no_number(log):
    bare = log.with_tables(customers=log.customers.with_columns(margin=np.full(len(log.customers), math.nan)))
    (stake, *_) = stakes(bare, feelings_of(bare, seed=1, model=MODEL), [moment("resolved")], model=MODEL)
    assert (stake.money, stake.reason) == (None, "no customer has a margin")
    (unfelt, *_) = stakes(log, feelings_of(log, seed=1, model=MODEL), [moment("handle_time")], model=MODEL)
    assert (unfelt.satisfaction, unfelt.money) == (None, None)
    assert "nobody feels" in unfelt.reason


def test_moments_are_ranked_by_money_and_without_it_by_points():
    def stake(name, satisfaction, money):
        return Stake(name, "wait", "", "", 10, 10, 5, satisfaction, 0.0, money, 10 if money is not None else 0, "")

    assert [s.moment for s in ranked([stake("a", 9.0, 1.0), stake("b", 1.0, 2.0)])] == ["b", "a"]
    assert [s.moment for s in ranked([stake("a", 1.0, None), stake("b", 9.0, None)])] == ["b", "a"]


def test_losses_weigh_more_only_where_a_moment_is_declared_important(log):
    journeys = feelings_of(log, seed=1, model=MODEL).journeys
    plain = contributions(journeys, model=MODEL).satisfaction
    heavy = replace(MODEL, declared=(Importance(1.5, "phone", segment="guest"),))
    weighed = contributions(journeys, model=heavy).satisfaction
    at_phone = np.zeros(len(journeys), bool)
    at_phone[journeys.owner[journeys.touchpoint == log.names["touchpoint"].index("phone")]] = True
    mine = at_phone & (journeys.first["segment"] == log.names["segment"].index("guest"))
    assert np.array_equal(weighed[~mine], plain[~mine])
    assert np.all(weighed <= plain)
    assert np.any(weighed[mine] < plain[mine])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"measure": "waits"}, "did you mean 'wait'"),
        ({"within": None}, "without a limit"),
        ({"touchpoint": "fone"}, "did you mean 'phone'"),
        ({"segment": "nobody"}, "here: staff, guest"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(random_log, wrong, said):
    log = random_log(0)
    with pytest.raises(PerceptionError, match=said):
        kept(log, feelings_of(log, seed=1, model=MODEL).journeys, replace(moment("wait"), **wrong))


def test_journeys_from_elsewhere_are_refused(random_log):
    log = random_log(0)
    journeys = replace(feelings_of(log, seed=1, model=MODEL).journeys, row=np.empty(0, np.intp))
    with pytest.raises(PerceptionError, match="use journeys_of"):
        kept(log, journeys, moment("wait"))
