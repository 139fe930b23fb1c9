"""Morris' screening and Sobol' indices through SALib: a sample of the unit cube, and what its answers say of inputs.

SALib is optional; it is asked for where one of the two is asked for.

Source
------
Morris (1991), Factorial sampling plans for preliminary computational experiments; Campolongo, Cariboni and Saltelli
(2007), An effective screening design; Saltelli et al. (2010), Variance based sensitivity analysis of model output.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

import numpy as np
import pandas as pd

from cxsim.designs.estimate import SAME, Array
from cxsim.errors import RunError, problem

TRAJECTORIES: Final = 10
BASE_POINTS: Final = 64
GRID: Final = 4  # levels of Morris' grid
RESAMPLES: Final = 1000
MOST_SEED: Final = 2**32  # SALib takes no larger seed


def _salib(part: str) -> Any:
    try:
        return importlib.import_module(f"SALib.{part}")
    except ImportError:
        remedy = "pip install 'cxsim[research]', or method=tornado or information"
        raise RunError(
            problem("method=morris or sobol", "SALib is not installed", "SALib 1.5 or newer", remedy)
        ) from None


def _problem(n_factors: int) -> dict[str, Any]:
    return {"num_vars": n_factors, "names": [f"x{n}" for n in range(n_factors)], "bounds": [[0.0, 1.0]] * n_factors}


def unit_sample(method: str, *, n_factors: int, points: int | None, seed: int) -> Array:
    """Points of the unit cube [n_points, n_factors], in the order that `indices` needs.

    Parameters
    ----------
    method : str
        'morris': `points` trajectories (10) of n_factors + 1 points. 'sobol': `points` (64) times n_factors + 2.
    points : int or None

    Raises
    ------
    RunError
        SALib is missing, fewer than two inputs or trajectories, or no power of two for Sobol' indices.
    """
    if n_factors < 2:
        raise RunError(problem(f"method={method}", f"{n_factors} input", "2 or more", "method=tornado takes one"))
    if method == "morris":
        number = TRAJECTORIES if points is None else points
        if number < 2:
            raise RunError(problem("points", number, "2 trajectories or more", "10 to 50 are usual"))
        sample = _salib("sample.morris").sample
        return np.asarray(sample(_problem(n_factors), number, num_levels=GRID, seed=seed % MOST_SEED))
    number = BASE_POINTS if points is None else points
    if number < 2 or number & (number - 1):
        raise RunError(problem("points", number, "a power of two for Sobol' indices", "64 to 1024 are usual"))
    sample = _salib("sample.sobol").sample
    return np.asarray(sample(_problem(n_factors), number, calc_second_order=False, seed=seed % MOST_SEED))


def indices(method: str, points: Array, answers: Array, *, seed: int, level: float = 0.95) -> pd.DataFrame:
    """What the answers [n_points] at the points of `unit_sample` say of each input, one row each.

    Returns
    -------
    DataFrame
        Of morris: effect (mean absolute elementary effect of the whole range) with effect_low and effect_high, signed
        (its mean with sign), bend (their standard deviation: curved, or together with others). Of sobol: alone, total
        with low and high: shares of the variance. An estimate below 0 is sampling error and given as 0, its interval as
        it is. Ends are NaN where the answers do not vary.
    """
    n_factors, y = points.shape[1], np.asarray(answers, dtype=float)
    flat = float(np.ptp(y)) <= SAME * float(np.max(np.abs(y)))
    nothing, unknown = np.zeros(n_factors), np.full(n_factors, np.nan)
    about = {"conf_level": level, "num_resamples": RESAMPLES, "seed": seed % MOST_SEED}
    if method == "morris":
        if flat:
            parts = {"effect": nothing, "effect_low": unknown, "effect_high": unknown}
            return pd.DataFrame({**parts, "signed": nothing, "bend": nothing})
        found = _salib("analyze.morris").analyze(_problem(n_factors), points, y, num_levels=GRID, **about)
        size, half = (np.asarray(found[name], dtype=float) for name in ("mu_star", "mu_star_conf"))
        ends = {"effect_low": np.maximum(0.0, size - half), "effect_high": size + half}
        return pd.DataFrame(
            {"effect": size, **ends, "signed": np.asarray(found["mu"]), "bend": np.asarray(found["sigma"])}
        )
    if flat:
        return pd.DataFrame({f"{name}{end}": nothing if not end else unknown
                             for name in ("alone", "total") for end in ("", "_low", "_high")})  # fmt: skip
    found = _salib("analyze.sobol").analyze(_problem(n_factors), y, calc_second_order=False, **about)
    columns: dict[str, Array] = {}
    for name, key in (("alone", "S1"), ("total", "ST")):
        value, half = np.asarray(found[key], dtype=float), np.asarray(found[f"{key}_conf"], dtype=float)
        columns |= {name: np.maximum(0.0, value), f"{name}_low": value - half, f"{name}_high": value + half}
    return pd.DataFrame(columns)
