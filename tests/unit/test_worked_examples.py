"""Every public worked example of the metric reference, to the printed digit.

Left out, with the reason: the ratio of the mean to the median speed of answer (35.2 s and 20.5 s), the tables of
observed ranges and the links between metrics are figures of samples, not examples of a formula; "cost about triples
with each escalation" quotes no inputs; the worked service desk scorecard (61.36) is in `test_scorecard.py`; Wilson
intervals (section 4) are those of `test_scorecard.py` and `test_estimate.py`.
"""

import math

import pytest

from cxsim.contacts.columns import ABSENT, AVAILABLE, BREAK, RESOLVED, UNRESOLVED, WARM
from cxsim.errors import MetricUnavailable
from cxsim.metrics import formulas
from cxsim.metrics.accessibility import abandonment_rate, service_level
from cxsim.metrics.demand import contact_rate
from cxsim.metrics.financial import churn_rate, cost_per_contact
from cxsim.metrics.first_contact import first_contact_resolution
from cxsim.metrics.levels import escalation_rate
from cxsim.metrics.resolution import contacts_per_case
from cxsim.metrics.response import resolution_time
from cxsim.metrics.self_service import deflection_rate, self_service_score
from cxsim.metrics.workforce import shrinkage
from cxsim.metrics.workload import backlog_ratio

HOUR, DAY = 3600.0, 86400.0


def percent(share):
    return round(100 * share, 1)


def calls(*, answered, abandoned):
    rows = [{"answered": wait, "ended": wait + 60.0} for wait, n in answered.items() for _ in range(n)]
    return rows + [{"ended": wait} for wait, n in abandoned.items() for _ in range(n)]


@pytest.mark.parametrize(
    ("variant", "printed"),
    [
        ("strict", 81.13),
        ("answered_only", 86.00),
        ("abandon_credit", 83.02),
        ("ignore_in_threshold", 82.69),
        ("short_credit", 82.08),
        ("short_excluded", 81.90),
    ],
)
def test_icmi_one_afternoon_has_six_service_levels(make_log, variant, printed):
    log = make_log(calls(answered={10.0: 860, 90.0: 140}, abandoned={4.0: 10, 15.0: 10, 120.0: 40}))
    assert round(100 * service_level(log, variant=variant).value, 2) == printed


@pytest.mark.parametrize(("left", "of", "share"), [(10, 100, 10.0), (40, 1000, 4.0)])
def test_abandonment(make_log, left, of, share):
    log = make_log(calls(answered={0.0: of - left}, abandoned={30.0: left}))
    assert percent(abandonment_rate(log).value) == percent(formulas.one_rate(left, of)) == share


def test_mttr_of_friday_four_to_monday_four_is_8_business_hours_not_72(make_log):
    friday, monday = 4 * DAY + 16 * HOUR, 7 * DAY + 16 * HOUR
    rows = [{"offered": friday, "answered": monday - 60, "ended": monday}]
    log = make_log(rows, meta={"origin": "2026-01-05"})
    assert resolution_time(log, hours="mon-fri 09:00-17:00").value / HOUR == 8.0
    assert resolution_time(log).value / HOUR == 72.0


def test_ten_open_on_two_hundred_a_day_is_a_backlog_of_5_percent(make_log):
    rows = [{"offered": 100.0 * k, "answered": 100.0 * k, "ended": 100.0 * k + 60} for k in range(190)]
    rows += [{"offered": 100.0 * k, "answered": 90_000.0, "ended": 90_060.0} for k in range(10)]
    assert percent(backlog_ratio(make_log(rows, meta={"horizon": DAY})).value) == 5.0


def test_metricnet_tickets_prevented(make_log):
    before, after = (10_000.0, 8_000.0), (9_000.0, 8_500.0)
    assert formulas.one_rate(*before) == 1.25
    assert round(formulas.one_rate(*after), 2) == 1.06
    prevented = formulas.tickets_prevented(before=before, after=after, digits=2)
    assert round(prevented) == 1615
    assert round(22 * prevented) == 35_530
    assert round(formulas.tickets_prevented(before=before, after=after)) == 1625
    assert round(22 * formulas.tickets_prevented(before=before, after=after)) == 35_750
    month = [{"case": k, "offered": 3.0 * DAY * k, "ended": 3.0 * DAY * k} for k in range(10)]
    assert contact_rate(make_log(month, meta={"horizon": 30 * DAY}), customers=8).value == 1.25


def test_sqm_seventy_percent_of_issues_are_49_percent_of_contacts(make_log):
    assert percent(formulas.resolution_per_contact(0.70)) == 49.0
    assert round(formulas.contacts_per_case_of(0.70), 2) == 1.43
    rows = []
    for case in range(10_000):  # 70 % of each contact's cases, until few are left
        n = 1 + sum(case >= 10_000 * (1 - 0.3**k) for k in range(1, 9))
        about = {"case": case, "answered": 0.0, "ended": 60.0}
        rows += [{**about, "contact": k, "outcome": RESOLVED if k == n - 1 else UNRESOLVED} for k in range(n)]
    log = make_log(rows, meta={"horizon": DAY})
    assert percent(first_contact_resolution(log).value) == 49.0
    assert percent(first_contact_resolution(log, variant="per_case").value) == 70.0
    assert round(contacts_per_case(log).value, 2) == 1.43


def test_fifteen_escalated_of_five_hundred_are_3_percent(make_log):
    about = {"answered": 0.0, "ended": 60.0}
    rows = [{**about, "case": case, "transfer_kind": WARM if case < 15 else 0} for case in range(500)]
    rows += [{**about, "case": case, "touch": 1, "touchpoint": 3} for case in range(15)]
    assert percent(escalation_rate(make_log(rows)).value) == percent(formulas.one_rate(15, 500)) == 3.0


def test_six_and_a_half_thousand_of_ten_thousand_deflected_are_65_percent(make_log):
    about = {"answered": 0.0, "ended": 60.0}
    rows = [{**about, "staffed": False} for _ in range(65)] + [about for _ in range(35)]
    assert percent(deflection_rate(make_log(rows), variant="of_all").value) == 65.0
    assert percent(formulas.one_rate(6_500, 10_000)) == 65.0


def test_a_help_centre_of_four_users_to_one_who_files_a_ticket(make_log):
    rows = [{"answered": 0.0, "ended": 60.0, "customer": k, "staffed": k == 4} for k in range(5)]
    assert self_service_score(make_log(rows)).value == 4.0


def test_two_million_for_two_hundred_thousand_contacts_is_10(make_log):
    assert formulas.cost_per(2_000_000, 200_000) == 10.0
    rows = [{"offered": 360.0 * k, "answered": 360.0 * k, "ended": 360.0 * k + 60} for k in range(2)]
    staffing = [{"start": 0.0, "end": HOUR, "kind": AVAILABLE}]
    log = make_log(rows, staffing=staffing, agents=[{"agent": 0, "cost": 20.0}], meta={"horizon": DAY})
    assert cost_per_contact(log).value == 10.0


def test_five_lost_of_a_hundred_is_a_churn_of_5_percent(make_log):
    customers = [{"customer": k, "segment": 0, "churn": float(k < 5)} for k in range(100)]
    assert churn_rate(make_log(customers=customers)).value == formulas.one_rate(5, 100) == 0.05


def test_three_percent_a_month_is_30_6_a_year_and_printed_as_31():
    assert percent(formulas.churn_over(12, churn=0.03)) == 30.6
    assert round(100 * formulas.churn_over(12, churn=0.03)) == 31


def test_revenue_retention_with_and_without_growth():
    parts = {"contraction": 5.0, "churned": 7.0}
    assert formulas.gross_revenue_retention(100.0, **parts) == 0.88
    assert formulas.net_revenue_retention(100.0, expansion=13.0, **parts) == 1.01
    assert formulas.gross_revenue_retention(100.0, contraction=-9.0, churned=0.0) == 1.0


def test_lifetime_values_are_the_sums_that_they_close():
    terms = {"retention": 0.8, "discount": 0.1}
    r, d, m = 0.8, 0.1, 30.0
    assert formulas.lifetime_value(m, **terms) == pytest.approx(m * (1 + d) / (1 + d - r))
    assert formulas.lifetime_value(m, first="later", **terms) == pytest.approx(m * r / (1 + d - r))
    assert formulas.lifetime_value(m, retention=0.8) == pytest.approx(m / (1 - r))
    assert formulas.lifetime_value(m, periods=3, **terms) == pytest.approx(
        sum(m * (r / (1 + d)) ** t for t in range(3))
    )
    assert formulas.lifetime_value(m, periods=400, **terms) == pytest.approx(formulas.lifetime_value(m, **terms))
    with pytest.raises(MetricUnavailable, match=r"retention: 1\.2; below 1\.1"):
        formulas.lifetime_value(m, retention=1.2, discount=0.1)


def test_eight_of_leave_and_three_of_breaks_in_forty_are_27_5_percent(make_log):
    pieces = [(0, 29, AVAILABLE), (29, 32, BREAK), (32, 40, ABSENT)]
    staffing = [{"start": a * HOUR, "end": b * HOUR, "kind": kind} for a, b, kind in pieces]
    assert percent(shrinkage(make_log(staffing=staffing, meta={"horizon": 40 * HOUR})).value) == 27.5
    assert percent(formulas.shrinkage_of(8 + 3, paid=40)) == 27.5


def test_gross_up_is_division():
    assert round(formulas.gross_up(100, shrinkage=0.3), 1) == 142.9
    assert round(130 * (1 - 0.3)) == 91
    with pytest.raises(MetricUnavailable, match="gross_up"):
        formulas.gross_up(100, shrinkage=1.0)


def test_two_tables_make_a_utilisation_of_51_5_percent():
    assert percent(formulas.utilisation_from(0.706, shrinkage=0.270)) == 51.5
    # A month of 500 contacts at 10 minutes in 21 days of 8 hours.
    assert formulas.metricnet_utilisation(500, handle_time=10, days=21, hours=8) == pytest.approx(5000 / 10_080)


def test_amazon_adherence_of_two_mornings():
    # Scheduled 8:00 to 11:00; starts 7:30, breaks from 10:30 on.
    first = formulas.adherence_of({"work": [(480, 660)]}, {"work": [(450, 630)], "break": [(630, 660)]})
    assert first == 150 / 180
    assert round(100 * first) == 83
    # Work 9:00 to 10:30, break, meeting from 11:00 to 12:00; works until 10:45, and stays on break. Only whether an
    # agent takes contacts counts in that guide: a break in place of a meeting is kept.
    planned = {"work": [(540, 630)], "away": [(630, 720)]}
    second = formulas.adherence_of(planned, {"work": [(540, 645)], "away": [(645, 720)]})
    assert second == 165 / 180
    assert round(100 * second) == 92
    plan, day = {"break": [(630, 660)], "meeting": [(660, 720)]}, {"break": [(645, 720)]}
    assert formulas.adherence_of(plan, day) == 15 / 90  # told apart, the meeting is missed


def test_attrition_of_two_published_years():
    assert percent(formulas.attrition(5, headcount=15)) == 33.3
    assert percent(formulas.attrition(68, headcount=300)) == 22.7
    assert formulas.attrition(2, headcount=100, months=1) == pytest.approx(0.24)
    assert percent(formulas.attrition(2, headcount=100, months=1, compounding=True)) == 21.5


def test_net_promoter_score_and_its_interval():
    error = formulas.net_promoter_error(0.50, 0.20, n=400)
    score = formulas.net_promoter(0.50, 0.20)
    assert round(score, 1) == 30.0
    assert round(error, 3) == 3.905
    assert [round(score + z * error, 1) for z in (-1.96, 1.96)] == [22.3, 37.7]


def test_nine_thousand_among_three_bands_is_83_3_percent_not_75():
    edges = (0, 4000, 6000, 12000)
    assert percent(formulas.banded_score(9000, edges=edges)) == 83.3
    assert formulas.banded_score(-9000, edges=[-edge for edge in edges]) == formulas.banded_score(9000, edges=edges)
    assert [formulas.banded_score(value, edges=edges) for value in (-5, 0, 4000, 12000, 99_999)] == pytest.approx(
        [0, 0, 1 / 3, 1, 1]
    )


def test_indices_run_upward_whichever_way_the_scale_does():
    assert formulas.index_0_100(4.0, best=5.0) == 75.0
    assert formulas.index_0_100(7.0, best=7.0) == 100.0
    assert formulas.index_0_100(1.0, best=1.0, worst=5.0) == 100.0


def test_what_costs_what_and_how_wrong_a_forecast_was():
    assert formulas.return_on_investment(benefit=150.0, cost=100.0) == 0.5
    assert formulas.span_of_control(45, supervisors=3) == 15.0
    assert formulas.forecast_error([10, 20], [12, 18]) == pytest.approx(4 / 30)
    with pytest.raises(MetricUnavailable, match=r"formula cost_per: a denominator of 0; a number above 0"):
        formulas.cost_per(1.0, 0.0)
    assert math.isfinite(formulas.cost_per(0.0, 1.0))
