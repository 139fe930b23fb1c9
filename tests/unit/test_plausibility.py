"""Warnings come where numbers contradict each other, with the numbers, and stay away where they do not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts.columns import ABSENT, AVAILABLE, RESOLVED, UNRESOLVED
from cxsim.errors import MetricUnavailable
from cxsim.metrics.measure import measure
from cxsim.metrics.plausibility import CHECKS, COMPLEMENTS, ORDERS, warnings_of
from cxsim.metrics.requests import read

HOUR = 3600.0
NAMES = sorted({name for pair in (*ORDERS, *COMPLEMENTS) for name in pair})


def table(**values):
    names = [name.replace("__", ":") for name in values]
    parts = [name.partition(":") for name in names]
    return pd.DataFrame(
        {
            "metric": [part[0] for part in parts],
            "variant": [part[2] or "default" for part in parts],
            "value": list(values.values()),
        }
    )


def test_every_name_is_a_metric_and_a_variant():
    assert [request.label for request in read(NAMES)] == NAMES


@given(seed=st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_orders_and_complements_hold_of_any_log(random_log, seed):
    found = measure(random_log(seed), NAMES)
    broken = [line for line in warnings_of(found) if "by definition" in line or "not to 1" in line]
    assert broken == []


def test_a_service_level_out_of_order_is_named_with_its_numbers():
    lines = warnings_of(
        table(service_level__strict=0.9, service_level__abandon_credit=0.95, service_level__short_credit=0.97)
    )
    assert lines == [
        "service_level:short_credit is 0.97 and above service_level:abandon_credit, 0.95: by definition it cannot be"
    ]


def test_shares_that_should_add_to_one_and_do_not():
    (line,) = warnings_of(table(answer_rate=0.9, missed_rate=0.2))
    assert line.startswith("answer_rate:default and missed_rate:default add up to 1.1, 0.9 and 0.2")


def test_a_group_is_named():
    rows = table(answer_rate=0.9, missed_rate=0.2).assign(group="chat")
    assert warnings_of(rows)[0].endswith("(chat)")


def cases(chances):
    """Cases by how many contacts each takes."""
    rows, case = [], 0
    for contacts, n in chances.items():
        for _ in range(n):
            about = {"case": case, "answered": 0.0, "ended": 60.0}
            rows += [
                {**about, "contact": k, "outcome": RESOLVED if k == contacts - 1 else UNRESOLVED}
                for k in range(contacts)
            ]
            case += 1
    return rows


FCR = ["first_contact_resolution:gross", "first_contact_resolution:per_case"]


def test_one_chance_for_all_contacts_is_plausible_and_two_kinds_of_cases_are_not(make_log):
    even = make_log(cases({1: 700, 2: 210, 3: 63, 4: 19, 5: 8}), meta={"horizon": 1.0})
    assert warnings_of(measure(even, FCR)) == []
    split = make_log(cases({1: 70, 10: 30}), meta={"horizon": 1.0})
    (line,) = warnings_of(measure(split, FCR))
    assert line.startswith("first_contact_resolution is 0.189 by contact and 0.700 by case, whose square is 0.490")


DAY = [
    "occupancy:contacts",
    "shrinkage:paid",
    "utilisation:metricnet",
    "offered_load",
    "contacts_handled",
    "agents_available",
    "missed_rate",
    "cost_per_contact",
    "cost_per_minute",
    "average_handle_time:per_contact",
    "answer_rate",
    "abandonment_rate:all",
    "callback_rate",
    "callback_success",
    "contacts_per_case:handled",
    "repeat_contact_rate:same_case",
]


def a_day(make_log, *, kinds=(AVAILABLE, AVAILABLE), lost=0):
    rows = [{"offered": 600.0 * k, "answered": 600.0 * k, "ended": 600.0 * k + 300.0} for k in range(96)]
    rows += [{"offered": 600.0 * k, "outcome": 5} for k in range(lost)]
    staffing = [{"agent": k, "start": 0.0, "end": 16 * HOUR, "kind": kind} for k, kind in enumerate(kinds)]
    agents = [{"agent": k, "cost": 20.0} for k in range(len(kinds))]
    return make_log(rows, staffing=staffing, agents=agents, meta={"horizon": 16 * HOUR})


def test_a_day_of_even_work_is_plausible(make_log):
    assert warnings_of(measure(a_day(make_log), DAY)) == []


def test_half_the_pay_for_people_who_are_absent_parts_two_utilisations(make_log):
    (line,) = warnings_of(measure(a_day(make_log, kinds=(AVAILABLE, ABSENT)), DAY))
    assert line.startswith("utilisation:metricnet is 0.500, and occupancy 0.500 times 1 less shrinkage 0.500 is 0.250")


def test_many_who_balk_are_neither_answered_nor_abandoned(make_log):
    (line,) = warnings_of(measure(a_day(make_log, lost=48), DAY))
    assert line.startswith("offered is 144, and answered 96, abandoned 0 and callbacks 0 add up to 96")


def test_littles_law_and_products_are_checked(make_log):
    found = measure(a_day(make_log), DAY)
    change = {"offered_load": 2.0, "cost_per_minute": 2.0, "repeat_contact_rate": 0.5}
    wrong = found.assign(value=found.value.where(~found.metric.isin(change), found.metric.map(change)))
    starts = sorted(line.split(" ")[0] for line in warnings_of(wrong))
    assert starts == ["cost_per_contact", "offered_load", "repeat_contact_rate:same_case"]


def test_what_the_table_lacks_is_passed_over():
    assert warnings_of(table(first_contact_resolution__gross=0.2)) == []
    assert warnings_of(table(service_level__strict=np.nan, service_level__short_excluded=0.1)) == []
    assert len(CHECKS) == 6
    with pytest.raises(MetricUnavailable, match="plausibility: no column variant"):
        warnings_of(pd.DataFrame({"metric": []}))
