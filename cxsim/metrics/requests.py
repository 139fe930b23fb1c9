"""What is asked for: names, variants and parameters of metrics, read and checked before anything is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import yaml

from cxsim import shipped
from cxsim.errors import MetricUnavailable, nearest, problem
from cxsim.metrics.metric import REGISTER, Metric, find

Wanted = str | Iterable[str | Mapping[str, Mapping[str, Any]]] | Mapping[str, Mapping[str, Any]] | None


@dataclass(frozen=True, eq=False)
class Request:
    """One metric with every parameter settled; `variant` names the settings, since two variants never compare."""

    metric: Metric
    variant: str
    parameters: dict[str, Any]

    @property
    def label(self) -> str:
        """'name:variant', as it can be asked for."""
        return f"{self.metric.name}:{self.variant}"


def read(metrics: Wanted, *, population: str | None = None) -> list[Request]:
    """Requests from names.

    Parameters
    ----------
    metrics : None, str, list or mapping
        None: the default variant of every metric and the variants of the shipped list 'standard'. A name, full or
        short, 'name:variant', or the name of a shipped list; or several of these; or {'name': {parameter: value}}.
    population : str, optional
        'all' or 'surveyed', set for every metric that has this parameter with these words.

    Raises
    ------
    MetricUnavailable
        A metric, variant or parameter does not exist; all of them together.
    """
    if metrics is None:
        return list(_of_words(tuple(REGISTER.values()), None, population))
    if isinstance(metrics, list | tuple) and all(isinstance(entry, str) for entry in metrics):
        return list(_of_words(tuple(REGISTER.values()), tuple(metrics), population))
    return _read(metrics, population=population)


@lru_cache(maxsize=64)
def _of_words(_: tuple[Metric, ...], words: tuple[str, ...] | None, population: str | None) -> tuple[Request, ...]:
    """What words or None ask for, of the metrics now registered: the same is asked of many logs."""
    return tuple(_read(words, population=population))


def _read(metrics: Wanted, *, population: str | None) -> list[Request]:
    requests: list[Request] = []
    wrong: list[str] = []
    for name, parameters in _entries(metrics):
        try:
            requests.append(_request(name, parameters, population=population))
        except MetricUnavailable as error:
            wrong.extend(error.problems)
    if wrong:
        raise MetricUnavailable(wrong)
    return list({request.label: request for request in requests}.values())


def shipped_list(name: str) -> list[str]:
    """The entries of a shipped list of metrics, conf/metrics/NAME.yaml: 'name' or 'name:variant' each.

    Raises
    ------
    MetricUnavailable
        No such list.
    """
    known = shipped.names("metrics")
    if name not in known:
        raise MetricUnavailable(problem(f"metrics {name}", "no such list", f"one of {known}", nearest(name, known)))
    return list(_read_list(name))


@cache
def _lists() -> frozenset[str]:
    return frozenset(shipped.names("metrics"))


@cache
def _read_list(name: str) -> tuple[str, ...]:
    path = shipped.path("metrics", name)
    if path is None:
        raise MetricUnavailable(problem(f"metrics {name}", "no file of that name", "a file of conf/metrics"))
    return tuple(str(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"])


def _entries(metrics: Wanted) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if metrics is None:
        place = {name: number for number, name in enumerate(REGISTER)}
        every = [*REGISTER, *shipped_list("standard")]
        yield from ((name, {}) for name in sorted(every, key=lambda name: place[find(name.partition(":")[0]).name]))
    elif isinstance(metrics, str):
        plain = metrics not in REGISTER and metrics in _lists()
        yield from ((name, {}) for name in (shipped_list(metrics) if plain else [metrics]))
    elif isinstance(metrics, Mapping):
        yield from metrics.items()
    else:
        for entry in metrics:
            yield from _entries(entry)


def _request(name: str, parameters: Mapping[str, Any], *, population: str | None) -> Request:
    base, _, variant = name.partition(":")
    entry = find(base.strip())
    variant = variant.strip() or entry.default_variant
    if variant not in entry.variants:
        raise MetricUnavailable(
            problem(
                f"metric {entry.name}:{variant}",
                "not a variant",
                f"variants are {', '.join(entry.variants)}",
                nearest(variant, entry.variants),
            )
        )
    if not parameters:
        return _shipped(entry, variant, population)
    return _settled(entry, variant, parameters, population)


@cache
def _shipped(entry: Metric, variant: str, population: str | None) -> Request:
    return _settled(entry, variant, {}, population)


def _settled(entry: Metric, variant: str, parameters: Mapping[str, Any], population: str | None) -> Request:
    given = dict(parameters)
    if population is not None and set(_populations(entry)) == {"all", "surveyed"}:
        given.setdefault("population", population)
    settled = {**entry.variants[variant], **{key: _value(entry, key, value) for key, value in given.items()}}
    return Request(entry, _named(entry, variant, settled, given), settled)


def _populations(entry: Metric) -> list[Any]:
    return [variant["population"] for variant in entry.variants.values() if "population" in variant]


def _value(entry: Metric, name: str, value: Any) -> Any:
    """A parameter's value, of the kind of its default."""
    where, known = f"metric {entry.name}.{name}", entry.parameters
    if name not in known:
        allowed = f"parameters are {', '.join(known)}" if known else "it has no parameters"
        raise MetricUnavailable(problem(where, "not a parameter", allowed, nearest(name, known)))
    default = known[name]
    if isinstance(default, str):
        if not isinstance(value, str):
            raise MetricUnavailable(problem(where, repr(value), "a word"))
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or len(value) != len(default):
            raise MetricUnavailable(problem(where, repr(value), f"{len(default)} numbers, worst and best"))
        return tuple(float(item) for item in value)
    if not number or value < 0 or (name == "p" and value > 1) or (name in ("interval",) and value == 0):
        allowed = {"p": "a share, 0 to 1", "interval": "a number above 0"}.get(name, "a number, 0 or above")
        raise MetricUnavailable(problem(where, repr(value), allowed))
    return float(value)


def _named(entry: Metric, variant: str, settled: dict[str, Any], given: dict[str, Any]) -> str:
    """The variant's name; that of an equal shipped variant, or 'strict, within=30' if the settings are the asker's."""
    full = {**entry.parameters, **settled}
    for name, parameters in entry.variants.items():
        if full == {**entry.parameters, **parameters}:
            return name
    plain = {**entry.parameters, **entry.variants[variant]}
    changed = [f"{key}={_text(full[key])}" for key in sorted(given) if full[key] != plain[key]]
    return ", ".join([variant, *changed])


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " to ".join(f"{item:g}" for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
