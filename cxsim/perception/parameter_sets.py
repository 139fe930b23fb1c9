"""Many sets of parameters, each as likely as the evidence says: what is not known about how people feel.

Every set is anchored again in the reference operation, so that sets differ in what matters for a change, not in the
level of the benchmark.

Source
------
The outcome model of the reference, sections 4 and 7.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.special import gammaincinv, ndtri

from cxsim import streams
from cxsim.perception.anchoring import anchor
from cxsim.perception.benchmark import targets_of
from cxsim.perception.kept import kept
from cxsim.perception.parameters import Anchors, Evidence, Memory, PerceptionModel, Split
from cxsim.perception.reference import SEED, reference_journeys

N_SETS: Final = 100
# Journeys on which each set is anchored: enough, since only the difference to the model's own anchors there is used.
N_ANCHORING: Final = 4000
# Parts of a 90 % range on either side of the value, in standard normal units.
_HALF_RANGE: Final = float(ndtri(0.95))
_MEMORY_CERTAINTY: Final = 12.0
# Sampled as they are, not as logarithms: weights may lie close to nothing, some ranges pass through 0.
_AS_IS: Final = ("weights.", "noise.", "response.", "journey.refused")
# How a survey is run and what is written in it: stated by whoever runs it, not a size of what people feel.
_NOT_FELT: Final = (
    "response.voice",
    "response.chat",
    "response.email",
    "response.self_service",
    "comments.",
    "anchors.",
)


def parameter_sets(model: PerceptionModel, *, n_sets: int = N_SETS) -> list[PerceptionModel]:
    """Sets of parameters drawn from the evidence of a model, each anchored again; found once, then kept on disk.

    Parameters
    ----------
    model : PerceptionModel
        Numbers without a range keep their value; signs never change.
    n_sets : int

    Returns
    -------
    list of PerceptionModel
        The same for the same model; the first of more sets are those of fewer.
    """

    def found() -> list[dict[str, Any]]:
        return [{"values": values, "anchors": vars(anchors)} for values, anchors in _drawn_sets(model, n_sets)]

    return [
        with_values(model, one["values"]).with_anchors(_anchors(one["anchors"]))
        for one in kept("sets", f"{model.fingerprint} {n_sets} {N_ANCHORING}", found)
    ]


def _anchors(plain: Mapping[str, Any]) -> Anchors:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items()}
    return Anchors(**values)


def _drawn_sets(model: PerceptionModel, n_sets: int) -> list[tuple[dict[str, float], Anchors]]:
    # Moments of truth are those of a scenario; the reference operation has none.
    model = replace(model, declared=())
    journeys, targets = reference_journeys(N_ANCHORING), targets_of(model)

    def anchors_of(one: PerceptionModel) -> Anchors:
        return anchor(journeys, targets, parameters=one, seed=SEED)

    here = anchors_of(model)
    sets = []
    for number in range(n_sets):
        values = drawn_values(model, number)
        sets.append((values, _moved(model.anchors, here, anchors_of(with_values(model, values)))))
    return sets


def _moved(anchors: Anchors, here: Anchors, there: Anchors) -> Anchors:
    """The anchors of a model, moved as those of few journeys move from here to there: what these share cancels out."""
    moved: dict[str, Any] = {}
    for name, value in vars(anchors).items():
        before, after = np.array(getattr(here, name)), np.array(getattr(there, name))
        if name in ("base_hazard", "exposure"):
            found = np.array(value) * after / before
        else:
            found = np.array(value) + after - before
        if name.endswith("spread"):
            found = np.maximum(found, 1.0)
        cuts = tuple(np.maximum.accumulate(found).tolist()) if found.ndim else float(found)
        moved[name] = cuts
    return Anchors(**moved)


def drawn_values(model: PerceptionModel, number: int) -> dict[str, float]:
    """Values of one set by address, say 'touch.transfer'; a number is drawn by its name, whatever else is drawn."""
    key = streams.replication_key(SEED, number)

    def uniform(address: str) -> float:
        name = int.from_bytes(hashlib.sha256(address.encode()).digest()[:6], "big")
        return float(streams.uniforms(key, streams.CASE, [name], streams.address(0, 0, streams.REFERENCE))[0])

    values = {
        address: _within(model, address, _sampled(address, entry, float(ndtri(uniform(address)))))
        for address, entry in model.evidence.items()
        if math.isfinite(entry.low) and math.isfinite(entry.high) and not address.startswith(_NOT_FELT)
    }
    memory = {entry.name: getattr(model.memory, entry.name) for entry in fields(Memory)}
    values |= _to_one("memory", {n: float(gammaincinv(_MEMORY_CERTAINTY * w, uniform(f"memory.{n}"))) if w else 0.0
                                 for n, w in memory.items()})  # fmt: skip
    for metric in ("satisfaction", "ease", "recommendation"):
        split: Split = getattr(model.noise, metric)
        where = f"noise.{metric}"
        shares = {
            entry.name: values.get(f"{where}.{entry.name}", getattr(split, entry.name)) for entry in fields(split)
        }
        values |= _to_one(where, shares)
    return values


def _sampled(address: str, entry: Evidence, z: float) -> float:
    """The value at a standard normal: the median at 0, the ends of the 90 % range at its 5 % and 95 % points."""
    value, low, high, far = float(np.asarray(entry.value)), entry.low, entry.high, abs(z) / _HALF_RANGE
    if not low <= value <= high:
        # Taken as given by whoever wrote it, but known no better: the range goes along, as wide as before.
        middle, half = math.sqrt(low * high) if low > 0.0 else 0.0, 0.5 * (high - low)
        low, high = (value * low / middle, value * high / middle) if middle else (value - half, value + half)
    end = high if z > 0.0 else low
    if address.startswith(_AS_IS) or min(value, end) <= 0.0:
        return value + far * (end - value)
    return value * math.exp(far * math.log(end / value))


def _within(model: PerceptionModel, address: str, value: float) -> float:
    """A value within the bounds of its field."""
    part: Any = model
    *way, last = address.split(".")
    for name in way:
        part = part[name] if isinstance(part, Mapping) else getattr(part, name)
    about = next(entry.metadata for entry in fields(part) if entry.name == last)
    return min(max(value, about["least"]), about["most"])


def _to_one(where: str, shares: Mapping[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {f"{where}.{name}": share / total for name, share in shares.items()}


def with_values(model: PerceptionModel, values: Mapping[str, float]) -> PerceptionModel:
    """The model with other numbers, by address."""

    def changed(part: Any, below: Mapping[str, Any]) -> Any:
        if not is_dataclass(part):
            return {name: changed(one, below[name]) if name in below else one for name, one in part.items()}
        assert not isinstance(part, type)
        return replace(
            part, **{n: changed(getattr(part, n), v) if isinstance(v, dict) else v for n, v in below.items()}
        )

    tree: dict[str, Any] = {}
    for address, value in values.items():
        at = tree
        *way, last = address.split(".")
        for name in way:
            at = at.setdefault(name, {})
        at[last] = value
    found: PerceptionModel = changed(model, tree)
    return found
