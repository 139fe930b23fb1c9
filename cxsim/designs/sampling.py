"""Points between the ends of settings: Latin hypercube, Sobol' sequence, fractional factorial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.stats import qmc

from cxsim.designs.estimate import Array
from cxsim.designs.factors import Factor, changes_of, label_of, read_factors, settings_at
from cxsim.designs.fractions import Fraction, fraction
from cxsim.designs.points import Points
from cxsim.errors import RunError, nearest, problem
from cxsim.scenario.load import Scenario

SAMPLINGS: Final = ("grid", "latin_hypercube", "sobol", "factorial")
A_FACTOR: Final = 10  # points an input, where their number is not given
MOST_POINTS: Final = 10_000


class Sample(NamedTuple):
    """Scenarios of a sample and their settings, by label; the design that a factorial is; what there is to say."""

    points: Points
    settings: dict[str, dict[str, Any]]
    fraction: Fraction | None
    said: tuple[str, ...]


def unit_points(sampling: str, *, n_factors: int, points: int | None, seed: int) -> Array:
    """Points of the unit cube [n_points, n_factors]; the same seed gives the same ones.

    Parameters
    ----------
    sampling : str
        latin_hypercube or sobol (scrambled).
    points : int or None
        None: ten an input; of a Sobol' sequence the power of two above.

    Raises
    ------
    RunError
        A number of points out of bounds, or no power of two for a Sobol' sequence.

    Source
    ------
    McKay, Beckman and Conover (1979), A comparison of three methods for selecting values of input variables; Owen
    (1998), Scrambling Sobol' and Niederreiter-Xing points.
    """
    if points is None:
        points = A_FACTOR * n_factors
        if sampling == "sobol":
            points = 1 << (points - 1).bit_length()
    if not 2 <= points <= MOST_POINTS:
        raise RunError(problem("points", points, f"2 to {MOST_POINTS}"))
    if sampling == "latin_hypercube":
        return np.asarray(qmc.LatinHypercube(n_factors, rng=seed).random(points))
    if points & (points - 1):
        near = 1 << points.bit_length()
        raise RunError(problem("points", points, "a power of two for sampling=sobol", f"{near // 2} or {near}"))
    return np.asarray(qmc.Sobol(n_factors, rng=seed).random(points))


def sampled(
    scenario: Scenario, texts: Sequence[str], *, sampling: str, points: int | None = None, seed: int = 0
) -> Sample:
    """Scenarios at points between the ends of settings.

    Parameters
    ----------
    scenario : Scenario
    texts : sequence of str
        'KEY=interval(LOW,HIGH)', or 'KEY=VALUE,VALUE' for values that lie on no line.
    sampling : str
    points : int, optional
        As of `unit_points`; for a factorial the most there may be.
    seed : int

    Raises
    ------
    ScenarioError
        A setting that does not exist or a value that is not allowed, before anything runs.
    RunError
        As `unit_points` and `cxsim.designs.fractions.fraction`.
    """
    if sampling not in SAMPLINGS[1:]:
        raise RunError(
            problem(f"sampling {sampling}", "not known", f"one of {SAMPLINGS}", nearest(sampling, SAMPLINGS))
        )
    factors = read_factors(scenario, texts, verb="sweep")
    design = None
    if sampling == "factorial":
        design = fraction(len(factors), points=points)
        _refuse_middle_levels(factors)
        cube = design.signs
    else:
        cube = unit_points(sampling, n_factors=len(factors), points=points, seed=seed)
    changes: dict[str, Sequence[str]] = {}
    fingerprints: dict[str, str] = {}
    plain: dict[str, dict[str, Any]] = {}
    for row in cube:
        settings = settings_at(factors, row)
        label = label_of(settings)
        if label not in changes:
            changes[label] = changes_of(settings)
            fingerprints[label] = scenario.override(*changes[label]).fingerprint
            plain[label] = {path: value.replace("\\", "") for path, value in settings.items()}
    said = _said(sampling, design, n_asked=len(cube), n_found=len(changes), seed=seed)
    return Sample(Points(scenario, changes, fingerprints), plain, design, said)


def _refuse_middle_levels(factors: Sequence[Factor]) -> None:
    for factor in factors:
        if factor.levels and len(factor.levels) != 2:
            given = f"{len(factor.levels)} values"
            raise RunError(problem(f"sampling=factorial {factor.path}", given, "two, or interval(LOW,HIGH)"))


def _said(sampling: str, design: Fraction | None, *, n_asked: int, n_found: int, seed: int) -> tuple[str, ...]:
    if design is not None:
        return (f"Two-level factorial: {design.said}, {n_asked} points.",)
    name = {"latin_hypercube": "Latin hypercube", "sobol": "Scrambled Sobol' sequence"}[sampling]
    fewer = "" if n_found == n_asked else f"; {n_found} of them differ, settings being whole numbers"
    return (f"{name} of {n_asked} points, seed {seed}{fewer}. All points have the same random numbers.",)
