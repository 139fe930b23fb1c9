"""Where to look next among settings: Optuna's tree-structured Parzen estimator, a round at a time.

Optuna is optional; it is asked for where settings are tuned. Days are the same at every point, so that an answer is
exact for the search and no point is looked at twice.

Source
------
Bergstra et al. (2011), Algorithms for hyper-parameter optimization; Watanabe and Hutter (2023), c-TPE: tree-structured
Parzen estimator with inequality constraints; Akiba et al. (2019), Optuna.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from cxsim.designs.estimate import Array
from cxsim.designs.plan_ground import Plan
from cxsim.errors import RunError, problem

ROUND: Final = 8  # points looked at together, whatever the number of workers
MOST_SEED: Final = 2**32  # as large as a seed may be there


def _optuna() -> Any:
    try:
        found = importlib.import_module("optuna")
        found.trial.Trial.set_constraint  # noqa: B018  # older ones have none
        return found
    except (ImportError, AttributeError):
        remedy = "pip install 'cxsim[research]', or `cxsim sweep` over a few values"
        raise RunError(problem("tune", "Optuna is not installed", "Optuna 5 or newer", remedy)) from None


class SettingsSearch:
    """A search for the places at which one or several values are least (or greatest) while slacks stay above 0.

    Parameters
    ----------
    high : Plan
        The highest place of each setting.
    is_ordered : sequence of bool
        Whether neighbouring places of a setting are alike.
    larger_is_better : sequence of bool
        Of each value.
    seed : int
        Equal seeds and answers give equal points.
    """

    def __init__(self, high: Plan, *, is_ordered: Sequence[bool], larger_is_better: Sequence[bool], seed: int) -> None:
        optuna = _optuna()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        spaces = optuna.distributions
        self._spaces = {
            f"x{number}": spaces.IntDistribution(0, top) if ordered else spaces.CategoricalDistribution(range(top + 1))
            for number, (top, ordered) in enumerate(zip(high, is_ordered, strict=True))
        }
        self._failed = optuna.trial.TrialState.FAIL
        with warnings.catch_warnings():
            # Parts of it are called experimental there; what is found is tested on other days in any case.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler = optuna.samplers.TPESampler(
                n_startup_trials=max(2 * ROUND, 2 * len(high)),
                multivariate=True,
                constant_liar=True,
                seed=seed % MOST_SEED,
            )
        directions = ["maximize" if larger else "minimize" for larger in larger_is_better]
        self._study = optuna.create_study(sampler=sampler, directions=directions)
        self._open: list[Any] = []

    def ask(self, n_points: int) -> list[Plan]:
        """Points to be looked at next; some may have been before, or come twice."""
        self._open = [self._study.ask(self._spaces) for _ in range(n_points)]
        return [tuple(int(trial.params[name]) for name in self._spaces) for trial in self._open]

    def tell(self, values: Array, slacks: Array) -> None:
        """What was seen at the points last asked for.

        Parameters
        ----------
        values : array [n_points, n_values]
            NaN where nothing was observed.
        slacks : array [n_points, n_targets]
            0 or more is met, in units that can be compared.
        """
        for trial, seen, room in zip(self._open, values, slacks, strict=True):
            for number, slack in enumerate(room):
                trial.set_constraint(f"target {number}", -float(slack))
            if np.isfinite(seen).all():
                self._study.tell(trial, seen.tolist())
            else:
                self._study.tell(trial, state=self._failed)
        self._open = []
