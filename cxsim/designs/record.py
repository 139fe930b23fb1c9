"""What every result carries, so that it can be checked, compared and computed again by somebody else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from cxsim.designs.estimate import Interval
from cxsim.errors import problem

NOT_ASSESSED = "not assessed"
# Of a whole run: where its numbers come from.
RUN_FIELDS = (
    "seed",
    "stream_scheme",
    "scenarios",  # fingerprints by label
    "commit",
    "versions",  # of Python, NumPy, SciPy and cxsim at least
    "counters",  # by replication, so that every interval can be computed again
    "wall_time",  # [s]
    "machine",
)
VERSIONS = ("python", "numpy", "scipy", "cxsim")


class Declared(NamedTuple):
    """What was said before the run: it decides what a result may claim.

    Attributes
    ----------
    primary : bool
        The one metric of the study that needs no correction.
    target, margin : float or None
        In the unit of the metric; None where none was declared.
    multiplicity : str
        Rule by which several results are judged together: 'holm', 'simultaneous', 'false discoveries', or 'none'.
    """

    primary: bool = False
    target: float | None = None
    margin: float | None = None
    multiplicity: str = "none"


class Uncertainty(NamedTuple):
    """Standard deviations, in the unit of the metric, of input and of forecast; None is not assessed."""

    of_input: float | None = None
    of_forecast: float | None = None


def result_record(
    interval: Interval,
    *,
    metric: str,
    variant: str,
    unit: str,
    declared: Declared | None = None,
    uncertainty: Uncertainty | None = None,
) -> dict[str, Any]:
    """One result as plain data, with its three lines of uncertainty: simulation, input, forecast.

    What does not exist is None, never NaN, and a flag says why; an uncertainty that was not looked at says so.

    Parameters
    ----------
    interval : Interval
    metric, variant, unit : str
        A metric without its variant is no metric.
    declared : Declared, optional
        Before the run.
    uncertainty : Uncertainty, optional

    Raises
    ------
    ValueError
        No name, variant or unit; or an interval without ends that gives no reason.
    """
    where = f"result of {metric or 'a metric'}"
    if not metric or not variant or not unit:
        raise ValueError(problem(where, f"variant '{variant}', unit '{unit}'", "a name, a variant and a unit"))
    ends = (interval.value, interval.low, interval.high)
    if any(map(math.isnan, ends)) and not interval.flags:
        raise ValueError(problem(where, "no interval and no flag", "a reason for what is missing"))
    said, known = declared or Declared(), uncertainty or Uncertainty()
    return {
        "metric": metric,
        "variant": variant,
        "unit": unit,
        "value": _or_none(interval.value),
        "low": _or_none(interval.low),
        "high": _or_none(interval.high),
        "level": interval.level,
        "method": interval.method,
        "n": interval.n,
        "df": _or_none(interval.df),
        "flags": list(interval.flags),
        **said._asdict(),
        "uncertainty": {
            "simulation": _line(_or_none(interval.standard_error)),
            "input": _line(known.of_input),
            "forecast": _line(known.of_forecast),
        },
    }


def missing_fields(run: Mapping[str, Any]) -> list[str]:
    """Names of what a run must carry and does not, versions as 'versions.numpy'; empty where nothing is missing."""
    missing = [name for name in RUN_FIELDS if run.get(name) is None]
    versions = run.get("versions") or {}
    return missing + [f"versions.{name}" for name in VERSIONS if "versions" not in missing and not versions.get(name)]


def _or_none(value: float) -> float | None:
    """A number that plain data can hold: neither NaN nor infinite."""
    return float(value) if math.isfinite(value) else None


def _line(value: float | None) -> float | str:
    return NOT_ASSESSED if value is None else value
