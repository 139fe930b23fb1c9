"""What trials of plans have counted so far, by stage, plan and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxsim.designs.estimate import Array
from cxsim.designs.plan_ground import Plan
from cxsim.designs.targets import Target
from cxsim.errors import RunError, problem

Line = tuple[str, str, str, str]  # by, metric, variant, group; the group counts for goals only


def label_of(stage: str, plan: Plan) -> str:
    """The label of a plan's trials."""
    return f"{stage} {' '.join(map(str, plan))}"


@dataclass
class Counters:
    """Numerators and denominators of some lines, by label and replication.

    Attributes
    ----------
    lines : tuple of (by, metric, variant, group)
    generation : int
        How often all was read anew.
    """

    lines: tuple[Line, ...]
    found: dict[tuple[str, int], Array] = field(default_factory=dict)
    n_read: int = 0
    generation: int = 0

    def read(self, tables: Sequence[pd.DataFrame]) -> None:
        """Take in the tables that have come since."""
        if len(tables) < self.n_read:
            self.found.clear()
            self.n_read = 0
            self.generation += 1
        for table in tables[self.n_read :]:
            self.take(table)
        self.n_read = len(tables)

    def take(self, table: pd.DataFrame) -> None:
        """Take in the table of one trial."""
        counted = np.zeros((len(self.lines), 2))
        place = {line: number for number, line in enumerate(self.lines)}
        names = [table[name].tolist() for name in ("by", "metric", "variant", "group")]
        quantile = table["p"].notna().to_numpy()
        both = table[["numerator", "denominator"]].to_numpy(dtype=float)
        for row, (by, metric, variant, group) in enumerate(zip(*names, strict=True)):
            number = place.get((by, metric, variant, group if by else ""))
            if number is None:
                continue
            if quantile[row]:
                raise RunError(problem(f"target {metric}:{variant}", "a quantile over customers", "a ratio of sums"))
            counted[number] = both[row]
        self.found[str(table["scenario"].iloc[0]), int(table["replication"].iloc[0])] = counted

    def has(self, label: str, replication: int) -> bool:
        """Whether this trial has been read."""
        return (label, replication) in self.found

    def of(self, label: str, replications: range) -> Array:
        """Counters [n_replications, n_lines, 2]."""
        return np.array([self.found[label, replication] for replication in replications])

    def rooms(self, label: str, replications: range, target: Target) -> Array:
        """Room under a target on each day by itself [n_days]."""
        here = self.of(label, replications)[:, self.lines.index(line_of(target))]
        return target.rooms(here[:, 0], here[:, 1])

    def slacks(self, label: str, replications: range, targets: Sequence[Target]) -> Array:
        """Room under each target on each day [n_targets, n_days].

        Raises
        ------
        RunError
            A target whose metric was never observed.
        """
        counted = self.of(label, replications)
        rows = []
        for target in targets:
            here = counted[:, self.lines.index(line_of(target))]
            if not here[:, 1].any():
                raise RunError(
                    problem(f"target {target.said}", "nothing observed on any day", "a metric of this centre")
                )
            rows.append(target.slacks(here[:, 0], here[:, 1]))
        return np.array(rows)


def line_of(target: Target) -> Line:
    """Where a target's counters stand."""
    return target.by, target.metric, target.variant, target.group
