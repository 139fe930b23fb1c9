"""What no log can give, as plain formulas: prevention, attrition, churn, lifetime value, gross-up, return, scores.

Shares are 0 to 1, rates of a period are for that period. Above 300 lines because every formula carries its record.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from cxsim.errors import MetricUnavailable, problem

Pair = tuple[float, float]


def _over(numerator: float, denominator: float, name: str) -> float:
    if not denominator > 0:
        raise MetricUnavailable(problem(f"formula {name}", f"a denominator of {denominator:g}", "a number above 0"))
    return numerator / denominator


def _share(name: str, **values: float) -> None:
    for parameter, value in values.items():
        if not 0.0 <= value <= 1.0:
            raise MetricUnavailable(problem(f"formula {name}.{parameter}", f"{value:g}", "a share, 0 to 1"))


def tickets_prevented(*, before: Pair, after: Pair, digits: int | None = None) -> float:
    """Tickets that users no longer need: the fall of the rate per user times the users there are now.

    Parameters
    ----------
    before, after : (float, float)
        Tickets and users of a month, then and now.
    digits : int, optional
        Round both rates first, as published reports do; left out, nothing is rounded.

    Source
    ------
    MetricNet, Metrics that matter: tickets prevented: 1,615 with rates of two digits, 1,625 without rounding.
    """
    old, new = (_over(*month, "tickets_prevented") for month in (before, after))
    if digits is not None:
        old, new = round(old, digits), round(new, digits)
    return (old - new) * after[1]


def forecast_error(forecast: Sequence[float], actual: Sequence[float]) -> float:
    """Absolute error of a forecast over all that came, intervals weighted by their volume (WAPE).

    Source
    ------
    WFM Labs wiki, Call center metrics; cxsim reference 3.2 names it without a formula.
    """
    return _over(
        math.fsum(abs(f - a) for f, a in zip(forecast, actual, strict=True)), math.fsum(actual), "forecast_error"
    )


def resolution_per_contact(per_case: float) -> float:
    """Share of all contacts that are one and done, if every contact resolves its case with the same chance: squared.

    Source
    ------
    cxsim reference 3.3: 0.70 by case is 0.49 by contact, against 48 % published by SQM.
    """
    _share("resolution_per_contact", per_case=per_case)
    return per_case**2


def contacts_per_case_of(per_case: float) -> float:
    """Contacts that a case takes if every contact resolves it with the same chance: one over it.

    Source
    ------
    cxsim reference 3.3: 1.43 at 0.70.
    """
    return _over(1.0, per_case, "contacts_per_case_of")


def one_rate(part: float, of: float) -> float:
    """Part of a count: escalated tickets, inquiries deflected, abandoned calls, lost customers.

    Source
    ------
    cxsim reference 5.9: 15 of 500 escalated, 6,500 of 10,000 deflected, 40 of 1,000 abandoned, 5 of 100 lost.
    """
    return _over(part, of, "one_rate")


def cost_per(expense: float, units: float) -> float:
    """Operating expense per contact, ticket, order, seat, or per 1,000 of revenue if `units` are thousands of it.

    Source
    ------
    The Customer Support School, Cost per contact (2,000,000 over 200,000 is 10); APQC; Multichannel Merchant.
    """
    return _over(expense, units, "cost_per")


def return_on_investment(*, benefit: float, cost: float) -> float:
    """Benefit less cost, over cost."""
    return _over(benefit - cost, cost, "return_on_investment")


def churn_over(periods: float, *, churn: float) -> float:
    """Share lost over several periods of one churn rate each: 1 - (1 - churn) ** periods.

    Source
    ------
    Outilsy, churn calculator: 3 % a month is 30.6 % a year.
    """
    _share("churn_over", churn=churn)
    return 1.0 - (1.0 - churn) ** periods


def gross_revenue_retention(starting: float, *, contraction: float, churned: float) -> float:
    """Starting recurring revenue that is left without any growth; 1 at most.

    Source
    ------
    Rubato glossary, net and gross revenue retention.
    """
    return min(_over(starting - contraction - churned, starting, "gross_revenue_retention"), 1.0)


def net_revenue_retention(starting: float, *, expansion: float, contraction: float, churned: float) -> float:
    """Recurring revenue of the customers at the start, growth included, over what it was.

    Source
    ------
    Rubato glossary, net and gross revenue retention.
    """
    return _over(starting + expansion - contraction - churned, starting, "net_revenue_retention")


def lifetime_value(
    margin: float, *, retention: float, discount: float = 0.0, first: str = "now", periods: int | None = None
) -> float:
    """Margin that a customer brings, discounted; equal periods, each left with the same chance.

    Parameters
    ----------
    margin : float
        Per period, not of a lifetime: popular examples that put a whole lifetime here overstate many times.
    retention, discount : float
        Per period.
    first : str
        'now': the first margin is received at once; 'later': after one period, if the customer is still there.
    periods : int, optional
        How many margins at most; left out, for ever.

    Raises
    ------
    MetricUnavailable
        The sum never ends: the retention is not below 1 + discount.

    Source
    ------
    cxsim reference 3.6: textbook_1 and textbook_r; with no discount and first now it is margin over churn.
    """
    if first not in ("now", "later"):
        raise MetricUnavailable(problem("formula lifetime_value.first", first, "'now' or 'later'"))
    step = retention / (1.0 + discount)
    if periods is None and step >= 1.0:
        raise MetricUnavailable(
            problem("formula lifetime_value.retention", f"{retention:g}", f"below {1.0 + discount:g}", "give periods")
        )
    start = margin if first == "now" else margin * step
    if periods is None:
        return start / (1.0 - step)
    return start * math.fsum(step**period for period in range(periods))


def gross_up(required: float, *, shrinkage: float) -> float:
    """Agents to schedule so that enough are there: required over 1 - shrinkage, never times 1 + shrinkage.

    Source
    ------
    WeWFM, Capacity planning basics part 2: 100 at 30 % is 142.9; 130 would leave 91.
    """
    _share("gross_up", shrinkage=shrinkage)
    return _over(required, 1.0 - shrinkage, "gross_up")


def shrinkage_of(away: float, *, paid: float) -> float:
    """Time away over time paid or scheduled.

    Source
    ------
    GoTo, Call center shrinkage: (8 + 3) / 40 is 27.5 %.
    """
    return _over(away, paid, "shrinkage_of")


def metricnet_utilisation(contacts: float, *, handle_time: float, days: float, hours: float) -> float:
    """Work on contacts over time at work in a month.

    Parameters
    ----------
    contacts : float
        Handled by an agent in the month.
    handle_time : float
        Mean [min].
    days, hours : float
        Days worked in the month, hours of a day [h].

    Source
    ------
    Mechdyne, Agent utilization rates impact SLAs (quoting MetricNet).
    """
    return _over(contacts * handle_time, days * hours * 60.0, "metricnet_utilisation")


def utilisation_from(occupancy: float, *, shrinkage: float) -> float:
    """Share of paid time spent on contacts, from two tables: occupancy times 1 - shrinkage.

    Source
    ------
    cxsim reference 3.7: 70.6 % x (1 - 27.0 %) is 51.5 %, near the 47.8 % that MetricNet is quoted with.
    """
    return occupancy * (1.0 - shrinkage)


def adherence_of(scheduled: dict[str, Sequence[Pair]], actual: dict[str, Sequence[Pair]]) -> float:
    """Minutes spent on what the schedule says at that moment, over the minutes scheduled.

    Parameters
    ----------
    scheduled, actual : dict of str to pairs
        Activity ('work', 'break', 'meeting') to its begins and ends [min]; pairs of one plan do not overlap.

    Source
    ------
    Amazon Connect administrator guide: 150 of 180 minutes are 83 %, 165 of 180 are 92 % (activities there are work and
    all else: a break in place of a meeting is kept).
    """
    kept = math.fsum(
        max(min(end, stop) - max(begin, start), 0.0)
        for activity, planned in scheduled.items()
        for begin, end in planned
        for start, stop in actual.get(activity, ())
    )
    total = math.fsum(end - begin for planned in scheduled.values() for begin, end in planned)
    return _over(kept, total, "adherence_of")


def attrition(leavers: float, *, headcount: float, months: float = 12.0, compounding: bool = False) -> float:
    """Leavers over the average headcount, as of a year; it may exceed 1.

    Parameters
    ----------
    leavers : float
        In so many months; internal moves too, since the seat must be filled again.
    headcount : float
        Average over the months.
    months : float
        Length of the count. A year is 12 / months times it; or, `compounding`, the share that a cohort would lose.

    Source
    ------
    MetricNet, Annual agent turnover (5 of 15 is 33.3 %); Call Criteria, Attrition (68 of 300 is 22.7 %).
    """
    share, years = _over(leavers, headcount, "attrition"), _over(12.0, months, "attrition")
    return churn_over(years, churn=share) if compounding else share * years


def span_of_control(agents: float, *, supervisors: float) -> float:
    """Agents to a supervisor."""
    return _over(agents, supervisors, "span_of_control")


def index_0_100(mean: float, *, best: float, worst: float = 1.0) -> float:
    """A mean answer as 0 to 100, up for better: satisfaction (best 5), ease 2.0 (best 7), effort 1.0 (worst 5, best 1).

    Source
    ------
    cxsim reference 3.5, index_0_100 and ces_index.
    """
    if best == worst:
        raise MetricUnavailable(problem("formula index_0_100", f"{worst:g} to {best:g}", "worst and best that differ"))
    return 100.0 * (mean - worst) / (best - worst)


def net_promoter(promoters: float, detractors: float) -> float:
    """Net promoter score in points from two shares.

    Source
    ------
    Cybaea, NPS confidence intervals (2016).
    """
    _share("net_promoter", promoters=promoters, detractors=detractors)
    return 100.0 * (promoters - detractors)


def net_promoter_error(promoters: float, detractors: float, *, n: int) -> float:
    """Standard error of a net promoter score [points]; two independent scores differ by the root of the summed squares.

    Source
    ------
    Cybaea, NPS confidence intervals (2016): 0.50, 0.20 and 400 answers give 3.905.
    """
    _share("net_promoter_error", promoters=promoters, detractors=detractors)
    spread = promoters + detractors - (promoters - detractors) ** 2
    return 100.0 * math.sqrt(_over(spread, float(n), "net_promoter_error"))


def banded_score(value: float, *, edges: Sequence[float]) -> float:
    """Score 0 to 1 of a value among bands that are worth the same each; within a band the place is linear.

    Parameters
    ----------
    value : float
    edges : sequence of float
        Rising edges of the bands, from worst to best; falling where less is better.

    Source
    ------
    Scoring in Microsoft Scorecard Manager (husting.com): 9000 in 0, 4000, 6000, 12000 is 83.3 %, not 75 %.
    """
    sign = 1.0 if edges[-1] >= edges[0] else -1.0
    rising = [sign * edge for edge in edges]
    if len(rising) < 2 or any(high <= low for low, high in pairwise(rising)):
        raise MetricUnavailable(problem("formula banded_score.edges", f"{list(edges)}", "edges that rise, or fall"))
    place = min(max(sign * value, rising[0]), rising[-1])
    band = max(number for number, low in enumerate(rising[:-1]) if place >= low)
    inside = (place - rising[band]) / (rising[band + 1] - rising[band])
    return (band + inside) / (len(rising) - 1)
