"""What a metric is: a function of a log with a unit, a direction, a scope and stated needs; and the register of all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

from cxsim.contacts.columns import TABLES
from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, nearest, problem
from cxsim.metrics.memory import remember
from cxsim.metrics.ratio import Ratio, Sample

Kind = Literal["process", "result"]
Better = Literal["higher", "lower", "band"]
Scope = Literal["contact", "case", "state", "agent", "survey", "customer"]
Category = Literal["process", "result", "effort", "financial", "employee"]

# Families as benchmarks print them, and the five categories of reports that they belong to (cxsim reference 1 and 3.9).
FAMILIES: Final[dict[str, Category]] = {
    "accessibility": "process",
    "handling": "process",
    "outbound": "process",
    "resolution": "result",
    "self_service": "result",
    "perception": "result",
    "effort": "effort",
    "financial": "financial",
    "employee": "employee",
}


@dataclass(frozen=True, eq=False)
class Metric:
    """One entry of the catalogue; `compute(log, **parameters)` gives a Ratio or a Sample.

    scope says what a window and a group select: 'contact' rows of touchpoints by `offered`; 'case' whole cases that a
    customer began, by the first offer of the case, followed to their end; 'state' those whenever begun, looked at
    during the window; 'agent' presence and busy time cut to the window; 'survey' rows of surveys by the begin of the
    case; 'customer' rows of customers, never cut. `columns` are those that every variant reads and that nothing else
    can stand for.
    `variants` names sets of parameters: {'strict': {'variant': 'strict'}}; the first is the default. `kind` says
    whether staff move it directly (process) or it is the outcome of what they do (result); `family` is one of FAMILIES.
    """

    name: str
    short: str
    compute: Callable[..., Ratio | Sample]
    unit: str
    better: Better
    kind: Kind
    family: str
    scope: Scope
    columns: tuple[str, ...]
    source: str
    null: str
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def unit_of(self, parameters: dict[str, Any]) -> str:
        """Unit of a variant; a mean among shares has one of its own in `units`, by the parameter `variant`."""
        return self.units.get(str(parameters.get("variant")), self.unit)

    @property
    def category(self) -> Category:
        """The part of a report that the metric stands in."""
        return FAMILIES[self.family]

    @property
    def default_variant(self) -> str:
        """Name of the variant that is meant when none is named."""
        return next(iter(self.variants))

    @property
    def meaning(self) -> str:
        """First sentence of the docstring."""
        return (inspect.getdoc(self.compute) or "").split("\n\n")[0].replace("\n", " ")

    @property
    def parameters(self) -> dict[str, Any]:
        """Names and default values of what may be set."""
        return dict(_defaults(self.compute))


@cache
def _defaults(compute: Callable[..., Ratio | Sample]) -> dict[str, Any]:
    parameters = list(inspect.signature(compute).parameters.values())[1:]
    return {parameter.name: parameter.default for parameter in parameters}


REGISTER: dict[str, Metric] = {}


def metric(
    *,
    unit: str,
    better: Better,
    kind: Kind,
    family: str,
    scope: Scope,
    columns: tuple[str, ...],
    source: str,
    short: str = "",
    null: str = "nothing observed gives no value",
    variants: dict[str, dict[str, Any]] | None = None,
    units: dict[str, str] | None = None,
) -> Callable[[Callable[..., Ratio | Sample]], Callable[..., Ratio | Sample]]:
    """Register a function as a metric. Columns are 'offered' (touchpoints) or 'staffing.start' (another table)."""

    def register(function: Callable[..., Ratio | Sample]) -> Callable[..., Ratio | Sample]:
        entry = Metric(
            function.__name__,
            short or function.__name__,
            function,
            unit,
            better,
            kind,
            family,
            scope,
            columns,
            source,
            null,
            variants or {"default": {}},
            units or {},
        )
        REGISTER[entry.name] = entry
        return function

    return register


def find(name: str) -> Metric:
    """The metric of a full or short name.

    Raises
    ------
    MetricUnavailable
        No such metric.
    """
    found = REGISTER.get(name) or next((entry for entry in REGISTER.values() if entry.short == name), None)
    if found is None:
        known = [*REGISTER, *(entry.short for entry in REGISTER.values())]
        raise MetricUnavailable(
            problem(f"metric {name}", "not a metric", "see `cxsim list metrics`", nearest(name, known))
        )
    return found


def require(entry: Metric, log: ContactLog, *, variant: str = "") -> None:
    """Refuse a metric whose columns this log lacks, or that its export never recorded.

    Raises
    ------
    MetricUnavailable
        A column that the metric reads is absent, or holds only what the column map puts there.
    """
    need(log, entry.name, *entry.columns)
    unknown = log.meta.get("not_recorded")
    if unknown and (entry.name in unknown or f"{entry.name}:{variant}" in unknown):
        raise MetricUnavailable(problem(f"metric {entry.name}", "this export does not record it", "what it records"))


def need(log: ContactLog, name: str, *columns: str) -> None:
    """Refuse a metric, or one variant of it, whose columns this log lacks, naming them.

    Raises
    ------
    MetricUnavailable
        A column is absent.
    """
    present = remember(log, "columns", lambda: {f"{table}.{name}" for table in TABLES for name in getattr(log, table)})
    if not _places(columns) <= present:
        absent = [column for column in columns if not _places((column,)) <= present]
        raise MetricUnavailable(
            problem(f"metric {name}", f"this log has no {', '.join(absent)}", f"it reads {', '.join(columns)}")
        )


@cache
def _places(columns: tuple[str, ...]) -> frozenset[str]:
    """Columns written 'offered' or 'staffing.start', each with its table."""
    return frozenset(column if "." in column else f"touchpoints.{column}" for column in columns)


def unknown_choice(name: str, parameter: str, given: object, allowed: Iterable[str]) -> MetricUnavailable:
    """The error for a parameter that must be one of a few words."""
    words = list(allowed)
    return MetricUnavailable(
        problem(f"metric {name}.{parameter}", given, f"one of {', '.join(words)}", nearest(str(given), words))
    )
