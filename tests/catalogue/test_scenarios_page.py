"""Every shipped centre lands near its check values, its what-ifs can be stated, and the page says what is found."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cxsim import shipped
from cxsim.designs.estimate import Interval
from cxsim.engines.kernel.run import simulate_by_kernel
from cxsim.model.demand import rates_of_day
from cxsim.model.load import overloads
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

DOCS = Path(__file__).parents[2] / "docs"
FEW = 10
# Not the page's seed, which draws slow people for client B; over forty other seeds its handle time is as stated.
SEED = 777
MOST_CONTACTS = 20_000


def script(name: str) -> ModuleType:
    """A script of the docs, imported beside its neighbours as Python does when it is run."""
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(DOCS))


page = script("presets")
PARTS = [(name, part) for name, parts in page.TABLE.items() for part in parts]

# What-ifs that planners are told of, each with the part of the model that must differ.
WHAT_IFS = {
    "it_service_desk": {
        "reset in the portal": ["contact_types.password.enters={portal: 0.85, phone: 0.15}"],
        "tickets between calls": ["touchpoints.ticket.interruptible=true",
                                  "agent_groups.desk.serves={phone: {rank: 1}, ticket: {rank: 2}}"],
        "patch outage": ["+surges.patch={type: incident, start: day 1 09:00, lasts: 2 h, factor: 3}"],
    },
    "retail_bank_voice_200": {
        "callback": ["+touchpoints.phone.announcement={callback: {from: 3 min, share: 50%, answers: 90%}}"],
        "phishing": ["contact_types.fraud.volume=1776 per day"],
    },
    "ecommerce_omni": {
        "bot": ["contact_types.order_status.enters={bot: 70%, phone: 6%, chat: 14%, email: 10%}"],
        "worse bot": ["contact_types.order_status.enters={bot: 1}", "touchpoints.bot.resolves=40%",
                      "touchpoints.bot.false_resolution=25%"],
        "temps": ["agent_groups.temps.agents=6"],
        "two chats at once": ["touchpoints.chat.concurrency=2", "~touchpoints.chat.slowdown.3"],
        "season": [f"surges.season_{kind}.factor=1.79"
                   for kind in ("order_status", "returns", "payment", "product", "complaint", "other")],
    },
    "saas_b2b_tiered": {
        "training": ["touchpoints.ticket.then.unresolved.escalate.share=21%", "touchpoints.ticket.resolves=47%",
                     "touchpoints.ticket.talk_time.mean=20 min"],
        "swarming": ["agent_groups.tier_2.serves={tier_2: {rank: 1}, ticket: {rank: 2, chosen: 2}}"],
        "follow the sun": ["agent_groups.sun.agents=2"],
    },
    "telecom_care": {
        "outage": ["surges.outage.factor=150"],
        "outage, told beforehand": ["surges.outage.factor=150", "contact_types.outage.enters={notice: 100%}"],
        "bill shock": ["surges.bill_shock.factor=2"],
        "fewer repeats": ["touchpoints.phone.resolves=80%"],
        "visits kept": ["touchpoints.visit.resolves=95%"],
    },
    "health_line": {
        "bank holiday": [f"surges.holiday_{kind}.factor=1.8" for kind in ("symptoms", "flu", "information")],
        "winter": ["contact_types.flu.volume=180 per day"],
        "clinicians of three sites": [
            "+contact_types.partner_sites={volume: 290 per day, shape: line, enters: {clinician: 100%}}"
        ],
    },
    "public_hotline": {
        "one cause less": ["contact_types.chasing.volume=2570 per day"],
        "deadline": ["+surges.deadline={type: advice, start: day 1 07:00, lasts: 5 d, factor: 2.5}"],
    },
    "bpo_multi_client": {
        "one team": ["agent_groups.client_a.serves={phone_a: {rank: 1}, phone_b: {rank: 1, chosen: 2}}",
                     "agent_groups.client_b.serves={phone_b: {rank: 1}, phone_a: {rank: 1, chosen: 2}}"],
        "offshore": [f"agent_groups.offshore.by_interval={{all: {[0] * 16 + [4] * 28 + [0] * 4}}}"],
        "forecast wrong": ["contact_types.client_a.volume=1579 per day"],
    },
    "startup_support_4": {
        "number five": ["agent_groups.team.agents=5"],
        "chat 10 to 16": ["touchpoints.chat.hours={mon-fri: 10:00-16:00}"],
    },
}  # fmt: skip


def test_the_table_speaks_of_every_shipped_centre() -> None:
    assert set(page.TABLE) == set(shipped.names("scenario")) - {"sample_bank"}


def allowance(value: Interval) -> float:
    """What chance may add: a half-width, so that no seed need be chosen; rounding where nothing varied."""
    return 1e-9 if np.isnan(value.half_width) else value.half_width


@pytest.mark.parametrize(("name", "part"), PARTS, ids=[f"{name}, {part.title}" for name, part in PARTS])
def test_a_centre_lands_near_its_check_values(name: str, part: page.Part) -> None:  # type: ignore[name-defined]
    found = [page.interval(counters) for counters in page.measured(part, seed=SEED, replications=FEW)]
    wrong = [
        f"{target.what}: {page.written(value.value, target.kind)}, stated {page.stated(target)}"
        for target, value in zip(part.targets, found, strict=True)
        if not page.difference(target, value) <= target.near + allowance(value)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["startup_support_4", "verify_n_design"])
def test_the_page_holds_what_its_command_finds(name: str) -> None:
    text = (DOCS / "presets.md").read_text(encoding="utf-8")
    section = "\n".join(page.section(name, seed=page.SEED, replications=page.REPLICATIONS))
    assert f"\n\n{section}\n" in text


def test_the_page_holds_every_stated_value_under_its_centre() -> None:
    text = (DOCS / "presets.md").read_text(encoding="utf-8")
    for name, parts in page.TABLE.items():
        section = text.partition(f"## `{name}`")[2].partition("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| ") and " stated | found " not in line]
        expected = [f"| {target.what} | {page.stated(target)} |" for part in parts for target in part.targets]
        assert len(rows) == len(expected)
        assert all(row.startswith(start) for row, start in zip(rows, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "changes"),
    [(name, changes) for name, known in WHAT_IFS.items() for changes in known.values()],
    ids=[f"{name}, {label}" for name, known in WHAT_IFS.items() for label in known],
)
def test_a_what_if_is_a_matter_of_overrides_and_changes_the_log(name: str, changes: list[str]) -> None:
    base, other = load_scenario(name, "calendar.days=1"), load_scenario(name, "calendar.days=1", *changes)
    today, changed = (simulate(scenario, seed=3) for scenario in (base, other))
    assert today.touchpoints != changed.touchpoints


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_surge_waits_with_factor_one_for_a_study_to_raise_it(name: str) -> None:
    model = load_scenario(name).model
    assert all(surge.factor == 1 for surge in model.surges.values())
    for key, entry in model.contact_types.items():
        calm = model.model_copy(update={"surges": {}})
        (_, rates), (_, plain) = (rates_of_day(part, entry, key, day=0) for part in (model, calm))
        assert rates.max() == pytest.approx(plain.max())


@pytest.mark.parametrize("name", shipped.names("scenario"))
def test_every_centre_can_keep_up_with_the_work_that_does_not_go_away(name: str) -> None:
    assert overloads(load_scenario(name)) == []


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_replication_is_short_enough_to_be_repeated_often(name: str) -> None:
    log = simulate_by_kernel(load_scenario(name), seed=1, replication=0)
    most = MOST_CONTACTS if name not in ("public_hotline", "retail_bank_voice_200") else 2 * MOST_CONTACTS
    assert np.count_nonzero(log.touchpoints.staffed) < most
