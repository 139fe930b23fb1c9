"""The dictionary of definitions: every metric's record as text, generated from the register."""

from __future__ import annotations

import inspect

import cxsim.metrics  # noqa: F401  (importing it fills the register)
from cxsim.metrics.metric import FAMILIES, REGISTER, find

# What is divided by what is in the docstring; what a window and a group do to it follows from the scope.
COUNTED = {
    "contact": "legs offered in the window",
    "case": "cases begun in the window, followed to their end",
    "state": "all cases, as they stand during the window",
    "agent": "presence and work, cut to the window",
    "survey": "surveys on cases begun in the window",
    "customer": "all customers, whatever the window",
}


def definition(name: str) -> str:
    """A metric's entry in the dictionary of definitions, from the register; its formula is the docstring."""
    entry = find(name)
    lines = [
        f"metric {entry.name}" + (f" ({entry.short})" if entry.short != entry.name else ""),
        "",
        inspect.getdoc(entry.compute) or "",
        "",
        f"unit       {entry.unit}" + "".join(f"; {variant}: {unit}" for variant, unit in entry.units.items()),
        f"better     {entry.better}",
        f"category   {entry.category}",
        f"family     {entry.family}",
        f"kind       {entry.kind}",
        f"counts     {COUNTED[entry.scope]}; sums are divided once, never averaged",
        f"needs      {', '.join(entry.columns)}",
        f"no value   {entry.null}",
        f"source     {entry.source}",
        "settings   " + (", ".join(f"{name}={_plain(value)}" for name, value in entry.parameters.items()) or "none"),
        "variants   " + "\n           ".join(
            f"{variant}" + (f": {', '.join(f'{k}={v}' for k, v in given.items())}" if given else "")
            for variant, given in entry.variants.items()
        ),
    ]  # fmt: skip
    return "\n".join(lines)


def _plain(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value) or "''"


def dictionary() -> str:
    """Every metric's entry, by category and family."""
    parts = []
    for family, category in FAMILIES.items():
        mine = [name for name, entry in REGISTER.items() if entry.family == family]
        parts += [f"== {category}: {family}, {len(mine)} metrics ==", *map(definition, mine)] if mine else []
    return "\n\n".join(parts)
