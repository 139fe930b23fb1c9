"""What the plain suite holds each oracle case to: measures, contacts and windows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How a case is run.

    Every measure of the oracle file that a log shows is held to four standard errors in the plain suite, and to 3 %
    unless it is in `loose`: those whose standard error is above 1 % with so many contacts.
    Windows: parts of each day (name, begin, end [min]) for cases that start anew every day, so many whole days for
    cases with nights, else batches of one run.
    """

    loose: tuple[str, ...] = ()
    contacts: int = 400_000
    parts: tuple[tuple[str, float, float], ...] = ()
    whole_days: int = 0


PLANS = {
    "erlb_c12/exponential": Plan(),
    "erlb_c12/constant": Plan(),
    "erlb_c12/lognormal": Plan(),
    "erlc_c14_classic": Plan(
        loose=(
            "p_wait_gt0",
            "mean_wait_all",
            "mean_wait_given_wait",
            "mean_queue_length",
            "mean_excess_wait_t0.333333",
        )
    ),
    "erlc_c5": Plan(
        loose=(
            "mean_wait_all",
            "mean_wait_given_wait",
            "mean_queue_length",
            "mean_excess_wait_t0.333333",
            "mean_excess_wait_t1",
        )
    ),
    "email_deadline_c4": Plan(
        loose=(
            "p_resolved_after_deadline_1",
            "p_resolved_after_deadline_2",
            "mean_time_to_resolution",
            "mean_backlog_waiting",
            "mean_backlog_total",
        )
    ),
    "mmck_c4_K10": Plan(loose=("p_block",)),
    "erla_c10": Plan(
        loose=(
            "p_abandon",
            "mean_wait_all",
            "mean_wait_served",
            "mean_queue_length",
            "p_abandon_within_t0.333333",
            "p_abandon_within_t1",
        )
    ),
    "erla_overload_c5": Plan(),
    "erlax_c6_K10": Plan(loose=("p_block",)),
    "mmcg_det_c5": Plan(),
    "mmcg_h2_c6": Plan(loose=("mean_wait_served",)),
    "mmcg_atom_c4": Plan(
        loose=(
            "mean_wait_served",
            "mean_wait_abandoned",
            "mean_queue_length",
        )
    ),
    "mg1_lognormal_dev": Plan(
        loose=(
            "mean_wait_all",
            "mean_queue_length",
        )
    ),
    "mdc_c3": Plan(
        loose=(
            "mean_queue_length",
            "mean_wait_all",
        )
    ),
    "m_e2_c3": Plan(
        loose=(
            "mean_queue_length",
            "mean_wait_all",
            "mean_wait_served",
        )
    ),
    "prio_np_c4_2": Plan(
        loose=(
            "mean_wait_class1",
            "mean_queue_class1",
            "mean_wait_class2",
            "mean_queue_class2",
            "sl_t0.333333_class2",
            "mean_wait_overall",
        )
    ),
    "acw_c4": Plan(),
    "tiers_cold_2_dev": Plan(
        loose=(
            "tier1_mean_wait",
            "tier2_mean_wait",
            "tier2_p_wait_gt0",
            "mean_total_wait_all",
        )
    ),
    "recontact_delay_dev": Plan(
        loose=(
            "mean_wait_per_contact",
            "p_wait_gt0_per_contact",
            "mean_total_wait_per_case",
        )
    ),
    "retrial_blocked_c3": Plan(),
    "hetero2_longest_idle": Plan(),
    "hetero2_fastest": Plan(),
    "skill_N_dev": Plan(
        loose=(
            "type1_mean_queue_length",
            "type1_mean_wait_all",
        )
    ),
    "skill_X_dev": Plan(),
    "skill_N_fifo_word_dev": Plan(
        loose=(
            "type1_p_block",
            "type2_p_block",
        )
    ),
    "busyness_erla_c8": Plan(
        loose=(
            "p_abandon_ratio_of_expectations",
            "p_served_within_20s_ratio_of_expectations",
            "mean_wait_all_ratio_of_expectations",
            "mean_wait_served_ratio_of_expectations",
        ),
        contacts=300_000,
        parts=(("", 25, 65),),
    ),
    "tv_two_intervals": Plan(
        loose=(
            "interval1/p_no_free_agent_on_arrival",
            "interval1/p_abandon",
            "interval1/mean_wait_all",
            "interval1/mean_wait_served",
            "interval1/mean_queue_length",
            "interval2/p_abandon",
            "interval2/mean_wait_all",
            "interval2/mean_wait_served",
            "interval2/mean_queue_length",
        ),
        contacts=200_000,
        parts=(("interval1", 0, 20), ("interval2", 20, 40)),
    ),
    "tv_drop": Plan(
        loose=(
            "interval1/p_no_free_agent_on_arrival",
            "interval1/p_abandon",
            "interval1/mean_wait_all",
            "interval1/mean_wait_served",
            "interval1/mean_queue_length",
            "interval2/mean_wait_all",
            "interval2/mean_wait_served",
            "interval2/p_served_within_t0.333333",
            "interval2/sl_excl_short_abandons_t0.333333",
            "interval2/sl_abandon_within_counts_good_t0.333333",
            "interval2/mean_queue_length",
            "interval2/mean_agents_staying_beyond_schedule",
        ),
        contacts=145_000,
        parts=(("interval1", 0, 15), ("interval2", 15, 40)),
    ),
    "staffing_sipp_vs_mol_dev": Plan(
        loose=(
            "hour1/p_wait_gt0",
            "hour2/p_wait_gt0",
            "hour3/p_wait_gt0",
            "hour4/p_wait_gt0",
            "hour1/p_abandon",
            "hour2/p_abandon",
            "hour3/p_abandon",
            "hour4/p_abandon",
        ),
        contacts=200_000,
        parts=(("hour1", 0, 60), ("hour2", 60, 120), ("hour3", 120, 180), ("hour4", 180, 240)),
    ),
    "mtginf_sin_exp_dev": Plan(),
    "batch_c3": Plan(
        loose=(
            "mean_wait_all",
            "mean_queue_length",
        )
    ),
    "prio_pre_c2": Plan(
        loose=(
            "mean_time_not_in_service_class1",
            "mean_time_not_in_service_class2",
        )
    ),
    "lwt_c3_2": Plan(
        loose=(
            "mean_wait_overall",
            "mean_wait_class1",
            "mean_wait_class2",
        )
    ),
    "ps_det": Plan(),
    "ps_det/two_works": Plan(),
    "chat_c3_k2_least": Plan(
        loose=(
            "mean_queue_length",
            "mean_wait_all",
            "mean_wait_served",
        )
    ),
    "callback_threshold_c4": Plan(
        loose=(
            "online_mean_wait_served",
            "callback_mean_delay",
            "mean_callbacks_pending",
        )
    ),
    "blend_r1_c5": Plan(
        loose=(
            "inbound_mean_wait_all",
            "inbound_p_abandon",
            "inbound_p_wait_gt0",
        ),
        contacts=60_000,
    ),
    "tiers_warm_c4_c2": Plan(
        loose=(
            "tier2_mean_wait_per_escalated",
            "tier2_p_wait_gt0",
            "tier1_fraction_held_waiting",
        )
    ),
    "backlog_overnight_c3": Plan(loose=("mean_backlog_at_closing",), contacts=300_000, whole_days=3),
}
