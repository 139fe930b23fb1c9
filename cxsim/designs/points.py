"""Scenarios of a sweep, each made from its settings when it is asked for.

Ten thousand of them would fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cxsim.errors import RunError, problem
from cxsim.scenario.load import Scenario


@dataclass(frozen=True)
class Points(Mapping[str, Scenario]):
    """Scenarios by label, made of one scenario by changes.

    Attributes
    ----------
    base : Scenario
    changes : mapping of label to overrides
    fingerprints : mapping of label to str
        Of the scenarios as they were when the sweep was made.
    """

    base: Scenario
    changes: Mapping[str, Sequence[str]]
    fingerprints: Mapping[str, str]
    _last: dict[str, Scenario] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, label: str) -> Scenario:
        if label not in self._last:
            found = self.base.override(*self.changes[label])
            if found.fingerprint != self.fingerprints[label]:
                given = f"setting {label} reads differently now"
                raise RunError(problem("manifest.json", given, "the version of cxsim that wrote it", "run it again"))
            self._last.clear()
            self._last[label] = found
        return self._last[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)
