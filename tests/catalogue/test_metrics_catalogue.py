"""Every registered metric keeps the promises of its record: words, columns, null rule, and how it is measured."""

import math
from typing import get_args

import numpy as np
import pytest

import cxsim.metrics  # noqa: F401
from cxsim.contacts.columns import TABLES
from cxsim.contacts.log import Table
from cxsim.metrics.measure import measure, unavailable
from cxsim.metrics.metric import FAMILIES, REGISTER, Better, Category, Kind, Scope, find
from cxsim.metrics.ratio import Ratio, Sample

VARIANTS = [(name, variant) for name, entry in REGISTER.items() for variant in entry.variants]
# Null rule: what is counted per day, or per second, is 0 where nothing happens; all else has no value then.
COUNTS = {
    "contacts_offered",
    "contacts_handled",
    "cases_begun",
    "backlog",
    "net_flow",
    "offered_load",
    "agents_available",
    "conversations_per_day",
}
SCOPE_COLUMNS = {"contact": "offered", "case": "case", "survey": "surveys.offered", "state": "case"}


@pytest.mark.parametrize("name", REGISTER)
def test_the_record_is_complete_and_uses_the_words_of_the_house(name):
    entry = REGISTER[name]
    assert entry.better in get_args(Better)
    assert entry.kind in get_args(Kind)
    assert entry.scope in get_args(Scope)
    assert entry.family in FAMILIES
    assert entry.category in get_args(Category)
    assert entry.source
    assert entry.null
    assert entry.unit
    assert entry.meaning.endswith(".")
    assert find(entry.short) is entry


@pytest.mark.parametrize("name", REGISTER)
def test_declared_columns_exist_and_hold_what_the_scope_cuts_by(name):
    entry = REGISTER[name]
    for column in entry.columns:
        table, _, short = column.rpartition(".")
        assert short in TABLES[table or "touchpoints"], column
    assert SCOPE_COLUMNS.get(entry.scope, entry.columns[0]) in entry.columns


def test_short_names_are_unique():
    shorts = [entry.short for entry in REGISTER.values()]
    names = [entry.name for entry in REGISTER.values() if entry.name != entry.short]
    assert len(set(shorts)) == len(shorts)
    assert not set(shorts) & set(names)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_variant_is_a_set_of_known_parameters(name, variant):
    entry = REGISTER[name]
    assert set(entry.variants[variant]) <= set(entry.parameters)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_value_lies_where_its_unit_says(random_log, name, variant):
    entry = REGISTER[name]
    found = entry.compute(random_log(11, calls=entry.family == "outbound"), **entry.variants[variant])
    assert isinstance(found, Ratio | Sample)
    assert found.n > 0
    unit = entry.unit_of(entry.variants[variant])
    assert math.isfinite(found.value)
    if name == "net_promoter_score":
        assert -100 <= found.value <= 100
    elif name != "net_flow":  # the backlog may shrink
        assert found.value >= 0
    if unit == "1" and name not in ("utilisation", "backlog_ratio"):  # several contacts at once, several days open
        assert found.value <= 1
    if isinstance(found, Ratio):
        assert type(found.numerator) is float
        assert type(found.denominator) is float


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_nothing_observed_gives_no_value(make_log, random_log, name, variant):
    full = random_log(11, calls=True)
    tables = {table: getattr(full, table).take(slice(0, 0)) for table in TABLES}
    entry = REGISTER[name]
    found = entry.compute(full.with_tables(**tables), **entry.variants[variant])
    assert found.n == 0 or name in COUNTS
    assert found.value == 0 if name in COUNTS else math.isnan(found.value)


@pytest.mark.parametrize(("table", "column"), [(table, column) for table in TABLES for column in TABLES[table]])
def test_without_a_column_all_is_measured_or_refused_by_its_name(random_log, table, column):
    log = random_log(11, n_cases=8, calls=True)
    fewer = {key: values for key, values in getattr(log, table).columns.items() if key != column}
    less = log.with_tables(**{table: Table(table, fewer)})
    refused = unavailable(less, [f"{name}:{variant}" for name, variant in VARIANTS])
    asked = column if table == "touchpoints" else f"{table}.{column}"
    assert {name for name, entry in REGISTER.items() if asked in entry.columns} <= set(refused.metric)
    assert refused.reason.str.contains(column).all()


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_plain_log_and_a_measured_one_give_the_same(random_log, name, variant):
    entry = REGISTER[name]
    log = random_log(11, days=2, calls=True)
    if entry.scope in ("contact", "case", "survey"):
        log = log.with_tables(span=(0.0, 1e8))  # all rows inside
    direct = entry.compute(log, **entry.variants[variant])
    measured = measure(log, f"{name}:{variant}")
    assert measured.variant[0] == variant
    assert measured.n[0] == direct.n
    np.testing.assert_allclose(measured.value[0], direct.value, rtol=1e-12)
