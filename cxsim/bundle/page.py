"""The readable document of a bundle: one offline HTML page in the style of the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from cxsim.bundle.register import GRADES, KINDS, Entry

TEMPLATE: Final = "page.html.j2"
SHOWN: Final = 400  # entries of one kind on the page; all of them stand in assumptions.csv


def page(
    index: Mapping[str, Any],
    answered: Sequence[tuple[Any, list[str], list[tuple[str, str]]]],
    entries: Sequence[Entry],
    picture: str,
) -> str:
    """The page as text.

    Parameters
    ----------
    index : mapping
        What bundle.json says.
    answered : sequence of (Item, sentences of the run, what the author says)
    entries : sequence of Entry
        The register of assumptions.
    picture : str
        The diagram of the base model, as SVG.
    """
    environment = Environment(
        loader=PackageLoader("cxsim.bundle", "."),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    kinds = [(kind, meaning, [entry for entry in entries if entry.kind == kind]) for kind, meaning in KINDS.items()]
    return environment.get_template(TEMPLATE).render(
        index=index,
        sections=_by_section(answered),
        kinds=[(kind, meaning, rows[:SHOWN], len(rows)) for kind, meaning, rows in kinds if rows],
        grades=GRADES,
        facts=_facts(index),
        # Our own SVG, in which every word was escaped where it was drawn.
        picture=Markup(picture),
    )


def _by_section(answered: Sequence[tuple[Any, list[str], list[tuple[str, str]]]]) -> list[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for item, told, said in answered:
        found.setdefault(item.section, []).append((item, told, [(name.replace("_", " "), text) for name, text in said]))
    return list(found.items())


def _facts(index: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What made the numbers, in rows."""
    code = index["code"]
    scenarios = ", ".join(f"{label} {fingerprint}" for label, fingerprint in index["scenarios"].items())
    return [
        ("Command", index["command"] or "not recorded"),
        ("Seed", f"{index['seed']} (stream scheme {index['stream_scheme']})"),
        ("Replications", f"{index['replications']}; {index['trials']} trials"),
        ("Scenarios", scenarios),
        ("Perception model", index["perception"]),
        ("Benchmark profile", index["profile"] or "none"),
        ("Code of the run", code["run"]),
        ("Code that wrote this", f"{code['bundle']}, {code['files']} files"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in index["versions"].items())),
        ("Platform", f"{index['platform']}{', compiled' if index['compiled'] else ''}"),
        ("Run again when bundled", f"{', '.join(index['run_again'])}: equal to the last bit"),
    ]
