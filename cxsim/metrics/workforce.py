"""How agents' time is used: occupancy, utilisation, shrinkage, presence."""

from __future__ import annotations

from cxsim.contacts.columns import ABSENT, AVAILABLE, BREAK, OVERTIME
from cxsim.contacts.log import ContactLog
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.presence import Timeline, busy_time, handled_time, n_people, of_kind, working_time
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.selection import observed, observed_seconds

PRESENCE = ("staffing.agent_group", "staffing.agent", "staffing.start", "staffing.end", "staffing.kind")
BUSY = ("agent_group", "agent", "answered", "wrapped")
NOBODY_THERE = "nobody staffed gives no value"


@metric(
    unit="1",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=(*PRESENCE, *BUSY),
    source="clock: OpsDog, Occupancy rate; Amazon Connect (several contacts at once are one busy agent). contacts: "
    "Calabrio, Occupancy (talk and wrap over ready)",
    null=NOBODY_THERE,
    variants={"default": {}, "contacts": {"variant": "contacts"}},
)
def occupancy(log: ContactLog, *, variant: str = "clock") -> Ratio:
    """Time with a contact in hand over that time plus available idle time; breaks and absence are in neither.

    A result of load and staffing, no target for an agent. Finishing past the plan counts as work. Variants: clock, a
    second with several contacts counts once; contacts, once for each of them, so that it may exceed 1.
    """
    if variant not in ("clock", "contacts"):
        raise unknown_choice("occupancy", "variant", variant, ["clock", "contacts"])
    stretches = observed(log)
    used = busy_time(log) if variant == "clock" else handled_time(log)
    return Ratio(used.within(stretches), working_time(log).within(stretches), n_people(log))


@metric(
    unit="1",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=(*PRESENCE, "staffing.paid"),
    source="metricnet: Mechdyne (quoting MetricNet); hdi: HDI study notes; copc: COPC glossary; "
    "paid_productive: Assembled; wfm: WeWFM, Capacity planning basics part 2",
    null=NOBODY_THERE,
    variants={name: {"variant": name} for name in ("metricnet", "hdi", "copc", "paid_productive", "wfm")},
)
def utilisation(log: ContactLog, *, variant: str = "metricnet") -> Ratio:
    """Used time over paid time, in five definitions that differ by tens of points.

    Parameters
    ----------
    log : ContactLog
    variant : str
        metricnet: handle time over paid time worked (breaks in, absence out). hdi: handle time over available time.
        copc: paid available time, handling or waiting, over paid time worked. paid_productive: the same over all paid
        time. wfm: 1 - shrinkage of the schedule (overtime, unscheduled, left out).
    """
    productive = (AVAILABLE, OVERTIME)
    worked, scheduled = (*productive, BREAK), (AVAILABLE, BREAK, ABSENT)
    if variant == "metricnet":
        used, of = _handled(log), of_kind(log, *worked, paid_only=True)
    elif variant == "hdi":
        used, of = _handled(log), of_kind(log, *productive)
    elif variant == "copc":
        used, of = of_kind(log, *productive, paid_only=True), of_kind(log, *worked, paid_only=True)
    elif variant == "paid_productive":
        used, of = of_kind(log, *productive, paid_only=True), of_kind(log, *worked, ABSENT, paid_only=True)
    elif variant == "wfm":
        used, of = of_kind(log, AVAILABLE), of_kind(log, *scheduled)
    else:
        raise unknown_choice("utilisation", "variant", variant, ["metricnet", "hdi", "copc", "paid_productive", "wfm"])
    return Ratio(used.within(observed(log)), of.within(observed(log)), n_people(log))


def _handled(log: ContactLog) -> Timeline:
    need(log, "utilisation", "answered", "wrapped")
    return handled_time(log)


@metric(
    unit="1",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=(*PRESENCE, "staffing.paid"),
    source="OpsDog, Call center shrinkage; GoTo, Call center shrinkage: (8 + 3) / 40 is 27.5 %",
    null=NOBODY_THERE,
    variants={"paid": {}, "scheduled": {"variant": "scheduled"}},
)
def shrinkage(log: ContactLog, *, variant: str = "paid") -> Ratio:
    """Share of time in which agents are not available: breaks and absence.

    paid: of paid time, overtime included. scheduled: of the schedule, paid or not, overtime left out.
    """
    kinds = {"paid": (AVAILABLE, BREAK, ABSENT, OVERTIME), "scheduled": (AVAILABLE, BREAK, ABSENT)}
    if variant not in kinds:
        raise unknown_choice("shrinkage", "variant", variant, kinds)
    paid = variant == "paid"
    away, every = of_kind(log, BREAK, ABSENT, paid_only=paid), of_kind(log, *kinds[variant], paid_only=paid)
    return Ratio(away.within(observed(log)), every.within(observed(log)), n_people(log))


@metric(
    unit="agents",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=PRESENCE,
    source="Amazon Connect administrator guide, agents online",
    null="no time looked at gives no value",
)
def agents_available(log: ContactLog) -> Ratio:
    """Mean number of agents at work over the time looked at, busy or idle, those finishing past the plan included."""
    time = of_kind(log, AVAILABLE, OVERTIME)
    return Ratio(time.within(observed(log)), observed_seconds(log), n_people(log))
