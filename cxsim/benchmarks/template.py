"""A table of peers to begin with: its columns explained above rows that are a profile as they stand."""

from __future__ import annotations

from typing import Final

from cxsim.benchmarks import sheet

EXAMPLE: Final = """\
metric,variant,weight,statistic,value,unit,peer,source,year,note
profile,,,title,Our peers,,,,,
service_level,strict,50%,worst,60,%,,,,our choice
service_level,strict,50%,best,90,%,,,,our choice
service_level,strict,50%,median,78,%,,Survey we bought,2025,
abandonment_rate,all,50%,,4.1,%,North,Survey we bought,2025,
abandonment_rate,all,50%,,5.6,%,South,Survey we bought,2025,
abandonment_rate,all,50%,,7.9,%,West,Survey we bought,2025,
abandonment_rate,all,50%,worst,12,%,,,,our choice
abandonment_rate,all,50%,best,2,%,,,,our choice
"""


def template() -> str:
    """What the columns mean, as remarks, above a small table that is a profile as it stands: save it and edit it."""
    about = (sheet.__doc__ or "").strip().splitlines()
    said = [f"{sheet.REMARK} {line}".rstrip() for line in about]
    return "\n".join([*said, EXAMPLE.rstrip()])
