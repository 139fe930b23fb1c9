"""From counters to estimates and differences: by hand, on counters that anyone can add up."""

import math

import numpy as np
import pandas as pd
import pytest

from cxsim.designs.compare import holm, ratio_difference
from cxsim.designs.estimate import ratio_interval
from cxsim.designs.quantiles import quantile_interval
from cxsim.designs.tables import difference_table, estimate_table, first_replications, interval_of, series_of

LEVEL = "service_level", "strict", "1", "higher"
WAIT = "average_speed_of_answer", "answered", "s", "lower"


def rows(scenario, about, pairs, *, by="", group="all"):
    """Counters of one metric: a numerator and a denominator each replication; None where it did not occur."""
    metric, variant, unit, better = about
    return [
        {
            "scenario": scenario,
            "replication": replication,
            "by": by,
            "metric": metric,
            "variant": variant,
            "group": group,
            "numerator": pair[0],
            "denominator": pair[1],
            "n": int(pair[1]),
            "unit": unit,
            "better": better,
            "kind": "process",
            "p": math.nan,
            "values": None,
        }
        for replication, pair in enumerate(pairs)
        if pair is not None
    ]


def quantile_rows(scenario, samples, *, p):
    found = rows(scenario, ("wait_quantile", f"p{p:.0%}", "s", "lower"), [(math.nan, len(part)) for part in samples])
    for row, part in zip(found, samples, strict=True):
        row |= {"p": p, "values": np.sort(np.asarray(part, dtype=float))}
    return found


TODAY = [(160.0, 200.0), (92.0, 140.0), (210.0, 240.0), (128.0, 170.0), (175.0, 205.0)]
MORE = [(168.0, 200.0), (104.0, 141.0), (216.0, 239.0), (137.0, 171.0), (182.0, 205.0)]


def single(table):
    (row,) = table.to_dict("records")
    return row


def test_a_ratio_is_the_ratio_of_the_sums_with_its_interval():
    found = single(estimate_table(pd.DataFrame(rows("today", LEVEL, TODAY)), replications=5))
    assert found["value"] == pytest.approx((160 + 92 + 210 + 128 + 175) / (200 + 140 + 240 + 170 + 205), rel=1e-14)
    direct = ratio_interval([y for y, _ in TODAY], [n for _, n in TODAY])
    assert (found["low"], found["high"], found["standard_error"]) == (direct.low, direct.high, direct.standard_error)
    assert (found["numerator"], found["denominator"], found["n"]) == (765.0, 955.0, 955)
    assert (found["unit"], found["better"], found["replications"]) == ("1", "higher", 5)


def test_a_replication_without_a_row_counts_nothing_but_is_a_replication():
    pairs = [TODAY[0], None, TODAY[2], None, TODAY[4]]
    found = single(estimate_table(pd.DataFrame(rows("today", LEVEL, pairs)), replications=5))
    direct = ratio_interval([160.0, 0, 210.0, 0, 175.0], [200.0, 0, 240.0, 0, 205.0])
    assert found["value"] == pytest.approx(545 / 645, rel=1e-14)
    assert found["standard_error"] == direct.standard_error


def test_a_number_a_day_counts_the_days_on_which_there_was_none():
    offered = "contacts_offered", "default", "contacts/day", "band"
    pairs = [(4.0, 2.0), None, (8.0, 2.0), None]
    found = single(estimate_table(pd.DataFrame(rows("today", offered, pairs, by="touchpoint")), replications=4))
    assert found["value"] == 12.0 / 8.0


def test_steps_of_cases_are_counted_a_replication():
    flow = "flow", "count", "1", "band"
    pairs = [(3.0, 1.0), None, (9.0, 1.0)]
    found = single(estimate_table(pd.DataFrame(rows("today", flow, pairs, by="flow", group="a|b")), replications=3))
    assert found["value"] == 4.0


def test_the_interval_of_a_share_or_a_wait_ends_where_the_metric_does():
    share = single(
        estimate_table(pd.DataFrame(rows("a", LEVEL, [(9, 10), (10, 10), (10, 10), (10, 10)])), replications=4)
    )
    assert share["high"] == 1.0
    assert share["low"] < share["value"] == 39 / 40
    wait = single(estimate_table(pd.DataFrame(rows("a", WAIT, [(0, 10), (0, 10), (0, 10), (9, 10)])), replications=4))
    assert wait["low"] == 0.0
    assert wait["high"] > wait["value"] == 9 / 40
    points = "net_promoter_score", "all", "points", "higher"
    score = single(estimate_table(pd.DataFrame(rows("a", points, [(-90, 10), (30, 10), (-70, 10)])), replications=3))
    assert score["low"] < score["value"] < 0  # a score may be negative: nothing ends at 0


def test_a_quantile_is_of_all_observations_together():
    rng = np.random.default_rng(3)
    samples = [rng.exponential(60.0, 400) for _ in range(5)]
    found = single(estimate_table(pd.DataFrame(quantile_rows("today", samples, p=0.8)), replications=5))
    direct = quantile_interval([np.sort(part) for part in samples], p=0.8)
    assert (found["value"], found["low"], found["high"]) == (direct.value, direct.low, direct.high)
    assert math.isnan(found["numerator"])
    assert found["n"] == 2000


def test_the_first_replications_of_a_series_give_their_own_interval():
    days = list(np.random.default_rng(5).exponential(60.0, size=(12, 40)))
    (waits,) = series_of(pd.DataFrame(quantile_rows("today", days, p=0.5)), replications=12)
    found = interval_of(first_replications(waits, 8))
    assert found == quantile_interval(days[:8], p=0.5)
    assert (found.n, found.flags) == (8, ())


def test_a_quantile_that_nobody_was_observed_for_is_open_and_says_so():
    found = single(estimate_table(pd.DataFrame(quantile_rows("today", [[], [], []], p=0.5)), replications=3))
    assert math.isnan(found["value"])
    assert found["flags"] == "nothing_observed"


def test_the_longest_of_all_has_no_interval():
    found = single(estimate_table(pd.DataFrame(quantile_rows("today", [[1, 5], [9, 2], []], p=1.0)), replications=3))
    assert found["value"] == 9.0
    assert math.isnan(found["low"])
    assert found["flags"] == "no_interval"


def test_a_difference_is_paired_by_replication():
    counters = pd.DataFrame(rows("today", LEVEL, TODAY) + rows("more", LEVEL, MORE))
    found = single(difference_table(counters, base="today", replications=5))
    direct = ratio_difference(
        [y for y, _ in MORE],
        [n for _, n in MORE],
        base_numerators=[y for y, _ in TODAY],
        base_denominators=[n for _, n in TODAY],
    )
    assert (found["low"], found["high"], found["p_value"]) == (
        direct.interval.low,
        direct.interval.high,
        direct.p_value,
    )
    assert found["difference"] == pytest.approx(found["value"] - found["base"], rel=1e-12)
    assert (found["scenario"], found["outcome"]) == ("more", "above")
    assert found["variance_ratio"] > 10


def test_rows_in_any_order_are_paired_alike():
    counters = pd.DataFrame(rows("today", LEVEL, TODAY) + rows("more", LEVEL, MORE))
    one = difference_table(counters, base="today", replications=5)
    other = difference_table(counters.iloc[[3, 8, 1, 0, 9, 2, 7, 4, 6, 5]], base="today", replications=5)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_difference_of_quantiles_is_paired_too():
    rng = np.random.default_rng(3)
    before = [rng.exponential(60.0, 400) for _ in range(6)]
    counters = pd.DataFrame(
        quantile_rows("today", before, p=0.8) + quantile_rows("less", [0.5 * part for part in before], p=0.8)
    )
    found = single(difference_table(counters, base="today", replications=6))
    assert found["value"] == pytest.approx(0.5 * found["base"], rel=1e-12)
    assert found["outcome"] == "below"
    assert found["correlation"] > 0.9


def test_a_group_that_only_one_of_the_two_has_is_left_out_of_the_differences():
    here = rows("today", LEVEL, TODAY, by="touchpoint", group="phone")
    there = rows("more", LEVEL, MORE, by="touchpoint", group="phone")
    new = rows("more", LEVEL, MORE, by="touchpoint", group="chat")
    old = rows("today", LEVEL, TODAY, by="touchpoint", group="fax")
    found = difference_table(pd.DataFrame(here + old + there + new), base="today", replications=5)
    assert list(found["group"]) == ["phone"]


def test_breakdowns_of_the_day_have_estimates_and_no_differences():
    counters = pd.DataFrame(
        rows("today", LEVEL, TODAY, by="interval", group="08:00")
        + rows("more", LEVEL, MORE, by="interval", group="08:00")
    )
    assert len(estimate_table(counters, replications=5)) == 2
    assert len(difference_table(counters, base="today", replications=5)) == 0


def test_p_values_are_adjusted_over_what_was_to_be_confirmed_and_nothing_else():
    other = "abandonment_rate", "all", "1", "lower"
    side = "occupancy", "default", "1", "band"
    counters = pd.DataFrame(
        [
            *rows("today", LEVEL, TODAY),
            *rows("today", other, [(5, 50), (9, 60), (4, 40), (8, 70), (5, 45)]),
            *rows("today", side, TODAY),
            *rows("today", LEVEL, TODAY, by="touchpoint", group="phone"),
            *rows("more", LEVEL, MORE),
            *rows("more", other, [(4, 50), (9, 61), (2, 40), (8, 69), (4, 45)]),
            *rows("more", side, MORE),
            *rows("more", LEVEL, MORE, by="touchpoint", group="phone"),
        ]
    )
    confirm = ("service_level:strict", "abandonment_rate:all")
    table = difference_table(counters, base="today", replications=5, confirm=confirm)
    whole = table[table["by"] == ""].set_index("metric")
    wanted = whole.loc[["service_level", "abandonment_rate"]]
    assert list(wanted["p_holm"]) == list(holm(wanted["p_value"]))
    assert min(wanted["p_holm"]) == 2 * min(wanted["p_value"])
    assert math.isnan(whole.loc["occupancy", "p_holm"])
    assert table.loc[table["by"] == "touchpoint", "p_holm"].isna().all()


def test_one_replication_gives_values_without_intervals_or_verdicts():
    counters = pd.DataFrame(rows("today", LEVEL, TODAY[:1]) + rows("more", LEVEL, MORE[:1]))
    found = single(difference_table(counters, base="today", replications=1))
    assert math.isnan(found["low"])
    assert found["outcome"] == "unresolved"
    assert found["difference"] == pytest.approx(168 / 200 - 160 / 200)
