"""What must hold of any log, on generated scenarios: 60 in the plain suite, 1,000 when slow."""

import pytest
from hypothesis import HealthCheck, given, settings
from support import audits, routing_audits
from support.generated import scenarios, seeds
from support.rules import rules_of

from cxsim.engines.process import simulate_by_process
from cxsim.scenario.load import load_scenario

QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
THOROUGH = settings(QUICK, max_examples=1_000)


def complaints(source, *, seed):
    """Everything that is wrong with the log of a scenario."""
    log = simulate_by_process(load_scenario(source), seed=seed, replication=0)
    rows, rules = audits.rows_of(log), rules_of(source)
    return [
        *audits.path_of_cases(rows, rules),
        *audits.numbers_of_cases(log),
        *audits.load_of_agents(rows),
        *audits.presence(log, rows),
        *audits.away(log),
        *audits.little(rows),
        *routing_audits.idle_hands(log, rows, rules),
        *routing_audits.order_of_queues(rows, rules),
        *routing_audits.order_of_agents(log, rows, rules),
        *routing_audits.order_of_offers(rows),
        *routing_audits.doors(log, rows, rules),
        *routing_audits.limits(rows, rules),
    ]


@QUICK
@given(scenarios(), seeds())
def test_every_audit_holds_on_generated_scenarios(source, seed):
    assert complaints(source, seed=seed) == []


@pytest.mark.slow
@THOROUGH
@given(scenarios(), seeds())
def test_every_audit_holds_on_many_generated_scenarios(source, seed):
    assert complaints(source, seed=seed) == []
