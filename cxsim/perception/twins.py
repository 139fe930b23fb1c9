"""The same customers in two scenarios: what each felt in either, and what the difference of a score is made of.

A case has the same number, and draws the same, in every scenario, so a scenario is compared case by case. What is given
here are sums that replications can add up: a table of them says how much of a change each driver made.

Source
------
The outcome model of the reference, sections 5.1 and 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.months import MONTH
from cxsim.perception.answers import expected_response
from cxsim.perception.customers import end_of, hazards_by_segment, segment_codes
from cxsim.perception.explain import LINES, decompose, expected_score, index_changes
from cxsim.perception.journeys import Journeys
from cxsim.perception.loyalty import experience, months_of_margin
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import Contributions
from cxsim.perception.surveys import Feelings, feelings_of

Array = npt.NDArray[Any]

# The scores whose changes are explained, and what makes their numbers those of the catalogue.
EXPLAINED: Final = {"top_two": 1.0, "ease": 1.0, "net_promoter_score": 100.0}
# Cases of a customer that only one of the two scenarios has; a changed margin or cost to serve.
OTHER_CASES, MARGIN = "other_cases", "margin"
VALUE: Final = "lifetime_value"
_STILL = 1e-9


class Sums(NamedTuple):
    """Numerator and denominator of one line of one score in one part of an explanation, to be added up."""

    part: str
    score: str
    line: str
    numerator: float
    denominator: float


@dataclass(frozen=True, eq=False)
class Lived:
    """What happened to the n cases of a log and how they felt about it.

    Attributes
    ----------
    journeys : Journeys
    felt : Contributions
    counted : array [n] of SD
        What each journey adds to its customer's stock of satisfaction.
    customers : Table
        With margin where it is known, as `perceive` left it.
    until : float
        Instant from which lifetime values look ahead [s].
    hazard : array [n_customers] of 1/month
        Of each customer without experiences.
    """

    journeys: Journeys
    felt: Contributions
    counted: Array
    customers: Table
    until: float
    hazard: Array

    def __len__(self) -> int:
        return len(self.felt)


def live(log: ContactLog, *, seed: int, model: PerceptionModel, feelings: Feelings | None = None) -> Lived:
    """How the cases of a log were lived through; of the log that `perceive` gave, so that customers have values.

    `feelings` are those of the log, seed and model, where they are there already.
    """
    found = feelings or feelings_of(log, seed=seed, model=model)
    counted = experience(found.felt, found.held, model=model)
    hazard = hazards_by_segment(log, model=model)[segment_codes(log.customers, log)]
    return Lived(found.journeys, found.felt, counted, log.customers, end_of(log, found.journeys), hazard)


def chosen(lived: Lived, places: Array) -> Lived:
    """Some journeys of one; facts of touches are left out, for nothing here looks at them."""
    felt = Contributions(*(getattr(lived.felt, name)[places] for name in Contributions.__dataclass_fields__))
    return Lived(lived.journeys, felt, lived.counted[places], lived.customers, lived.until, lived.hazard)


def twins(before: Lived, after: Lived) -> tuple[Array, Array]:
    """Places [m] of the cases that both have, in the one and in the other."""
    one, other = (_keys(lived.journeys.replication, lived.journeys.case) for lived in (before, after))
    _, first, second = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    return first, second


def _keys(replication: Array, numbers: Array) -> Array:
    """One key for replication and number."""
    joined = np.empty(len(numbers), dtype=[("replication", np.int64), ("number", np.int64)])
    joined["replication"], joined["number"] = replication, numbers
    return joined


def changes(before: Lived, after: Lived, *, model: PerceptionModel) -> Iterator[Sums]:
    """Sums of the change from one scenario to the other: by driver, by who is asked, by group and in money.

    Parts: 'change', lines of LINES over the cases of both, and before, after, before_both, after_both as levels;
    'surveyed', the surveyed score with facts and surveyability of either, named by two digits; 'change COLUMN=NAME', as
    'change' for cases of one contact type or segment; the score `lifetime_value` counts customers instead.
    """
    i, j = twins(before, after)
    old, new = chosen(before, i), chosen(after, j)
    for score, factor in EXPLAINED.items():
        parts = decompose(old.felt, new.felt, model=model, score=score) * factor
        yield from _lines("change", score, parts)
        for line, lived in (("before", before), ("after", after), ("before_both", old), ("after_both", new)):
            level = factor * float(np.sum(expected_score(lived.felt, model=model, score=score)))
            yield Sums("change", score, line, level, len(lived))
        if score == "top_two":
            yield from _by_group(before.journeys, i, parts)
    yield from _surveyed(before, after, i, j, model=model)
    yield from _values(before, after, i, j, model=model)


def _lines(part: str, score: str, parts: Array) -> Iterator[Sums]:
    for line, total in zip(LINES, parts.sum(axis=0), strict=True):
        yield Sums(part, score, line, float(total), len(parts))


def _by_group(journeys: Journeys, places: Array, parts: Array) -> Iterator[Sums]:
    """The same by contact type and by segment, where there is more than one."""
    for column in ("contact_type", "segment"):
        names: Sequence[str] = journeys.names.get(column, ())
        if column not in journeys.first or len(names) < 2:
            continue
        codes = journeys.first[column][places]
        for code, name in enumerate(names):
            mine = codes == code
            if mine.any():
                yield from _lines(f"change {column}={name}", "top_two", parts[mine])


def _surveyed(before: Lived, after: Lived, i: Array, j: Array, *, model: PerceptionModel) -> Iterator[Sums]:
    """The expected surveyed share of 4 and 5; digits: whose facts and whose surveyability, 0 before and 1 after."""
    found = [expected_response(lived.felt, lived.journeys.method, model=model) for lived in (before, after)]
    asked = [lived.journeys.surveyable for lived in (before, after)]
    for whole, (high, all_of), who in zip(("before", "after"), found, asked, strict=True):
        yield Sums("surveyed", "top_two", whole, float(high[who].sum()), float(all_of[who].sum()))
    places = (i, j)
    for line, lived, place in (("felt_before", before, i), ("felt_after", after, j)):
        felt = chosen(lived, place).felt
        level = float(np.sum(expected_score(felt, model=model, score="top_two")))
        yield Sums("surveyed", "top_two", line, level, len(place))
    for facts in (0, 1):
        high, all_of = (column[places[facts]] for column in found[facts])
        for by in (0, 1):
            who = asked[by][places[by]]
            yield Sums("surveyed", "top_two", f"{facts}{by}", float(high[who].sum()), float(all_of[who].sum()))


# ------------------------------------------------------------------------------------------------------- money


class _Stocked(NamedTuple):
    """Customers of one scenario in a common order: what their cases add to their stock, and what a month brings."""

    adds: Array
    owner: Array
    stock: Array
    months: Array
    net: Array
    hazard: Array


def _values(before: Lived, after: Lived, i: Array, j: Array, *, model: PerceptionModel) -> Iterator[Sums]:
    """Lifetime value by line, over the customers that both scenarios have; nothing if no margin is known."""
    both = np.intersect1d(_valued(before.customers), _valued(after.customers))
    if not len(both):
        return
    old, new = (_stocked(lived, both, model=model) for lived in (before, after))
    moved = new.stock - old.stock
    still = np.abs(moved) <= _STILL
    above, below = (months_of_margin(old.stock + step, model=model, base_hazard=old.hazard) for step in (1e-4, -1e-4))
    tangent = above - below
    slope = np.where(still, tangent / 2e-4, (new.months - old.months) / np.where(still, 1.0, moved))
    slope *= 0.5 * (old.net + new.net)
    lines = _value_lines(before, after, (i, j), (old, new), slope, model=model)
    lines[MARGIN] = float(np.sum((new.net - old.net) * 0.5 * (old.months + new.months)))
    for line, total in lines.items():
        yield Sums("change", VALUE, line, total, len(both))
    for line, lived, which in (("before", before, old), ("after", after, new)):
        values = lived.customers.lifetime_value
        known = values[values == values]
        yield Sums("change", VALUE, line, float(known.sum()), len(known))
        yield Sums("change", VALUE, f"{line}_both", float(np.sum(which.net * which.months)), len(both))


def _valued(customers: Table) -> Array:
    """Numbers of the customers whose lifetime value is known."""
    if "lifetime_value" not in customers:
        return np.empty(0, np.int64)
    return np.asarray(customers.customer[customers.lifetime_value == customers.lifetime_value], dtype=np.int64)


def _stocked(lived: Lived, customers: Array, *, model: PerceptionModel) -> _Stocked:
    journeys = lived.journeys
    place = np.minimum(np.searchsorted(customers, journeys.customer), len(customers) - 1)
    owner = np.where(customers[place] == journeys.customer, place, -1)
    age = np.maximum(0.0, lived.until - journeys.end) / MONTH
    adds = np.where(owner >= 0, lived.counted * 0.5 ** (age / model.churn.half_life), 0.0)
    stock = np.bincount(owner[owner >= 0], adds[owner >= 0], minlength=len(customers))
    table = lived.customers
    order = np.argsort(table.customer, kind="stable")
    row = order[np.searchsorted(table.customer[order], customers)]
    months = months_of_margin(stock, model=model, base_hazard=lived.hazard[row])
    return _Stocked(adds, owner, stock, months, table.lifetime_value[row] / months, lived.hazard[row])


def _value_lines(
    before: Lived,
    after: Lived,
    places: tuple[Array, Array],
    stocked: tuple[_Stocked, _Stocked],
    slope: Array,
    *,
    model: PerceptionModel,
) -> dict[str, float]:
    """Change of the stock, case by case, times what a unit of stock is worth to that customer; split by line."""
    (i, j), (old, new) = places, stocked
    worth = [np.where(which.owner >= 0, slope[which.owner], 0.0) for which in stocked]
    change = worth[0][i] * (new.adds[j] - old.adds[i])
    moved = index_changes(chosen(before, i).felt, chosen(after, j).felt, model=model, metric="satisfaction")
    whole = moved.sum(axis=1)
    still = np.abs(whole) <= _STILL
    part = moved * np.where(still, 0.0, change / np.where(still, 1.0, whole))[:, None]
    lines = dict(zip(LINES, part.sum(axis=0).tolist(), strict=True))
    # Felt the same, but at another time: fresher or more faded.
    lines["elapsed"] += float(change[still].sum())
    alone = [np.ones(len(lived), bool) for lived in (before, after)]
    alone[0][i] = alone[1][j] = False
    lines[OTHER_CASES] = float(np.sum((worth[1] * new.adds)[alone[1]]) - np.sum((worth[0] * old.adds)[alone[0]]))
    return lines
