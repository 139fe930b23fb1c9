"""What must hold of calls by the centre, from the log alone and what the scenario says of dialling."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

from support.audits import UNFINISHED, UNREACHED

TINY = 1e-6


def dialling(rows, rules):
    """Outbound where the centre dials and nowhere else; time before talk lies within the work, all of it if in vain."""
    for row in rows:
        dial = rules.of(row.work, "dial")
        if row.outbound != (dial is not None):
            yield f"{row}: outbound or not, wrongly"
        if dial is None or not row.served:
            if row.dialled != 0.0 or row.outcome == UNREACHED:
                yield f"{row}: dialled, and nobody dials"
            continue
        if row.outcome == UNFINISHED or math.isnan(row.ended):
            continue
        worked = row.ended - row.answered - row.paused
        if not -TINY <= row.dialled <= worked + TINY:
            yield f"{row}: dialled for {row.dialled:g} s of {worked:g} s"
        if not 0.0 <= row.held <= worked - row.dialled + TINY:
            yield f"{row}: on hold before anybody picked up"
        if row.outcome == UNREACHED:
            if abs(worked - row.dialled) > TINY or row.wrapped != row.ended:
                yield f"{row}: not reached, and talked with"
            if dial["reached"] == 1.0 and rules.plans[row.group].get("at_shift_end", "finish") != "drop":
                yield f"{row}: not reached, though everybody picks up"
        elif dial["reached"] == 0.0 and row.outcome != UNFINISHED and worked > row.dialled + TINY:
            yield f"{row}: reached, though nobody picks up"


def attempts(rows, rules):
    """After the last attempt that is allowed a case in vain is over."""
    cases = defaultdict(list)
    for row in rows:
        if not row.chaser:
            cases[row.case].append(row)
    for path in cases.values():
        path.sort(key=lambda row: (row.contact, row.touch))
        for row, _ in itertools.pairwise(path):
            dial = rules.of(row.work, "dial")
            if row.outcome == UNREACHED and row.contact + 1 >= dial.get("attempts", 3):
                yield f"{row}: the last attempt, and it goes on"
