"""Measures of the oracle cases of mechanisms: what agents have in hand, who was called back, what lay overnight."""

from __future__ import annotations

import numpy as np

from support.log_measures import BALKED, OVERTIME, Seen, time_inside

DAY = 86_400.0
OPEN = 8 * 3600.0  # agents work the first hours of each day


def in_hand(log):
    """Spans between two changes of what an agent has in hand: begin, end, number in hand."""
    t = log.touchpoints
    own = ~np.isnan(t.answered)
    who = np.tile(t.agent_group[own].astype(np.int64) * 2**20 + t.agent[own], 2)
    at = np.concatenate([t.answered[own], t.wrapped[own]])
    step = np.repeat([1, -1], own.sum())
    order = np.lexsort((at, who))
    who, at, level = who[order], at[order], np.cumsum(step[order])
    same = who[1:] == who[:-1]
    return at[:-1][same], at[1:][same], level[:-1][same]


def _seen(log, lo, hi, unit=60.0, chosen=None):
    return Seen(log, lo, hi, unit, np.ones(len(log.touchpoints), bool) if chosen is None else chosen)


def _at_least(log, lo, hi):
    """Time in which an agent has at least so many in hand, summed over agents [min]."""
    begin, end, level = in_hand(log)
    return lambda n: time_inside(begin[level >= n], end[level >= n], lo, hi) / 60


def interrupted(log, lo, hi):
    t, found = log.touchpoints, {}
    for k in (0, 1):
        s = _seen(log, lo, hi, chosen=t.contact_type == k)
        found[f"mean_time_not_in_service_class{k + 1}"] = (s.total(s.wait + t.paused / 60), s.total(s.served))
    return found


def shared_attention(log, lo, hi):
    t, s, hand = log.touchpoints, _seen(log, lo, hi), _at_least(log, lo, hi)
    short = _seen(log, lo, hi, chosen=t.contact_type == 0)
    return {
        "mean_open_chats": (s.by_agents(t.answered, t.ended), s.length()),
        "occupancy": (hand(1), s.staffed(0, OVERTIME)),
        "p_open_ge_3": (hand(3), s.length()),
        "mean_sojourn_of_work_2min": (short.total((t.ended - t.offered) / 60), short.total(short.served)),
    }


def chats(log, lo, hi):
    t, s, hand = log.touchpoints, _seen(log, lo, hi), _at_least(log, lo, hi)
    there, open_chats = s.staffed(0, OVERTIME), s.by_agents(t.answered, t.ended)
    talk = np.where(s.served, t.ended - t.answered, 0.0) / 60
    return {
        "mean_open_chats": (open_chats, s.length()),
        "slot_occupancy": (open_chats, 2 * there),
        "mean_chat_duration": (s.total(talk), s.total(s.served)),
        "mean_concurrency_of_busy_agent": (open_chats, hand(1)),
        "fraction_agent_time_with_at_least_one_chat": (hand(1), there),
        "fraction_agent_time_with_0_chats": (there - hand(1), there),
        "fraction_agent_time_with_1_chats": (hand(1) - hand(2), there),
        "fraction_agent_time_with_2_chats": (hand(2), there),
    }


def callbacks(log, lo, hi):
    t = log.touchpoints
    first, called = t.touchpoint == 0, t.touchpoint == 1
    told = t.outcome == BALKED
    everyone, later = _seen(log, lo, hi, chosen=first), _seen(log, lo, hi, chosen=called)
    s = _seen(log, lo, hi, chosen=first & ~told)
    gone, people, on_line = np.where(s.served, t.answered, t.ended), everyone.total(first), s.total(first)
    return {
        "p_no_agent_on_arrival": (everyone.total(told | (s.wait > 0)), people),
        "fraction_choosing_callback": (everyone.total(told), people),
        "online_p_abandon": (s.total(s.abandoned), on_line),
        "online_mean_wait_all": (s.total(s.wait), on_line),
        "online_mean_wait_served": (s.total(s.wait * s.served), s.total(s.served)),
        "online_p_served_within_t0.333333": (s.total(s.served & (s.wait <= 1 / 3)), on_line),
        "callback_mean_delay": (later.total(later.wait), later.total(called)),
        "mean_callbacks_pending": (later.spent(t.offered, gone, called), later.length()),
        "mean_queue_length_online": (s.spent(t.offered, gone, first), s.length()),
    }


def blend(log, lo, hi):
    t = log.touchpoints
    s, o = _seen(log, lo, hi, chosen=t.contact_type == 0), _seen(log, lo, hi, chosen=t.contact_type == 1)
    # Outbound work counts when it is done; all of it was there from the first second.
    done = np.searchsorted(np.sort(t.ended[o.chosen]), [lo, hi])
    return {
        "outbound_throughput_per_min": (done[1] - done[0], o.length()),
        "mean_agents_on_outbound": (o.spent(t.answered, t.wrapped, o.served), o.length()),
        "inbound_mean_wait_all": (s.total(s.wait), s.total(s.admitted)),
        "inbound_p_abandon": (s.total(s.abandoned), s.total(s.admitted)),
        "inbound_p_wait_gt0": (s.total(s.wait > 0), s.total(s.admitted)),
    }


def warm_tiers(log, lo, hi):
    t = log.touchpoints
    second = t.touchpoint == 1
    s, agents = _seen(log, lo, hi, chosen=second), Seen(log, lo, hi, 60.0, ~second, 0)
    return {
        "tier2_mean_wait_per_escalated": (s.total(s.wait), s.total(second)),
        "escalation_rate_per_min": (s.total(second), s.length()),
        "tier1_fraction_talking": (agents.by_agents(t.answered, t.ended), agents.staffed(0, OVERTIME)),
        "tier1_fraction_held_waiting": (agents.by_agents(t.ended, t.wrapped), agents.staffed(0, OVERTIME)),
    }


def _hours_open(instants):
    """Time that the doors were open before each instant [s]."""
    return np.floor(instants / DAY) * OPEN + np.minimum(instants % DAY, OPEN)


def nights(log, lo, hi):
    """Windows are whole days."""
    t, s = log.touchpoints, _seen(log, lo, hi, unit=3600.0)
    opening = lo[:, None] + DAY * np.arange(round((hi[0] - lo[0]) / DAY))
    offered, ended = np.sort(t.offered), np.sort(t.ended)

    def waiting(at):
        inside = np.searchsorted(offered, at) - np.searchsorted(ended, at)
        return inside.sum(axis=1), np.full(len(lo), at.shape[1])

    worked = time_inside(_hours_open(t.answered), _hours_open(t.wrapped), _hours_open(lo), _hours_open(hi)) / 3600
    overtime = s.staffed(OVERTIME)
    everyone = s.total(s.served)
    return {
        "mean_backlog_at_opening": waiting(opening),
        "mean_backlog_at_closing": waiting(opening + OPEN),
        "mean_backlog_time_average": (s.spent(t.offered, t.ended, s.served), s.length()),
        "mean_elapsed_hours_to_resolution": (s.total((t.ended - t.offered) / 3600), everyone),
        "mean_open_hours_to_resolution": (s.total(_hours_open(t.ended) - _hours_open(t.offered)) / 3600, everyone),
        "occupancy_during_open_hours": (worked + overtime, s.staffed(0, OVERTIME)),
    }


OF_MECHANISMS = {
    "prio_pre_c2": interrupted,
    "ps_det": shared_attention,
    "chat_c3_k2_least": chats,
    "callback_threshold_c4": callbacks,
    "blend_r1_c5": blend,
    "tiers_warm_c4_c2": warm_tiers,
    "backlog_overnight_c3": nights,
}
