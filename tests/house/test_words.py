"""One word, one meaning: lists of words that stand in two places agree, and no synonyms creep in."""

import ast
import re
from pathlib import Path
from typing import get_args

from cxsim.contacts import columns
from cxsim.model import policies
from cxsim.model.tables import EXIT_ROWS
from cxsim.scenario import fields, schema, schema_staff, schema_touchpoints

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "cxsim").rglob("*.py"))
# Left: never in a name. The word of the house is on the right.
SYNONYMS = {
    "caller": "customer",
    "client": "customer",
    "utilization": "utilisation",
    "center": "centre",
    "aht": "average_handle_time",
    "asa": "average_speed_of_answer",
    "acw": "after_call_work",
    "fcr": "first_contact_resolution",
    "csat": "customer_satisfaction",
    "wrapup": "after_call_work",
    "handling_time": "handle_time",
    "waiting_time": "wait",
    "queue_time": "wait",
    "renege": "abandon",
}
NO_HOMES = ("utils", "helpers", "common", "manager", "misc")


def words_of(name):
    return f"_{name.lower().strip('_')}_"


def test_channels_of_scenarios_are_those_of_the_log():
    assert get_args(schema_touchpoints.Channel) == columns.CHANNELS


def test_outcomes_of_scenarios_are_those_of_the_log_and_one_that_only_the_customer_knows():
    known = set(get_args(schema_touchpoints.Outcome))
    assert known - set(columns.OUTCOMES) == {"falsely_resolved"}
    assert set(columns.OUTCOMES) - known == {"unfinished"}
    assert set(EXIT_ROWS) == known


def test_routing_words_of_scenarios_are_policies():
    assert set(get_args(schema.AgentPolicy)) == set(policies.AGENT_POLICIES)
    assert set(get_args(schema.ContactPolicy)) == set(policies.CONTACT_POLICIES)


def test_transfers_of_scenarios_are_those_of_the_log():
    options = re.findall(r"'(\w+)'", str(schema_touchpoints.Exit.model_fields["transfer"].annotation))
    assert options
    assert set(options) <= set(columns.TRANSFERS)


def parts():
    """Each part of the language, whichever file declares it."""
    found = [part for module in (schema, schema_staff, schema_touchpoints) for part in vars(module).values()]
    return {part for part in found if isinstance(part, type) and issubclass(part, fields.Part)}


def test_a_word_that_stands_elsewhere_is_no_key_of_the_language():
    keys = {info.alias or name for part in parts() for name, info in part.model_fields.items()}
    assert keys & set(schema.ELSEWHERE) == set()


def test_every_field_of_the_language_says_what_it_means():
    silent = [
        f"{part.__name__}.{name}"
        for part in parts()
        for name, info in part.model_fields.items()
        if not info.description and name not in ("mechanism", "calendar")
    ]
    assert silent == []


def test_no_synonyms_in_names():
    found = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.arg):
                names = [node.arg]
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names = [node.id]
            found += [
                f"{path.relative_to(ROOT)}: {name} (say {good})"
                for name in names
                for bad, good in SYNONYMS.items()
                if f"_{bad}_" in words_of(name) or f"_{bad}s_" in words_of(name)
            ]
    assert found == []


def test_no_module_is_a_drawer():
    assert [path.name for path in MODULES if path.stem in NO_HOMES] == []
