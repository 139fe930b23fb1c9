"""Laws of durations and other amounts: one uniform number gives one variate, by inversion only.

A law is a scale and a shape: variate = scale * shape's quantile, so that `scaled` is exact. A block holds one law: its
parameters, mean and coefficient of variation (cv = standard deviation / mean), and, where it is more than a line, its
compiled quantile, which has a rung in the ladder at the foot. Quantiles use + - * / sqrt and the functions of `streams`
and `special` alone: the same bits on every machine. Above 300 lines because a law is added in this one place.

Source
------
Law, A. M. (2015), Simulation modeling and analysis, chapters 6 and 8 (laws and inversion); Clark (1962) for PERT;
Whitt (1982), Approximating a point process by a renewal process (hyperexponential with balanced means).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxsim import special
from cxsim.compiled import njit
from cxsim.errors import nearest, problem
from cxsim.streams import exp, log, normal_quantile

CONSTANT, EXPONENTIAL, LOGNORMAL, WEIBULL, GAMMA, UNIFORM, TRIANGULAR, BETA, NORMAL = range(9)
HYPEREXPONENTIAL, VALUES, QUANTILES, MIXTURE = range(9, 13)
LAST_WITHOUT_TABLE = NORMAL
ROW = 8

LOG_TWO = 0.69314718055994530942
LOWEST_GAMMA_SHAPE, HIGHEST_GAMMA_SHAPE = 0.01, 1e5

TIMES = ("value", "mean", "median", "sd", "scale", "low", "mode", "high")
DIMENSIONS = {
    **dict.fromkeys(TIMES, "time"),
    **dict.fromkeys(("cv", "shape", "mu", "sigma", "phases"), "number"),
    **{"shares": "shares", "means": "times", "values": "times", "quantiles": "quantiles", "parts": "parts"},
}
# Lowest, highest, and the same in words; far outside what anyone means, so that no moment overflows.
POSITIVE = (1e-9, 1e12, "above 0 (1e-9 to 1e12) is allowed")
NOT_NEGATIVE = (0.0, 1e12, "0 or more (up to 1e12) is allowed")
BOUNDS = {
    **dict.fromkeys(TIMES, POSITIVE),
    **dict.fromkeys(("value", "low", "mode", "high"), NOT_NEGATIVE),
    "cv": (1e-9, 1000.0, "above 0, at most 1000, is allowed; for no spread use law: constant"),
    "shape": POSITIVE,
    "mu": (-20.0, 28.0, "-20 to 28, a logarithm of seconds, is allowed"),
    "sigma": (1e-9, 5.0, "above 0, at most 5, is allowed"),
    "phases": (1.0, 1e5, "a whole number from 1 to 100000 is allowed"),
}


@dataclass(frozen=True)
class Law:
    """One law, ready for `pack_laws`; make it with `make_law`."""

    name: str
    code: int  # its rung in the ladder
    parameters: tuple[float, float, float, float]  # scale [unit of the variate], then what the shape needs [1]
    mean: float  # of the variate, after any cut [its unit]
    cv: float  # standard deviation / mean, 0 where both are 0
    table: tuple[float, ...] = ()  # values, quantiles or shares, of laws that have them
    parts: tuple[Law, ...] = ()  # of a mixture


class Laws(NamedTuple):
    """Many laws in one array, the form in which compiled code reads them: one, because each array costs 12 ns a call.

    Law i has the numbers i * 8 to i * 8 + 7: code, scale, three parameters of the shape, and of its table the first
    place, the number of entries and, in a mixture, the row of the first part. Rows of parts, then tables, stand behind.
    """

    numbers: NDArray[np.float64]


Given = dict[str, Any]
Maker = Callable[[str, Given], Law]
MAKERS: dict[str, Maker] = {}
FORMS: dict[str, tuple[tuple[str, ...], ...]] = {}
PARAMETERS: dict[str, dict[str, str]] = {}


def law(name: str, *forms: tuple[str, ...]) -> Callable[[Maker], Maker]:
    """Register a maker under a law's name, with the combinations of parameters it takes."""

    def register(maker: Maker) -> Maker:
        MAKERS[name] = maker
        FORMS[name] = forms
        PARAMETERS[name] = {parameter: DIMENSIONS[parameter] for form in forms for parameter in form}
        return maker

    return register


def law_of(name: str, code: int, mean: float, cv: float, *parameters: float, **more: Any) -> Law:
    """A law whose unused parameters are 0."""
    four = (*(float(p) for p in parameters), 0.0, 0.0, 0.0)[:4]
    return Law(name, code, four, float(mean), float(cv), **more)  # type: ignore[arg-type]


def law_of_moments(name: str, code: int, first: float, second: float, *parameters: float, **more: Any) -> Law:
    """A law given by its first two moments."""
    deviation = math.sqrt(max(second - first * first, 0.0))
    return law_of(name, code, first, deviation / first if first > 0.0 else 0.0, *parameters, **more)


def refuse(parameter: str, given: object, allowed: str, remedy: str = "") -> ValueError:
    """The refusal of one parameter; the caller raises it."""
    return ValueError(problem(parameter, given, allowed, remedy))


# --- constant -----------------------------------------------------------------------------------------------------
@law("constant", ("value",), ("mean",))
def constant(name: str, given: Given) -> Law:
    """Always the same value."""
    value = given["value"] if "value" in given else given["mean"]
    return law_of(name, CONSTANT, value, 0.0, value)


# --- exponential --------------------------------------------------------------------------------------------------
@law("exponential", ("mean",), ("median",))
def exponential(name: str, given: Given) -> Law:
    """No memory: what is left does not depend on what has passed."""
    mean = given["mean"] if "mean" in given else given["median"] / LOG_TWO
    return law_of(name, EXPONENTIAL, mean, 1.0, mean)


# --- lognormal ----------------------------------------------------------------------------------------------------
@law("lognormal", ("mean", "cv"), ("median", "cv"), ("mu", "sigma"))
def lognormal(name: str, given: Given) -> Law:
    """The logarithm is normal; mu and sigma are mean and standard deviation of the logarithm of seconds."""
    if "mu" in given:
        median, sigma = exp(given["mu"]), given["sigma"]
    else:
        sigma = math.sqrt(log(1.0 + given["cv"] * given["cv"]))
        median = given["median"] if "median" in given else given["mean"] * exp(-0.5 * sigma * sigma)
    cv = given.get("cv", math.sqrt(exp(sigma * sigma) - 1.0))
    return law_of(name, LOGNORMAL, given.get("mean", median * exp(0.5 * sigma * sigma)), cv, median, sigma)


# --- gamma, erlang ------------------------------------------------------------------------------------------------
@law("gamma", ("mean", "cv"), ("median", "cv"), ("shape", "scale"), ("shape", "mean"))
def gamma(name: str, given: Given) -> Law:
    """Spread from near 0 (shape high) to very large (shape low)."""
    shape = given["shape"] if "shape" in given else 1.0 / (given["cv"] * given["cv"])
    if not LOWEST_GAMMA_SHAPE <= shape <= HIGHEST_GAMMA_SHAPE:
        culprit = "shape" if "shape" in given else "cv"
        allowed = "a shape from 0.01 to 100000 is allowed, that is a cv from 0.0032 to 10"
        raise refuse(culprit, given[culprit], allowed)
    if "median" in given:
        scale = given["median"] / special.gamma_quantile(shape, 0.5, special.log_gamma(shape))
    else:
        scale = given["scale"] if "scale" in given else given["mean"] / shape
    mean = given.get("mean", shape * scale)
    if shape == 1.0:
        return law_of(name, EXPONENTIAL, mean, 1.0, mean)
    return law_of(name, GAMMA, mean, given.get("cv", 1.0 / math.sqrt(shape)), scale, shape, special.log_gamma(shape))


@law("erlang", ("phases", "mean"))
def erlang(name: str, given: Given) -> Law:
    """The sum of so many equal exponential phases; mean is that of the sum."""
    phases = given["phases"]
    if phases != math.floor(phases):
        raise refuse("phases", phases, BOUNDS["phases"][2])
    return gamma(name, {"shape": phases, "mean": given["mean"]})


# --- weibull ------------------------------------------------------------------------------------------------------
@law("weibull", ("mean", "cv"), ("median", "cv"), ("shape", "scale"), ("shape", "mean"))
def weibull(name: str, given: Given) -> Law:
    """The chance to end rises (shape above 1) or falls (below 1) with the time passed."""
    if "cv" in given and not 0.005 <= given["cv"] <= 1000.0:
        raise refuse("cv", given["cv"], "0.005 to 1000 is allowed for a weibull law")
    shape = given["shape"] if "shape" in given else special.weibull_shape(given["cv"])
    if not special.LOWEST_WEIBULL_SHAPE <= shape <= special.HIGHEST_WEIBULL_SHAPE:
        raise refuse("shape", shape, "0.05 to 1000 is allowed for a weibull law")
    mean, cv = special.weibull_moments(shape)
    if "median" in given:
        scale = given["median"] * exp(-log(LOG_TWO) / shape)
    else:
        scale = given["scale"] if "scale" in given else given["mean"] / mean
    return law_of(name, WEIBULL, scale * mean, given.get("cv", cv), scale, 1.0 / shape)


# --- uniform, triangular, pert ------------------------------------------------------------------------------------
_SPAN = 1e-300  # of shorter ones the mean would be lost to rounding


def in_order(given: Given) -> float:
    """The distance from low to high, 0 if below `_SPAN`; refuses a low or mode that lies above what follows it."""
    names = [name for name in ("low", "mode", "high") if name in given]
    for before, after in pairwise(names):
        if given[before] > given[after]:
            raise refuse(before, f"{given[before]} is above {after}: {given[after]}", " <= ".join(names))
    width = float(given["high"] - given["low"])
    return width if width >= _SPAN else 0.0


@law("uniform", ("low", "high"))
def uniform(name: str, given: Given) -> Law:
    """Anything between two bounds is equally likely."""
    low, high, width = given["low"], given["high"], in_order(given)
    if width == 0.0:
        return law_of(name, CONSTANT, high, 0.0, high)
    mean = low + 0.5 * width
    return law_of(name, UNIFORM, mean, width / math.sqrt(12.0) / mean, high, low / high)


@law("triangular", ("low", "mode", "high"))
def triangular(name: str, given: Given) -> Law:
    """Between two bounds, likeliest at the mode, falling off in straight lines."""
    low, mode, high, width = given["low"], given["mode"], given["high"], in_order(given)
    if width == 0.0:
        return law_of(name, CONSTANT, high, 0.0, high)
    mean, lean = (low + mode + high) / 3.0, (mode - low) / width
    deviation = width * math.sqrt((1.0 - lean * (1.0 - lean)) / 18.0)
    return law_of(name, TRIANGULAR, mean, deviation / mean, high, low / high, lean)


@law("pert", ("low", "mode", "high"))
def pert(name: str, given: Given) -> Law:
    """Between two bounds, likeliest at the mode, bell-shaped: a beta law with mean (low + 4 mode + high) / 6."""
    low, mode, high, width = given["low"], given["mode"], given["high"], in_order(given)
    if width == 0.0:
        return law_of(name, CONSTANT, high, 0.0, high)
    mean, a = (low + 4.0 * mode + high) / 6.0, 1.0 + 4.0 * (mode - low) / width
    log_beta = special.log_gamma(a) + special.log_gamma(6.0 - a) - special.log_gamma(6.0)
    cv = math.sqrt((mean - low) * (high - mean) / 7.0) / mean
    return law_of(name, BETA, mean, cv, high, low / high, a, log_beta)


# --- normal -------------------------------------------------------------------------------------------------------
@law("normal", ("mean", "sd"), ("mean", "cv"))
def normal(name: str, given: Given) -> Law:
    """The normal law cut at 0 (what lies below is left out); mean, sd and cv are those of the uncut law."""
    sd = given["sd"] if "sd" in given else given["mean"] * given["cv"]
    m = given["mean"] / sd
    below = special.normal_share_below_zero(m)
    lift = exp(-0.5 * m * m - special.HALF_LOG_TWO_PI) / (1.0 - below)
    mean = m + lift
    deviation = math.sqrt(1.0 - lift * mean)
    return law_of(name, NORMAL, sd * mean, deviation / mean, sd, m, below)


# --- hyperexponential ---------------------------------------------------------------------------------------------
@law("hyperexponential", ("shares", "means"), ("mean", "cv"))
def hyperexponential(name: str, given: Given) -> Law:
    """One of several exponential laws, by shares; from mean and cv: two, with equal parts of the mean."""
    if "cv" in given:
        square = given["cv"] * given["cv"]
        if square <= 1.0:
            raise refuse("cv", given["cv"], "above 1 is allowed", "use law: exponential for cv 1, law: gamma below")
        share = 0.5 * (1.0 + math.sqrt((square - 1.0) / (square + 1.0)))
        shares = [share, 1.0 - share]
        means = [0.5 * given["mean"] / s for s in shares]
    else:
        shares, means = shares_of("shares", given["shares"]), numbers_of("means", given["means"], POSITIVE)
        if len(shares) != len(means):
            raise refuse("shares", f"{len(shares)} shares and {len(means)} means", "as many of one as of the other")
    first = sum(s * m for s, m in zip(shares, means, strict=True))
    second = sum(2.0 * s * m * m for s, m in zip(shares, means, strict=True))
    return law_of_moments(name, HYPEREXPONENTIAL, first, second, 1.0, table=(*shares, *means))


# --- empirical ----------------------------------------------------------------------------------------------------
@law("empirical", ("values",), ("quantiles",))
def empirical(name: str, given: Given) -> Law:
    """Observed values, equally likely; or stated quantiles, straight lines between, flat outside."""
    if "values" in given:
        values = sorted(numbers_of("values", given["values"]))
        second = math.fsum(v * v for v in values) / len(values)
        return law_of_moments(name, VALUES, math.fsum(values) / len(values), second, 1.0, table=tuple(values))
    pairs = given["quantiles"].items() if isinstance(given["quantiles"], Mapping) else given["quantiles"]
    if not isinstance(pairs, Iterable) or isinstance(pairs, str) or any(np.shape(pair) != (2,) for pair in pairs):
        raise refuse("quantiles", repr(given["quantiles"]), "pairs of a share and a value are allowed")
    pairs = sorted(tuple(numbers_of("quantiles", list(pair))) for pair in pairs)
    levels, values = [p for p, _ in pairs], [v for _, v in pairs]
    if not pairs or levels[-1] > 1.0 or len(set(levels)) < len(levels) or values != sorted(values):
        raise refuse("quantiles", pairs, "shares from 0 to 1, each once, and values that do not fall are allowed")
    p, v = [0.0, *levels, 1.0], [values[0], *values, values[-1]]
    pieces = list(zip(np.diff(p).tolist(), v[:-1], v[1:], strict=True))
    first = math.fsum(w * (a + b) / 2.0 for w, a, b in pieces)
    second = math.fsum(w * (a * a + a * b + b * b) / 3.0 for w, a, b in pieces)
    return law_of_moments(name, QUANTILES, first, second, 1.0, table=(*levels, *values))


# --- mixture ------------------------------------------------------------------------------------------------------
@law("mixture", ("parts",))
def mixture(name: str, given: Given) -> Law:
    """One of several laws, by shares: the uniform number picks the part and, stretched within it, the variate."""
    entries = list(given["parts"]) if isinstance(given["parts"], Sequence) else []
    if not entries or not all(isinstance(entry, Mapping) and {"share", "law"} <= entry.keys() for entry in entries):
        raise refuse("parts", given["parts"], "a list of parts, each with share, law and the law's parameters")
    shares = shares_of("parts", [entry["share"] for entry in entries])
    parts = []
    for i, entry in enumerate(entries):
        rest = {key: value for key, value in entry.items() if key not in ("share", "law")}
        try:
            parts.append(make_law(str(entry["law"]), rest))
        except ValueError as error:
            raise ValueError("\n".join(f"parts.{i}.{line}" for line in str(error).splitlines())) from None
    first = math.fsum(s * part.mean for s, part in zip(shares, parts, strict=True))
    second = math.fsum(s * part.mean**2 * (1.0 + part.cv**2) for s, part in zip(shares, parts, strict=True))
    return law_of_moments(name, MIXTURE, first, second, 1.0, table=tuple(shares), parts=tuple(parts))


# --- making and packing -------------------------------------------------------------------------------------------
def number_of(parameter: str, value: object, bounds: tuple[float, float, str]) -> float:
    """A finite number within bounds, or a refusal that names the parameter."""
    low, high, allowed = bounds
    if (
        isinstance(value, (int, float, np.integer, np.floating))
        and not isinstance(value, bool)
        and low <= value <= high
    ):
        return float(value)
    raise refuse(parameter, repr(value), allowed)


def numbers_of(parameter: str, values: Any, bounds: tuple[float, float, str] = NOT_NEGATIVE) -> list[float]:
    """A list of finite numbers within bounds, at least one."""
    if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)) or len(values) == 0:
        raise refuse(parameter, repr(values), "a list of at least one number is allowed")
    return [number_of(parameter, value, bounds) for value in values]


def shares_of(parameter: str, values: object) -> list[float]:
    """Shares above 0 that add up to 1."""
    found = numbers_of(parameter, values, POSITIVE)
    total = math.fsum(found)
    if abs(total - 1.0) > 1e-9:
        raise refuse(parameter, f"shares {found} add up to {total:g}", "shares that add up to 1 are allowed")
    return [share / total for share in found]


def make_law(name: str, parameters: Mapping[str, object]) -> Law:
    """A law from its name and parameters.

    Parameters
    ----------
    name : str
        A key of `PARAMETERS`.
    parameters : mapping
        One of the combinations of `FORMS[name]`; times in seconds, shares 0 to 1. Parts of a mixture are mappings with
        `share`, `law` and that law's parameters.

    Raises
    ------
    ValueError
        Lines of the form "parameter: given; allowed; remedy", to be put behind the place of the law in the scenario.
    """
    if name not in MAKERS:
        raise refuse("law", f"'{name}'", f"{', '.join(MAKERS)} are allowed", nearest(name, MAKERS))
    allowed = f"{name} takes " + ", or ".join(" and ".join(form) for form in FORMS[name])
    unknown = [key for key in parameters if key not in PARAMETERS[name]]
    if unknown:
        raise ValueError("\n".join(problem(k, "unknown", allowed, nearest(k, PARAMETERS[name])) for k in unknown))
    if not any(set(form) == parameters.keys() for form in FORMS[name]):
        raise refuse("law", f"{name} with {' and '.join(parameters) or 'no parameters'}", allowed)
    given: Given = dict(parameters)
    for key, value in parameters.items():
        if DIMENSIONS[key] in ("time", "number"):
            given[key] = number_of(key, value, BOUNDS[key])
    return MAKERS[name](name, given)


def scaled(law: Law, factor: float) -> Law:
    """The law of factor * variate; factor 0 or more."""
    if not 0.0 <= factor < math.inf:
        raise refuse("factor", factor, "a finite number, 0 or more, is allowed")
    scale, *shape = law.parameters
    cv = law.cv if factor > 0.0 else 0.0
    return replace(law, parameters=(scale * factor, *shape), mean=law.mean * factor, cv=cv)  # type: ignore[arg-type]


def pack_laws(laws: Sequence[Law]) -> Laws:
    """Many laws as one array; law i is row i, the parts of mixtures follow behind."""
    rows = list(laws)
    first_part = []
    for row in rows:  # grows while it is read: parts of parts find their place too
        first_part.append(len(rows))
        rows.extend(row.parts)
    numbers = np.zeros(ROW * len(rows) + sum(len(row.table) for row in rows))
    place = ROW * len(rows)
    for i, row in enumerate(rows):
        n = len(row.table) // 2 if row.code in (HYPEREXPONENTIAL, QUANTILES) else len(row.table)
        numbers[ROW * i : ROW * (i + 1)] = (row.code, *row.parameters, place, n, first_part[i])
        numbers[place : place + len(row.table)] = row.table
        place += len(row.table)
    return Laws(numbers)


def quantile_of(law: Law, u: ArrayLike) -> Any:
    """The variates of a law below which the shares u lie; a float for a float, an array of the shape of an array.

    Raises
    ------
    ValueError
        A share that is not strictly between 0 and 1.
    """
    shares = np.ascontiguousarray(u, dtype=np.float64)
    if not np.all((shares > 0.0) & (shares < 1.0)):
        raise refuse("u", u, "shares strictly between 0 and 1 are allowed")
    out = np.empty(shares.size)
    fill_quantiles(out, pack_laws([law]), 0, shares.ravel())
    return float(out[0]) if np.ndim(u) == 0 else out.reshape(np.shape(u))


@njit
def fill_quantiles(out: Any, laws: Any, index: Any, u: Any) -> None:
    """Write the variate of law `index` for each share of `u` to `out`."""
    at = ROW * index
    if laws.numbers[at] > LAST_WITHOUT_TABLE:
        for i in range(len(u)):
            out[i] = table_quantile(laws.numbers, at, u[i])
        return
    code, scale = laws.numbers[at], laws.numbers[at + 1]
    a, b, c = laws.numbers[at + 2], laws.numbers[at + 3], laws.numbers[at + 4]
    for i in range(len(u)):
        out[i] = scale * plain_quantile(code, a, b, c, u[i])


@njit
def table_quantile(numbers: Any, at: Any, u: Any) -> Any:
    """The ladder of the laws with a table; a mixture goes on to the law of its part."""
    scale = 1.0
    while numbers[at] == MIXTURE:
        scale *= numbers[at + 1]
        part, u = special.part_of_mixture(numbers, int(numbers[at + 5]), int(numbers[at + 6]), u)
        at = ROW * (int(numbers[at + 7]) + part)
    code, first, n = numbers[at], int(numbers[at + 5]), int(numbers[at + 6])
    scale *= numbers[at + 1]
    if code == HYPEREXPONENTIAL:
        return scale * special.hyperexponential_quantile(numbers, first, n, u)
    if code == VALUES:
        return scale * numbers[first + min(int(u * n), n - 1)]
    if code == QUANTILES:
        return scale * special.interpolated_quantile(numbers, first, n, u)
    return scale * plain_quantile(code, numbers[at + 2], numbers[at + 3], numbers[at + 4], u)


@njit
def plain_quantile(code: Any, a: Any, b: Any, c: Any, u: Any) -> Any:
    """The ladder of the laws without a table, scale 1, common laws first."""
    if code == CONSTANT:
        return 1.0
    if code == EXPONENTIAL:
        return -log(1.0 - u)
    if code == LOGNORMAL:
        return exp(a * normal_quantile(u))
    if code == WEIBULL:
        return exp(a * log(-log(1.0 - u)))
    if code == GAMMA:
        return special.gamma_quantile(a, u, b)
    if code == UNIFORM:
        return a + (1.0 - a) * u
    if code == TRIANGULAR:
        return a + (1.0 - a) * special.triangular_quantile(b, u)
    if code == BETA:
        return a + (1.0 - a) * special.beta_quantile(b, 6.0 - b, u, c)
    return special.cut_normal_quantile(a, b, u)


@njit
def quantile(laws: Any, index: Any, u: Any) -> Any:
    """The variate of law `index` below which the share u lies, 0 < u < 1."""
    at = ROW * index
    if laws.numbers[at] > LAST_WITHOUT_TABLE:
        return table_quantile(laws.numbers, at, u)
    numbers = laws.numbers
    return numbers[at + 1] * plain_quantile(numbers[at], numbers[at + 2], numbers[at + 3], numbers[at + 4], u)
