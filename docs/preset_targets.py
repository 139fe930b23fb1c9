"""The table of check values: for each shipped support centre what is stated, how it is measured, why it may differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from preset_measures import (
    Counter,
    Mask,
    Part,
    Pool,
    Target,
    a_day,
    at,
    called_back,
    called_back_within,
    cases_a_day,
    cases_that_met,
    first_replies,
    gave_up_after,
    hourly,
    metric,
    of_type,
    pay_over,
    reached,
    share_of,
    share_of_work,
    staffed_hours,
    whole,
    within,
)

from cxsim import erlang
from cxsim.contacts.log import ContactLog
from cxsim.units import spoken

INF = math.inf
HOUR = 3600.0
REPEATS = "The check has neither busy days nor people who call again."
REDIALS = "Redials make nearly all of the difference; busy days hardly matter, as switching each off shows."
NEWCOMERS = "Busy days and newly hired people cost some of it, as switching each off shows."
FELT = "Answers come from one model of perception for all sectors; nothing is fitted to this one."
# Half hours from 07:00 of a real bank's weekday, parts in 10,000, and heads made from them.
BANK = np.array([151, 169, 257, 340, 474, 519, 523, 520, 506, 495, 479, 470, 457, 453, 444, 446, 434, 424, 398, 358,
                 305, 268, 234, 208, 185, 170, 152, 139])  # fmt: skip
BANK_LOAD = 17000 * BANK / BANK.sum() * 285 / 1800
LINE_LOAD = 4200 * BANK[:24] / BANK[:24].sum() * 828 / 1800
LINE = np.round(LINE_LOAD - 0.75 * np.sqrt(LINE_LOAD))


def heads(counts: Iterable[float]) -> tuple[int, ...]:
    """Head counts as whole numbers."""
    return tuple(round(float(count)) for count in counts)


def bank(hours: float) -> Pool:
    """The bank's one ideal pool with so many staffed hours a day."""
    plan = heads(BANK_LOAD * hours / (BANK_LOAD.sum() / 2))
    return Pool("retail_bank_voice_200", 17000, 285, 1.2, 480, 14, plan)


def line(seats: float) -> Pool:
    """The hotline's one pool with at most so many seats."""
    return Pool("public_hotline", 4200, 828, 1.1, 1800, 14, heads(np.minimum(LINE, seats)))


DESK = Pool("it_service_desk", 250, 600, 1, 360, 14, hourly(2, 6, 7, 7, 7, 6, 5, 7, 6, 3, 2, 2))
SHOP = Pool("ecommerce_omni", 430, 240, 1, 180, 16, hourly(2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 2, 2))
CARE = Pool(
    "telecom_care", 9000, 540, 1.1, 1500, 16,
    hourly(40, 80, 107, 121, 127, 121, 114, 114, 107, 107, 100, 80, 60, 40),
)  # fmt: skip
HANDLERS = Pool(
    "health_line", 730, 630, 0.8, 900, 0,
    hourly(4, 3, 3, 3, 3, 3, 5, 8, 12, 12, 11, 11, 11, 10, 10, 10, 11, 12, 13, 14, 12, 11, 8, 6),
)  # fmt: skip
CLINICIANS = Pool(
    "health_line", 168, 1180, 0.8, 1800, 0,
    hourly(1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 2, 2, 2, 3, 3, 3, 3, 3, 3, 2, 1),
)  # fmt: skip
CLIENT_A = Pool(
    "bpo_multi_client", 1600, 330, 1.1, 240, 16, hourly(6, 11, 14, 16, 17, 16, 15, 15, 14, 14, 13, 11, 8, 6)
)
CLIENT_B = Pool("bpo_multi_client", 700, 420, 1.1, 300, 16, hourly(4, 7, 9, 10, 10, 10, 9, 9, 9, 9, 8, 7, 5, 4))
A_AND_B = Pool(
    "bpo_multi_client", 2300, 357, 1.1, 258, 16, hourly(9, 16, 21, 24, 25, 24, 23, 23, 21, 21, 20, 16, 12, 9)
)
SEVENTY_HEADS = [0] * 14 + list(heads(np.minimum(LINE, 70))) + [0] * 10
SEVENTY = f"agent_groups.advisers.by_interval={{all: {SEVENTY_HEADS}}}"
# Recurring revenue of 2,400 customers, lognormal with median 14,000 USD a year and log-SD 1.
REVENUE = 2400 * 14000 * math.exp(0.5)


def technical_calls(log: ContactLog) -> Mask:
    """Technical calls that somebody answered."""
    return at(log, "phone") & reached(log) & of_type(log, "technical")


def visits_of_technical(log: ContactLog) -> Mask:
    """Visits that calls of the calendar led to, though they follow after its end."""
    return visits(log) & of_type(log, "technical")


def visits(log: ContactLog) -> Mask:
    """All visits, after the calendar too."""
    return np.asarray(log.touchpoints.touchpoint == log.names["touchpoint"].index("visit"))


def missed_visits(log: ContactLog) -> Mask:
    """Visits in vain."""
    return visits(log) & ~log.touchpoints.truly_resolved


def calls_answered(log: ContactLog) -> Mask:
    """Calls that a handler took."""
    return at(log, "phone") & reached(log)


def triaged(log: ContactLog) -> Mask:
    """Calls that a handler took about something to be triaged."""
    return calls_answered(log) & ~of_type(log, "information")


def to_clinician(log: ContactLog) -> Mask:
    """Calls passed on to the clinicians."""
    return at(log, "clinician")


def sent(touchpoint: str) -> Callable[[ContactLog], Mask]:
    """Callers sent to another service."""
    return lambda log: at(log, touchpoint)


def at_touchpoint(name: str, touchpoint: str) -> Counter:
    """A metric of one touchpoint."""
    return metric(name, by="touchpoint", group=touchpoint)


def of_group(name: str, group: str) -> Counter:
    """A metric of one agent group."""
    return metric(name, by="agent_group", group=group)


def replied(hours: float, touchpoint: str) -> Counter:
    """Share of deferred contacts answered within so many hours."""
    return within(hours * HOUR, touchpoint, kind="first_response_time")


def one(what: str, value: float, kind: str, near: float, counter: Counter, why: str = "") -> Target:
    """A target that is a single value."""
    return Target(what, value, value, kind, near, counter, why)


def alone(title: str, pool: Pool, *targets: Target) -> Part:
    """A pool alone with its targets."""
    return Part(title, pool.scenario, targets)


def top_box(low: float, why: str = FELT) -> Target:
    """Customers in the best of five answers, as published by sector."""
    return one(
        "customer satisfaction, best of five answers", low, "share", 0.12, metric("customer_satisfaction:top_box"), why
    )


def pool_targets(
    level: float, seconds: float, gone: float, wait: float, busy: float, why: str = ""
) -> tuple[Target, ...]:
    """What was found for one pool: answered in time, hang up, mean wait [s], occupancy; NaN where nothing is stated."""
    found = (
        one(f"answered in {spoken(seconds)}", level, "share", 0.05, metric("service_level", within=seconds), why),
        one("hang up", gone, "share", 0.02, metric("abandonment_rate"), why),
        one("mean wait", wait, "time", 0.4 * wait, metric("average_speed_of_answer")),
        one("occupancy", busy, "share", 0.025, metric("occupancy")),
    )
    return tuple(target for target in found if not math.isnan(target.low))


def _erlang(name: str, rate: float, talk_time: float, patience: float, n_agents: int) -> Part:
    """A queue with a formula."""
    exact = erlang.erlang_a(rate, talk_time=talk_time, patience=patience, n_agents=n_agents)
    return Part("whole", whole(name), (
        one("answered in 20 s", exact.answered_within, "share", 0.01, metric("service_level", within=20.0)),
        one("hang up", exact.abandonment_rate, "share", 0.005, metric("abandonment_rate")),
        one("occupancy", exact.occupancy, "share", 0.01, metric("occupancy")),
    ))  # fmt: skip


TABLE: dict[str, tuple[Part, ...]] = {
    "it_service_desk": (
        alone("phones alone", DESK, one("staffed hours", 60, "number", 0, staffed_hours),
              *pool_targets(0.77, 30, 0.086, 24, 0.63)),
        Part("whole centre", whole("it_service_desk"), (
            one("calls a day", 250, "number", 15, a_day("phone")),
            one("tickets a day", 140, "number", 10, a_day("ticket")),
            one("chats a day", 50, "number", 5, a_day("chat"),
                "45 first chats a day were set, and few come again as chats."),
            one("answered in 30 s", 0.75, "share", 0.20, within(30, "phone"),
                "Seven agents all day, with leads and the chat team to help, where the check has 2 to 7 by the hour."),
            Target("hang up, phone", -INF, 0.08, "share", 0.01, at_touchpoint("abandonment_rate", "phone")),
            Target("first contact resolution", 0.65, 0.70, "share", 0.02, metric("first_contact_resolution")),
            one("customer satisfaction, mean of 1 to 5", 4.4, "number", 0.2,
                metric("customer_satisfaction:mean"), FELT),
            one("shrinkage", 0.27, "share", 0.07, metric("shrinkage"),
                "Whole people: 11 of the plan are 7 on the phones, and lunch counts as absence here."),
        ), felt=True),
    ),
    "retail_bank_voice_200": (
        alone("one ideal pool", bank(1407), one("staffed hours", 1407, "number", 3, staffed_hours),
              *pool_targets(0.85, 20, 0.017, 7, 0.936)),
        alone("one pool with 88 % occupancy", bank(1530), one("staffed hours", 1530, "number", 3, staffed_hours),
              one("occupancy", 0.88, "share", 0.01, metric("occupancy"))),
        Part("whole centre", whole("retail_bank_voice_200"), (
            one("calls a day", 17000, "number", 600, a_day("phone")),
            one("answered in 20 s", 0.80, "share", 0.10, within(20, "phone")),
            one("fraud answered in 10 s", 0.90, "share", 0.10, within(10, "phone", contact_type="fraud"),
                "A target, not a check: fraud goes first, but only three in ten of the heads can take it."),
            one("occupancy", 0.88, "share", 0.03, metric("occupancy")),
            one("first contact resolution", 0.71, "share", 0.015, metric("first_contact_resolution")),
            top_box(0.75),
            one("shrinkage", 0.30, "share", 0.02, metric("shrinkage")),
        ), felt=True),
    ),
    "ecommerce_omni": (
        alone("phones alone", SHOP, one("staffed hours", 51, "number", 0, staffed_hours),
              *pool_targets(0.82, 30, 0.079, math.nan, 0.52)),
        Part("whole centre", whole("ecommerce_omni"), (
            one("calls a day", 430, "number", 20, a_day("phone")),
            one("chats a day", 680, "number", 30, a_day("chat")),
            one("e-mails a day", 590, "number", 35, a_day("email")),
            one("calls answered in 30 s", 0.80, "share", 0.05, within(30, "phone")),
            one("hang up, phone", 0.079, "share", 0.02, at_touchpoint("abandonment_rate", "phone")),
            one("length of a chat", 713, "time", 40, at_touchpoint("talk_time", "chat")),
            one("give up before a reply, chat", 0.10, "share", 0.03, at_touchpoint("abandonment_rate", "chat")),
            Target("mean wait, chat", 46, 48, "time", 40,
                   at_touchpoint("average_speed_of_answer", "chat"),
                   "With a mean patience of 2 min a third would give up at that wait; the tenth was kept instead."),
            one("occupancy, voice", 0.52, "share", 0.20, of_group("occupancy", "voice"),
                "Between calls the voice team writes e-mails; calls alone keep it busy half of the time."),
            Target("e-mails answered in 4 h", 0.90, INF, "share", 0.05, replied(4, "email")),
            one("first contact resolution", 0.78, "share", 0.015, metric("first_contact_resolution")),
            top_box(0.81),
        ), felt=True),
    ),
    "saas_b2b_tiered": (
        Part("whole centre", whole("saas_b2b_tiered"), (
            one("cases a working day", 86, "number", 3, cases_a_day(20)),
            one("cases that reach tier 2", 0.25, "share", 0.02, cases_that_met("tier_2")),
            one("cases of tier 2 that reach engineers", 0.20, "share", 0.03,
                cases_that_met("engineering", of="tier_2")),
            one("tickets that wait for the customer", 0.40, "share", 0.05,
                cases_that_met("pending", of="ticket", entered=True),
                "Tickets of priority 1 do not wait, and a ticket that waits twice is counted once."),
            Target("first replies to tickets in 4 h", 0.90, INF, "share", 0,
                   first_replies(4 * HOUR, "ticket", besides="priority")),
            Target("priority 1 by phone in 30 min", 0.95, INF, "share", 0, within(1800, "hotline")),
            one("first contact resolution, chat, nobody passed on", 0.65, "share", 0.03,
                at_touchpoint("first_contact_resolution:excl_transfer", "chat")),
            Target("customer satisfaction, 4 or 5 of 5", 0.85, 0.92, "share", 0.02, metric("customer_satisfaction")),
            one("pay as a share of recurring revenue", 0.08, "share", 0.06, pay_over(REVENUE * 28 / 365),
                "The 8 % hold customer success too; here is only the pay of three tiers and of standby."),
        ), felt=True),
    ),
    "telecom_care": (
        alone("phones alone", CARE, one("staffed hours", 1318, "number", 3, staffed_hours),
              *pool_targets(0.79, 120, 0.042, 62, 0.98)),
        Part("whole centre", whole("telecom_care"), (
            one("calls a day", 9000, "number", 400, a_day("phone")),
            one("chats a day", 1850, "number", 120, a_day("chat")),
            one("answered in 120 s", 0.79, "share", 0.2, within(120, "phone"), REPEATS),
            Target("mean wait, as published", 135, 143, "time", 100,
                   at_touchpoint("average_speed_of_answer", "phone"),
                   "So near full load a few per cent more calls move it far; providers range from 16 s to 3:59."),
            one("hang up, phone", 0.042, "share", 0.04, at_touchpoint("abandonment_rate", "phone"), REPEATS),
            one("technical calls with a visit", 0.09, "share", 0.01, share_of(visits_of_technical, technical_calls)),
            one("visits missed", 0.12, "share", 0.02, share_of(missed_visits, visits)),
            one("first contact resolution", 0.61, "share", 0.015, metric("first_contact_resolution")),
            top_box(0.68),
            one("shrinkage", 0.32, "share", 0.02, metric("shrinkage")),
        ), felt=True),
    ),
    "health_line": (
        alone("handlers alone", HANDLERS, one("staffed hours", 206, "number", 0, staffed_hours),
              *pool_targets(0.94, 60, 0.009, math.nan, 0.59,
                            "730 calls of 630 s fill 61 % of 206 hours, not 59 %: the check had a little less to do.")),
        alone("clinicians alone, called back", CLINICIANS, one("staffed hours", 51, "number", 0, staffed_hours),
              one("within 10 min", 0.58, "share", 0.05, metric("service_level", within=600.0),
                  "No patience is stated, and 55 hours of work need one: 30 min, of a few the nearest.")),
        Part("whole centre", whole("health_line"), (
            one("calls a day", 730, "number", 15, a_day("phone")),
            Target("answered in 60 s", 0.93, 0.95, "share", 0.02, within(60, "phone"), REPEATS),
            Target("give up after 30 s", 0.010, 0.016, "share", 0.005, gave_up_after(30, "phone")),
            one("occupancy, handlers", 0.59, "share", 0.03, of_group("occupancy", "handlers")),
            Target("calls triaged", 0.85, 0.87, "share", 0.01, share_of(triaged, calls_answered)),
            one("triaged calls that go to a clinician", 0.23, "share", 0.01, share_of(to_clinician, triaged)),
            Target("calls offered a callback", 0.09, 0.12, "share", 0.02,
                   share_of(called_back("clinician"), calls_answered),
                   "Counted are callbacks taken, nine in ten of those offered."),
            Target("called back within 10 min", 0.41, 0.52, "share", 0.04, called_back_within(600, "clinician")),
            one("share of call time by clinicians", 0.30, "share", 0.05, share_of_work("clinician"),
                "23 % of the triaged calls at 1,180 s are 27 % of the time; 23 % of all calls would be 30 %."),
            Target("ambulance", 0.10, 0.11, "share", 0.01, share_of(sent("ambulance"), triaged)),
            Target("emergency department", 0.07, 0.09, "share", 0.01, share_of(sent("emergency_department"), triaged)),
            Target("primary care", 0.51, 0.63, "share", 0.01, share_of(sent("primary_care"), triaged)),
            Target("other service", 0.03, 0.04, "share", 0.005, share_of(sent("other_service"), triaged)),
            top_box(0.69),
            one("customer satisfaction, best two of five", 0.89, "share", 0.06, metric("customer_satisfaction"), FELT),
        ), felt=True),
    ),
    "public_hotline": (
        alone("one pool", line(INF), one("staffed hours", 886, "number", 4, staffed_hours),
              *pool_targets(0.90, 600, 0.085, 151, math.nan)),
        alone("one pool, at most 70 seats", line(70), *pool_targets(0.50, 600, 0.23, 447, math.nan)),
        Part("whole centre", whole("public_hotline"), (
            one("answered in 10 min", 0.90, "share", 0.2, within(600, "phone"), REDIALS),
            one("hang up", 0.085, "share", 0.1, metric("abandonment_rate"), REDIALS),
        )),
        Part("whole centre, at most 70 seats", whole("public_hotline", SEVENTY), (
            one("attempts answered, as published", 0.67, "share", 0.12, metric("answer_rate"),
                "Redials fill the queue that hanging up had emptied: with them the published regime is reached."),
            Target("mean wait, as published", 300, 1380, "time", 120, metric("average_speed_of_answer")),
        )),
    ),
    "bpo_multi_client": (
        alone("client A alone", CLIENT_A, one("staffed hours", 176, "number", 0, staffed_hours),
              *pool_targets(0.805, 20, 0.052, math.nan, 0.78)),
        alone("client B alone", CLIENT_B, one("staffed hours", 110, "number", 0, staffed_hours),
              *pool_targets(0.82, 30, math.nan, math.nan, 0.69)),
        alone("A and B in one pool", A_AND_B,
              Target("staffed hours, 16 to 25 fewer", 261, 270, "number", 0, staffed_hours),
              one("answered in 20 s", 0.80, "share", 0.03, metric("service_level", within=20.0))),
        Part("whole centre", whole("bpo_multi_client"), (
            one("calls a day, A", 1600, "number", 60, a_day("phone_a")),
            one("calls a day, B", 700, "number", 30, a_day("phone_b")),
            one("e-mails a day, C", 900, "number", 45, a_day("email_c")),
            one("handle time, A", 330, "time", 10, at_touchpoint("average_handle_time", "phone_a")),
            one("handle time, B", 420, "time", 12, at_touchpoint("average_handle_time", "phone_b")),
            one("handle time, C", 420, "time", 12, at_touchpoint("average_handle_time", "email_c")),
            one("A answered in 20 s", 0.805, "share", 0.07, within(20, "phone_a"), NEWCOMERS),
            one("B answered in 30 s", 0.82, "share", 0.06, within(30, "phone_b"), NEWCOMERS),
            Target("C answered in 24 h", 0.95, INF, "share", 0, replied(24, "email_c")),
            one("occupancy, A", 0.78, "share", 0.03, of_group("occupancy", "client_a")),
            one("occupancy, B", 0.69, "share", 0.03, of_group("occupancy", "client_b")),
            one("shrinkage", 0.30, "share", 0.02, metric("shrinkage")),
        )),
    ),
    "startup_support_4": (
        Part("whole centre", whole("startup_support_4"), (
            one("chats a day", 24, "number", 3, a_day("chat"),
                "21.6 first chats a day were set, and none come again as chats."),
            one("e-mails a day", 36, "number", 15, a_day("email"),
                "Repeats and chasers come on top of the first e-mails."),
            one("customer satisfaction, 4 or 5 of 5", 0.90, "share", 0.04, metric("customer_satisfaction"), FELT),
            Target("e-mails answered in 4 h", 0.75, INF, "share", 0.02, replied(4, "email")),
            one("shrinkage", 0.22, "share", 0.09, metric("shrinkage"),
                "1.5 of 9 hours of other work count as absence; whole people make it a quarter."),
        ), felt=True),
    ),
    "verify_mmc": (_erlang("verify_mmc", 200 / 3600, 180.0, INF, 14),),
    "verify_mmcm": (_erlang("verify_mmcm", 114 / 3600, 300.0, 600.0, 10),),
    "verify_appliance": (
        Part("whole", whole("verify_appliance"), (
            one("calls a day", 768, "number", 20, a_day("phone")),
            one("handle time, first line", 520, "time", 8, at_touchpoint("average_handle_time", "phone")),
            one("calls passed on", 0.10, "share", 0.01, cases_that_met("experts")),
        )),
    ),
    "verify_n_design": (
        Part("whole", whole("verify_n_design"), tuple(
            target for kind in ("first", "second") for target in (
                Target(f"{kind} kind answered in 30 s", 0.70, INF, "share", 0, within(30, "phone", contact_type=kind)),
                Target(f"{kind} kind hangs up", -INF, 0.05, "share", 0,
                       metric("abandonment_rate", by="contact_type", group=kind)),
            )
        )),
    ),
}  # fmt: skip
