"""Writing a perception model as a file that `load_model` reads: every number with its range, prior and source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import yaml

from cxsim.perception.parameters import ABOUT, Evidence, PerceptionModel


def write_model(model: PerceptionModel, path: str | Path) -> Path:
    """Write a model; read again it is the same, but for its name.

    Parameters
    ----------
    model : PerceptionModel
        What a scenario declares is not part of the file.
    path : str or Path
        Of a YAML file; what was there is replaced.

    Returns
    -------
    Path
    """
    file = Path(path)
    document = {
        entry.name: _plain(getattr(model, entry.name), entry.name, entry.metadata, model.evidence)
        for entry in fields(model)
        if entry.name not in ABOUT
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    file.write_text(text, encoding="utf-8")
    return file


def _plain(value: Any, address: str, about: Mapping[str, Any], evidence: Mapping[str, Evidence]) -> Any:
    """A part of a model as mappings, lists, numbers and texts."""
    if is_dataclass(value):
        return {
            entry.name: _plain(part, f"{address}.{entry.name}", entry.metadata, evidence)
            for entry in fields(value)
            if (part := getattr(value, entry.name)) == part  # NaN says nothing: left out
        }
    if isinstance(value, Mapping):
        return {name: _plain(part, f"{address}.{name}", {}, evidence) for name, part in value.items()}
    written: Any = list(map(float, value)) if isinstance(value, tuple) else _number(value, about)
    known = evidence.get(address)
    if known is None:
        return written
    said: dict[str, Any] = {"value": written}
    if math.isfinite(known.low) and math.isfinite(known.high):
        said["range"] = [_number(known.low, about), _number(known.high, about)]
    if math.isfinite(known.prior_sd):
        said["prior_sd"] = float(known.prior_sd)
    return said | {name: text for name, text in (("grade", known.grade), ("source", known.source)) if text}


def _number(value: float, about: Mapping[str, Any]) -> float | str:
    return f"{float(value)!r} s" if about.get("unit") == "s" else float(value)
