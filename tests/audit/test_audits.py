"""What must hold of any log, on generated scenarios: 60 in the plain suite, 1,000 when slow."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import audits, mechanism_audits, outbound_audits, routing_audits
from support.generated import NEEDS, SWITCHES, scenarios, seeds
from support.rules import rules_of

from cxsim.engines.process import simulate_by_process
from cxsim.scenario.load import load_scenario

QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FEW = settings(QUICK, max_examples=6)
THOROUGH = settings(QUICK, max_examples=1_000)


# With these the log no longer tells who is idle, and many audits have little to look at.
HIDING = {"hand_over", "interruptible", "ring_time"}
LEGIBLE = [name for name in SWITCHES if name not in HIDING]


def only(*mechanisms):
    """Scenarios with these mechanisms and what they need, and nothing that hides who is busy."""
    found = {*mechanisms, *(NEEDS[name] for name in mechanisms if name in NEEDS)}
    return scenarios(wanted=frozenset(found), snapshots=False)


@st.composite
def legible(draw):
    """A scenario with at most two mechanisms."""
    return draw(only(*draw(st.lists(st.sampled_from(LEGIBLE), max_size=2))))


def complaints(source, *, seed):
    """Everything that is wrong with the log of a scenario."""
    log = simulate_by_process(load_scenario(source), seed=seed, replication=0)
    rows, rules = audits.rows_of(log), rules_of(source)
    return [
        *audits.path_of_cases(rows, rules),
        *audits.numbers_of_cases(log, rules),
        *audits.load_of_agents(rows, rules),
        *audits.presence(log, rows, rules),
        *audits.away(log),
        *audits.little(rows),
        *routing_audits.idle_hands(log, rows, rules),
        *routing_audits.order_of_queues(rows, rules),
        *routing_audits.order_of_agents(log, rows, rules),
        *routing_audits.order_of_offers(rows, rules),
        *routing_audits.doors(log, rows, rules),
        *routing_audits.limits(rows, rules),
        *mechanism_audits.overflow(rows, rules),
        *mechanism_audits.reserve(log, rows, rules),
        *mechanism_audits.warm_transfers(rows, rules),
        *mechanism_audits.breaks(log, rows, rules),
        *mechanism_audits.announcements(rows, rules),
        *mechanism_audits.promises(rows, rules),
        *mechanism_audits.laid_aside(rows, rules),
        *outbound_audits.dialling(rows, rules),
        *outbound_audits.attempts(rows, rules),
    ]


@QUICK
@given(scenarios(), seeds())
def test_every_audit_holds_on_generated_scenarios(source, seed):
    assert complaints(source, seed=seed) == []


@pytest.mark.parametrize("mechanism", LEGIBLE)
@FEW
@given(st.data(), seeds())
def test_every_audit_holds_with_one_mechanism(mechanism, data, seed):
    assert complaints(data.draw(only(mechanism)), seed=seed) == []


@pytest.mark.slow
@THOROUGH
@given(st.one_of(scenarios(), legible()), seeds())
def test_every_audit_holds_on_many_generated_scenarios(source, seed):
    assert complaints(source, seed=seed) == []
