"""What the plain suite holds each oracle case to: measures, contacts and windows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How a case is run.

    `close` are the measures held to 3 % and four standard errors in the plain suite: those whose standard error is
    1.5 % or less with so many contacts. All others of the oracle file that a log shows are held to four standard
    errors there, because 3 % of them would need more contacts.
    Windows: parts of each day (name, begin, end [min]) for cases that start anew every day, else batches of one run.
    """

    close: tuple[str, ...]
    contacts: int = 40_000
    parts: tuple[tuple[str, float, float], ...] = ()


PLANS = {
    "erlb_c12/exponential": Plan(("occupancy", "mean_busy")),
    "erlb_c12/constant": Plan(("occupancy", "mean_busy")),
    "erlb_c12/lognormal": Plan(("occupancy", "mean_busy")),
    "erlc_c14_classic": Plan(("mean_in_system", "mean_sojourn", "occupancy", "sl_t0.333333")),
    "erlc_c5": Plan(("p_wait_gt0", "occupancy"), contacts=100_000),
    "email_deadline_c4": Plan(("mean_backlog_in_hand",), contacts=80_000),
    "mmck_c4_K10": Plan(
        ("p_wait_gt0", "occupancy", "p_served_within_t0.333333", "sl_served_only_t0.333333", "mean_busy_lines"),
        contacts=60_000,
    ),
    "erla_c10": Plan(
        (
            "p_wait_gt0",
            "occupancy",
            "p_served_within_t0.333333",
            "sl_served_only_t0.333333",
            "sl_excl_short_abandons_t0.333333",
            "sl_abandon_within_counts_good_t0.333333",
            "p_served_within_t1",
            "sl_served_only_t1",
            "sl_excl_short_abandons_t1",
            "sl_abandon_within_counts_good_t1",
            "mean_in_system",
        ),
        contacts=100_000,
    ),
    "erla_overload_c5": Plan(
        (
            "p_wait_gt0",
            "p_abandon",
            "mean_wait_all",
            "mean_wait_abandoned",
            "occupancy",
            "sl_abandon_within_counts_good_t0.333333",
            "p_served_within_t2",
            "p_abandon_within_t2",
            "sl_served_only_t2",
            "sl_excl_short_abandons_t2",
            "sl_abandon_within_counts_good_t2",
            "mean_in_system",
        ),
        contacts=60_000,
    ),
    "erlax_c6_K10": Plan(
        (
            "p_wait_gt0",
            "p_abandon",
            "mean_wait_all",
            "mean_wait_served",
            "mean_queue_length",
            "occupancy",
            "mean_in_system",
            "mean_wait_abandoned",
            "p_served_within_t0.333333",
            "sl_served_only_t0.333333",
            "sl_excl_short_abandons_t0.333333",
            "sl_abandon_within_counts_good_t0.333333",
        ),
        contacts=60_000,
    ),
    "mmcg_det_c5": Plan(
        (
            "p_wait_gt0",
            "p_abandon",
            "mean_wait_all",
            "mean_wait_served",
            "mean_queue_length",
            "occupancy",
            "p_served_within_t0.333333",
            "sl_served_only_t0.333333",
            "sl_excl_short_abandons_t0.333333",
            "sl_abandon_within_counts_good_t0.333333",
            "p_served_within_t2",
            "p_abandon_within_t2",
        ),
        contacts=60_000,
    ),
    "mmcg_h2_c6": Plan(
        (
            "p_wait_gt0",
            "p_abandon",
            "mean_wait_abandoned",
            "occupancy",
            "p_served_within_t0.333333",
            "p_abandon_within_t0.333333",
            "sl_served_only_t0.333333",
            "sl_excl_short_abandons_t0.333333",
            "sl_abandon_within_counts_good_t0.333333",
        ),
        contacts=60_000,
    ),
    "mmcg_atom_c4": Plan(
        (
            "p_wait_gt0",
            "occupancy",
            "p_served_within_t0.333333",
            "sl_served_only_t0.333333",
            "sl_excl_short_abandons_t0.333333",
            "sl_abandon_within_counts_good_t0.333333",
        ),
        contacts=120_000,
    ),
    "mg1_lognormal_dev": Plan(("occupancy", "p_wait_gt0"), contacts=60_000),
    "mdc_c3": Plan(("occupancy", "p_wait_gt0"), contacts=60_000),
    "m_e2_c3": Plan(("p_wait_gt0", "occupancy"), contacts=60_000),
    "prio_np_c4_2": Plan(("p_wait_gt0_every_class",), contacts=80_000),
    "acw_c4": Plan(
        (
            "p_wait_gt0",
            "mean_wait_all",
            "occupancy",
            "p_abandon",
            "p_served_within_t0.333333",
            "p_served_within_t2",
            "fraction_of_agent_time_talking",
            "fraction_of_agent_time_wrapping",
            "mean_time_in_system_of_served",
        ),
        contacts=100_000,
    ),
    "tiers_cold_2_dev": Plan(("tier1_occupancy", "tier2_occupancy", "first_contact_resolution_rate"), contacts=60_000),
    "recontact_delay_dev": Plan(
        (
            "contacts_per_case",
            "total_contact_rate_per_min",
            "first_contact_resolution_rate",
            "occupancy",
            "sl_per_contact_t0.333333",
        ),
        contacts=80_000,
    ),
    "retrial_blocked_c3": Plan(
        ("attempt_rate", "attempts_per_customer", "p_block_per_attempt", "occupancy", "fraction_customers_lost"),
        contacts=80_000,
    ),
    "hetero2_longest_idle": Plan(
        ("p_wait_gt0", "occupancy_agent1", "share_of_contacts_agent1", "occupancy_agent2", "share_of_contacts_agent2")
    ),
    "hetero2_fastest": Plan(
        ("p_wait_gt0", "occupancy_agent1", "share_of_contacts_agent1", "occupancy_agent2", "share_of_contacts_agent2")
    ),
    "skill_N_dev": Plan(
        (
            "type1_p_wait_gt0",
            "type1_share_served_by_group1",
            "type1_share_served_by_group2",
            "type1_p_served_within_t0.333333",
            "type1_p_served_within_t2",
            "type2_mean_wait_all",
            "type2_p_abandon",
            "type2_p_wait_gt0",
            "type2_p_served_within_t0.333333",
            "type2_p_served_within_t2",
            "group1_occupancy",
            "group2_occupancy",
        ),
        contacts=120_000,
    ),
    "skill_X_dev": Plan(
        (
            "type1_p_wait_gt0",
            "type1_share_served_by_group1",
            "type1_share_served_by_group2",
            "type1_p_served_within_t0.333333",
            "type1_p_served_within_t2",
            "type2_p_wait_gt0",
            "type2_share_served_by_group1",
            "type2_share_served_by_group2",
            "type2_p_served_within_t0.333333",
            "type2_p_served_within_t2",
            "group1_occupancy",
            "group2_occupancy",
        ),
        contacts=60_000,
    ),
    "skill_N_fifo_word_dev": Plan(("type2_mean_wait_all", "type2_p_abandon", "group1_occupancy", "group2_occupancy")),
    "batch_c3": Plan(("p_wait_gt0", "occupancy")),
    "busyness_erla_c8": Plan(
        ("occupancy", "p_served_within_20s_ratio_of_expectations"), contacts=145_000, parts=(("", 25, 65),)
    ),
    "tv_two_intervals": Plan(
        (
            "interval1/p_served_within_t0.333333",
            "interval1/sl_served_only_t0.333333",
            "interval1/sl_excl_short_abandons_t0.333333",
            "interval1/sl_abandon_within_counts_good_t0.333333",
            "interval1/mean_busy_agents",
            "interval1/occupancy_busy_over_scheduled_plus_overtime",
            "interval2/p_served_within_t0.333333",
            "interval2/sl_served_only_t0.333333",
            "interval2/sl_excl_short_abandons_t0.333333",
            "interval2/sl_abandon_within_counts_good_t0.333333",
            "interval2/mean_busy_agents",
            "interval2/occupancy_busy_over_scheduled_plus_overtime",
        ),
        contacts=60_000,
        parts=(("interval1", 0, 20), ("interval2", 20, 40)),
    ),
    "tv_drop": Plan(
        (
            "interval1/p_served_within_t0.333333",
            "interval1/sl_served_only_t0.333333",
            "interval1/sl_excl_short_abandons_t0.333333",
            "interval1/sl_abandon_within_counts_good_t0.333333",
            "interval1/mean_busy_agents",
            "interval1/occupancy_busy_over_scheduled_plus_overtime",
            "interval2/p_no_free_agent_on_arrival",
            "interval2/p_abandon",
            "interval2/sl_served_only_t0.333333",
            "interval2/mean_busy_agents",
            "interval2/occupancy_busy_over_scheduled_plus_overtime",
        ),
        contacts=60_000,
        parts=(("interval1", 0, 15), ("interval2", 15, 40)),
    ),
    "staffing_sipp_vs_mol_dev": Plan(
        ("hour4/p_wait_gt0",),
        contacts=100_000,
        parts=(("hour1", 0, 60), ("hour2", 60, 120), ("hour3", 120, 180), ("hour4", 180, 240)),
    ),
    "mtginf_sin_exp_dev": Plan(("mean_busy_at_t6", "mean_busy_at_t12"), contacts=120_000),
}
