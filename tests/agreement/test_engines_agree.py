"""Both engines write the same log to the last bit: scenarios over all mechanisms, any number of threads, any room,
compiled or not, whatever the processor.

The slow run counts the mechanisms of its scenarios; CXSIM_AGREEMENT_TABLE names a file to which the counts are written.
"""

import os
import pickle
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from support.generated import NEEDS, SWITCHES, scenarios, seeds
from support.log_digests import digest_of
from support.mechanisms_of import MECHANISMS, mechanisms_of

from cxsim import shipped
from cxsim.engines.kernel import loop, world
from cxsim.engines.kernel.run import Kernel
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

TESTS = Path(__file__).parents[1]
FEW = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
CHUNKS, A_CHUNK, AT_LEAST = 48, 50, 100
# Everything switched on, a small day of it.
EVERYTHING = TESTS.parent / "timings" / "model_c.yaml"
SMALL = ("contact_types.orders.volume=180 per day", "contact_types.billing.volume=130 per day",
         "contact_types.technical.volume=100 per day", "agent_groups.general.shifts.early.agents=2",
         "agent_groups.general.shifts.middle.agents=1", "agent_groups.general.shifts.late.agents=2",
         "agent_groups.technical.shifts.early.agents=2", "agent_groups.technical.shifts.late.agents=1",
         "agent_groups.experts.shifts.early.agents=1", "agent_groups.experts.shifts.late.agents=1",
         "agent_groups.back_office.shifts.early.agents=2", "agent_groups.back_office.shifts.late.agents=1")  # fmt: skip


def differences(source, *, seed):
    """Columns that are not the same in both logs: empty if the engines agree."""
    scenario = load_scenario(source)
    readable, compiled = (simulate(scenario, seed=seed, engine=engine) for engine in ("process", "kernel"))
    if readable == compiled:
        return []
    return [
        f"{table}.{name}"
        for table in ("touchpoints", "staffing", "agents", "customers")
        for name, values in getattr(readable, table).columns.items()
        if values.tobytes() != getattr(compiled, table).columns[name].tobytes()
    ] or ["names"]


# ---------------------------------------------------------------------------------------------------- same log


@pytest.mark.parametrize("mechanism", SWITCHES)
def test_engines_agree_where_a_mechanism_is_alone(mechanism):
    wanted = frozenset({mechanism, *([NEEDS[mechanism]] if mechanism in NEEDS else [])})

    @FEW
    @given(scenarios(wanted=wanted, snapshots=False), seeds())
    def agree(source, seed):
        assert differences(source, seed=seed) == []

    agree()


@settings(FEW, max_examples=60)
@given(scenarios(), seeds())
def test_engines_agree_where_mechanisms_meet(source, seed):
    assert differences(source, seed=seed) == []


@settings(FEW, max_examples=15)
@given(scenarios(wanted=frozenset(SWITCHES)), seeds())
def test_engines_agree_where_everything_is_switched_on(source, seed):
    assert differences(source, seed=seed) == []


@settings(FEW, max_examples=15)
@given(scenarios(wanted=frozenset(), snapshots=False), seeds())
def test_the_short_way_and_the_general_one_write_the_same_log(source, seed):
    scenario = load_scenario(source)
    short, general = (Kernel(scenario, seed=seed, replication=0) for _ in range(2))
    assert short.loop is not loop
    general.loop = loop
    assert short.run() == general.run()


@pytest.mark.parametrize("name", shipped.names("scenario"))
def test_engines_agree_on_shipped_scenarios(name):
    assert differences(load_scenario(name, "calendar.days=1").source, seed=7) == []


def test_engines_agree_on_a_day_with_everything():
    assert differences(load_scenario(EVERYTHING, *SMALL).source, seed=7) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*shipped.names("scenario"), EVERYTHING])
def test_engines_agree_on_whole_shipped_scenarios(name):
    assert differences(load_scenario(name).source, seed=8) == []


# ---------------------------------------------------------------------------------------------------- counted


def count_agreements(number, *, counts):
    """One chunk of generated scenarios, each compared; counts what was in them."""

    @hypothesis.seed(number)
    @settings(FEW, derandomize=False, database=None, max_examples=A_CHUNK, phases=[Phase.generate])
    @given(scenarios(), seeds())
    def agree(source, seed):
        assert differences(source, seed=seed) == []
        counts["scenarios"] += 1
        counts.update(mechanisms_of(source))

    agree()


@pytest.mark.slow
def test_engines_agree_on_thousands_of_scenarios_with_each_mechanism_in_a_hundred():
    counts = Counter()
    for number in range(CHUNKS):
        count_agreements(number, counts=counts)
    rows = [("scenarios", counts["scenarios"]), *((name, counts[name]) for name in MECHANISMS)]
    if table := os.environ.get("CXSIM_AGREEMENT_TABLE"):
        Path(table).write_text("mechanism,scenarios\n" + "".join(f"{name},{n}\n" for name, n in rows))
    assert counts["scenarios"] >= 2_000
    assert [name for name in MECHANISMS if counts[name] < AT_LEAST] == []


def test_every_mechanism_that_is_generated_is_counted():
    found = set()

    @settings(FEW, max_examples=80)
    @given(scenarios())
    def look(source):
        found.update(mechanisms_of(source))

    look()
    assert found <= set(MECHANISMS)
    assert len(found) > len(MECHANISMS) * 0.8


# ---------------------------------------------------------------------------------------------------- threads, room


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_replications_on_threads_write_the_same_logs(n_threads):
    scenario = load_scenario(EVERYTHING, *SMALL)
    alone = [digest_of(simulate(scenario, seed=3, replication=k, engine="process")) for k in range(4)]

    def simulated(replication):
        return digest_of(simulate(scenario, seed=3, replication=replication, engine="kernel"))

    with ThreadPoolExecutor(n_threads) as pool:
        assert list(pool.map(simulated, range(4))) == alone
    assert len(set(alone)) == 4


@pytest.mark.parametrize("small", [world.Size(2, 1, 1, 1, 1, 1), world.Size(60, 4, 3, 9, 2, 1)])
def test_too_small_a_room_changes_nothing(small, monkeypatch):
    cases = [(load_scenario(EVERYTHING, *SMALL), 5), (load_scenario(begun_at_noon()), 6), (plain_day(), 7)]
    roomy = [simulate(scenario, seed=seed, engine="kernel") for scenario, seed in cases]
    asked = []
    monkeypatch.setattr(Kernel, "size", lambda kernel, n: asked.append(n) or small)
    for (scenario, seed), log in zip(cases, roomy, strict=True):
        assert simulate(scenario, seed=seed, engine="kernel") == log
    assert len(asked) == len(cases)


def test_room_does_not_grow_with_the_number_of_replications():
    """Small days vary much in size: each is followed by a larger one, and the room must not be a multiple each time."""
    scenario = load_scenario("verify_mmcm", "calendar.days=1")
    for replication in range(300):
        log = simulate(scenario, replication=replication, engine="kernel")
        rows = log.touchpoints.offered
        assert len(rows.base) <= 1.5 * len(rows) + 64


def begun_at_noon():
    """The small day with everything, from a snapshot of noon."""
    waiting = {"calls": {"type": "orders", "touchpoint": "phone", "waited": "1 min", "n": 5},
               "tickets": {"type": "billing", "touchpoint": "ticket", "waited": "5 h", "n": 3}}  # fmt: skip
    busy = {"call": {"group": "general", "agent": 1, "type": "orders", "touchpoint": "phone", "since": "2 min"}}
    source = dict(load_scenario(EVERYTHING, *SMALL).source)
    return source | {"snapshot": {"at": "day 1 12:00", "waiting": waiting, "busy": busy}}


def plain_day():
    """A shipped scenario in which nothing special happens."""
    return load_scenario("verify_mmcm", "calendar.days=1")


# ---------------------------------------------------------------------------------------------------- other machines


def few_scenarios():
    """Some scenarios with everything, as plain mappings with seeds."""
    found = [(dict(load_scenario(EVERYTHING, *SMALL).source), 11), (begun_at_noon(), 12), (plain_day().source, 13)]

    @settings(FEW, max_examples=6)
    @given(scenarios(wanted=frozenset(SWITCHES)), seeds())
    def keep(source, seed):
        found.append((source, seed))

    keep()
    return found


def digests_elsewhere(cases, *, folder, **environment):
    """The first line and the digests that a process of its own prints."""
    file = folder / "cases.pickle"
    file.write_bytes(pickle.dumps(cases))
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    said = subprocess.run(
        [sys.executable, "-m", "support.log_digests", str(file)],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    first, *digests = said.stdout.split()
    return first, digests


def test_uncompiled_writes_the_same_logs(tmp_path):
    cases = few_scenarios()
    here = [digest_of(simulate(source, seed=seed, engine="kernel")) for source, seed in cases]
    first, there = digests_elsewhere(cases, folder=tmp_path, NUMBA_DISABLE_JIT="1")
    assert first == "uncompiled"
    assert there == here


@pytest.mark.slow
def test_logs_are_the_same_for_two_kinds_of_processor(tmp_path):
    cases = few_scenarios()
    here = [digest_of(simulate(source, seed=seed, engine="kernel")) for source, seed in cases]
    first, there = digests_elsewhere(
        cases,
        folder=tmp_path,
        NUMBA_CPU_NAME="generic",
        NUMBA_CPU_FEATURES="",
        CXSIM_CACHE=str(tmp_path / "compiled"),
    )
    assert first == "compiled"
    assert there == here
