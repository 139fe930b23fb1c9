"""What happened to the rows of an export, said in one line a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def import_lines(report: Mapping[str, Any]) -> list[str]:
    """Lines on rows read, kept, repaired and left out, from `log.meta["import"]`; none for another log."""
    if not report:
        return []
    lines = [
        f"{report['file']}: {report['rows']:,} rows read, {report['kept']:,} kept, {report['left_out']:,} left out"
    ]
    for kind, found in report.get("kinds", {}).items():
        where = ", ".join(map(str, found["lines"][:3]))
        more = ", ..." if found["count"] > 3 else ""
        name = kind.replace("_", " ")
        lines.append(f"{name}: {found['count']:,} {found['treatment']}; {found['reason']} (lines {where}{more})")
    return lines
