"""Select the best of several scenarios with a stated probability: one replication after another, or in two stages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import integrate, optimize, special, stats

from cxsim.designs.arrays import Rows, between, positive, table, vector
from cxsim.designs.estimate import Array, Numbers, is_constant
from cxsim.designs.multivariate_t import spread_nodes
from cxsim.errors import problem


class Selection(NamedTuple):
    """What has been selected.

    Attributes
    ----------
    best : int or None
        Scenario; None where a known standard is kept.
    eliminated_at : array [n_scenarios]
        Replications after which each was dropped; 0 where it never was.
    n : int
        Replications run of those kept to the end.
    flags : tuple of str
        `tie`: another had the same mean at the end, and the first was taken. `zero_variance`: the difference of some
        pair did not vary in the first stage.
    """

    best: int | None
    eliminated_at: Array
    n: int
    flags: tuple[str, ...] = ()


class KimNelson:
    """Fully sequential selection, also under common random numbers: drop what is clearly worse, run on with the rest.

    `ask` names the scenarios of the next replications and how many; `answer` takes their values. Guarantee: the
    scenario selected is the best with probability `level` or more wherever the best leads by `difference` or more.

    Parameters
    ----------
    n_scenarios : int
    difference : float
        The smallest that matters, in the unit of the values.
    first : int
        Replications of the first stage.
    level : float
        Above 1 / n_scenarios.
    larger_is_better : bool

    Raises
    ------
    ValueError
        Fewer than two scenarios or first replications, a difference that is not above 0, a level that is not above
        that of a blind guess.

    Source
    ------
    Kim and Nelson (2001), A fully sequential procedure for indifference-zone selection in simulation, with c = 1.
    """

    def __init__(
        self,
        n_scenarios: int,
        *,
        difference: float,
        first: int = 20,
        level: float = 0.95,
        larger_is_better: bool = True,
    ) -> None:
        where = "KimNelson"
        positive(where, difference=difference)
        if n_scenarios < 2 or first < 2:
            given = f"{n_scenarios} scenarios, first stage of {first}"
            raise ValueError(problem(where, given, "at least 2 of both"))
        between(where, low=1.0 / n_scenarios, level=level)
        error = 2.0 * (1.0 - level) / (n_scenarios - 1)
        self.eta = (error ** (-2.0 / (first - 1)) - 1.0) / 2.0
        self.h_squared = 2.0 * self.eta * (first - 1)
        self.difference, self.first = difference, first
        self.sign = 1.0 if larger_is_better else -1.0
        self.kept = list(range(n_scenarios))
        self.eliminated_at = np.zeros(n_scenarios)
        self.rows: list[Array] = []  # what was dropped is NaN from then on
        self.squares: Array | None = None  # h2 S2 / difference^2 of each pair
        self.limit = 0
        self.constant_pair = False
        self.selection: Selection | None = None

    def ask(self) -> tuple[tuple[int, ...], int]:
        """Scenarios to run and how many replications of each, the same ones for all; none when it has selected."""
        if self.selection is not None:
            return (), 0
        return tuple(self.kept), 1 if self.rows else self.first

    def answer(self, values: Rows) -> None:
        """Take the values [n_replications, n_kept] of what was asked, scenarios in the order asked.

        Raises
        ------
        ValueError
            Not what was asked for, values that are not finite, or the selection is already made.
        """
        asked, count = self.ask()
        x = table("KimNelson.answer", values, at_least=(1, 1), what=("replications", "scenarios"))
        if x.shape != (count, len(asked)):
            allowed = f"{count} replications of {len(asked)} scenarios, as asked"
            raise ValueError(problem("KimNelson.answer", f"{x.shape[0]} of {x.shape[1]}", allowed))
        rows = np.full((count, len(self.eliminated_at)), np.nan)
        rows[:, self.kept] = self.sign * x
        self.rows += list(rows)
        if self.squares is None:
            self._measure(rows)
        self._screen()

    def _measure(self, first: Array) -> None:
        pairs = first[:, :, np.newaxis] - first[:, np.newaxis, :]
        variances = np.var(pairs, axis=0, ddof=1)
        self.squares = self.h_squared * variances / self.difference**2
        off = ~np.eye(len(variances), dtype=bool)
        self.constant_pair = any(is_constant(pairs[:, i, j], scale=float(np.abs(first).max())) for i, j in _pairs(off))
        self.limit = int(np.max(np.floor(self.squares[off])))

    def _screen(self) -> None:
        r, kept = len(self.rows), self.kept
        assert self.squares is not None
        means = np.mean(np.array(self.rows)[:, kept], axis=0)
        if r <= self.limit:
            room = np.maximum(0.0, self.difference / (2.0 * r) * (self.squares[np.ix_(kept, kept)] - r))
            np.fill_diagonal(room, 0.0)
            stays = np.all(means[:, np.newaxis] >= means[np.newaxis, :] - room, axis=1)
            for scenario in np.array(kept)[~stays]:
                self.eliminated_at[scenario] = r
            self.kept = [scenario for scenario, stay in zip(kept, stays, strict=True) if stay]
            if len(self.kept) > 1:
                return
            means = means[stays]
        best = int(np.argmax(means))
        ties = ("tie",) if np.count_nonzero(means == means[best]) > 1 else ()
        flags = (*ties, "zero_variance") if self.constant_pair else ties
        self.selection = Selection(self.kept[best], self.eliminated_at, r, flags)


def select_best(
    values: Rows, *, difference: float, first: int = 20, level: float = 0.95, larger_is_better: bool = True
) -> Selection | None:
    """`KimNelson` over values already there [n_replications, n_scenarios]; None where they end before it selects.

    Raises
    ------
    ValueError
        As `KimNelson`, or fewer replications than the first stage.
    """
    x = table("select_best", values, at_least=(first, 2), what=("replications", "scenarios"))
    procedure = KimNelson(
        x.shape[1], difference=difference, first=first, level=level, larger_is_better=larger_is_better
    )
    done = 0
    while procedure.selection is None:
        asked, count = procedure.ask()
        if done + count > len(x):
            return None
        procedure.answer(x[done : done + count][:, list(asked)])
        done += count
    return procedure.selection


def rinott_constant(n_scenarios: int, *, first: int, level: float = 0.95) -> float:
    """h of Rinott's two-stage selection: run `second_stage` replications of each, take the best plain mean.

    Independent runs. Source: Rinott (1978), On two-stage selection procedures and related probability-inequalities.
    """
    _selection_inputs("rinott_constant", n_scenarios, first, level)
    # Two first stages, each with its own standard deviation over the true one.
    s, mass = spread_nodes(first - 1)
    spread = np.hypot(1.0 / s, 1.0 / s[:, np.newaxis])

    def chance(h: float) -> float:
        return float(mass @ (stats.norm.cdf(h / spread) @ mass) ** (n_scenarios - 1))

    return float(optimize.brentq(lambda h: chance(h) - level, 0.0, 1e3, xtol=1e-10))


def dudewicz_dalal_constant(n_scenarios: int, *, first: int, level: float = 0.95) -> float:
    """h of the two-stage selection by Dudewicz and Dalal: smaller than Rinott's, for weighted means of both stages.

    Independent runs. Source: Dudewicz and Dalal (1975), Allocation of observations in ranking and selection with
    unequal variances.
    """
    _selection_inputs("dudewicz_dalal_constant", n_scenarios, first, level)
    return _leads_by(n_scenarios - 1, df=first - 1, level=level, beyond=None)


def second_stage(variances: Numbers, *, constant: float, difference: float, first: int) -> Array:
    """Replications in all of each scenario [n_scenarios] by its first-stage variance: (h S / difference)^2, rounded up.

    Raises
    ------
    ValueError
        A variance below 0, a constant or difference that is not above 0.
    """
    s2 = vector("second_stage", variances, what="scenarios")
    positive("second_stage", constant=constant, difference=difference, first=first)
    if np.any(s2 < 0):
        raise ValueError(problem("second_stage", f"variance {s2.min():g}", "0 or more"))
    return np.maximum(first, np.ceil((constant / difference) ** 2 * s2))


class KnownStandard(NamedTuple):
    """Constants for comparing n scenarios with a benchmark known without error, two-stage and independent.

    Run `second_stage(variances, constant=g, ...)` replications of each; keep the benchmark if every mean is at most
    benchmark + h difference / g, else take the best mean.
    """

    h: float
    g: float


def known_standard(n_scenarios: int, *, first: int, level: float = 0.95) -> KnownStandard:
    """Is anything better than a known benchmark, and which.

    Keeps the benchmark with probability `level` if nothing is better, and finds the best with probability `level` if
    it leads everything, the benchmark too, by the difference.

    Source
    ------
    After Nelson and Goldsman (2001), Comparisons with a standard in simulation experiments, for a standard without
    error.
    """
    _selection_inputs("known_standard", n_scenarios, first, level, fewest=1)
    df = first - 1
    h = float(stats.t.ppf(level ** (1.0 / n_scenarios), df))
    return KnownStandard(h, _leads_by(n_scenarios - 1, df=df, level=level, beyond=h))


def select_with_standard(
    means: Numbers, *, benchmark: float, constants: KnownStandard, difference: float, larger_is_better: bool = True
) -> Selection:
    """The best of means [n_scenarios] after the second stage, or None where the benchmark is kept.

    Raises
    ------
    ValueError
        Means that are not finite, or a difference that is not above 0.
    """
    x = vector("select_with_standard", means, what="scenarios")
    positive("select_with_standard", difference=difference)
    sign = 1.0 if larger_is_better else -1.0
    never = np.zeros(len(x))
    best = int(np.argmax(sign * x))
    if sign * (x[best] - benchmark) <= constants.h * difference / constants.g:
        return Selection(None, never, 0)
    return Selection(best, never, 0, ("tie",) if np.count_nonzero(x == x[best]) > 1 else ())


def _leads_by(n_others: int, *, df: int, level: float, beyond: float | None) -> float:
    """g with: integral over t > beyond - g (all t, if None) of F(t + g)^n_others f(t) = level, for Student's law.

    Over u = F(t), so that the mass stands where the quadrature looks, whatever g.
    """

    def chance(g: float) -> float:
        low = 0.0 if beyond is None else float(special.stdtr(df, beyond - g))
        found = integrate.quad(
            lambda u: special.stdtr(df, special.stdtrit(df, u) + g) ** n_others, low, 1.0, epsabs=1e-11, limit=200
        )
        return float(found[0])

    return float(optimize.brentq(lambda g: chance(g) - level, 0.0, 1e3, xtol=1e-9))


def _pairs(off: Array) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in np.argwhere(off) if i < j]


def _selection_inputs(where: str, n_scenarios: int, first: int, level: float, *, fewest: int = 2) -> None:
    if n_scenarios < fewest or first < 2:
        given = f"{n_scenarios} scenarios, first stage of {first}"
        raise ValueError(problem(where, given, f"at least {fewest} scenarios and 2 first replications"))
    between(where, low=1.0 / max(2, n_scenarios), level=level)
