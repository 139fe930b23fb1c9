"""How many months the time of a log stands for, when a month is not made of days like those in the log."""

from __future__ import annotations

from typing import Final

from cxsim.contacts.log import ContactLog
from cxsim.units import DAY

DAYS_OF_MONTH: Final = 365.25 / 12
MONTH: Final = DAY * DAYS_OF_MONTH  # s


def months_of_pay(log: ContactLog) -> float:
    """Average months whose pay is that of the time of a log; 0 if the log states no horizon.

    A month is 30.4375 days, each weekday as often. A simulated log states under `planned_pay` what is planned for its
    own time and for a whole week of its scenario; pay of a month is then pay of the log times week over simulated, a
    month having 4.35 weeks. A centre that works Monday to Friday thus has 5/7 x 30.4375 = 21.74 days a month, however
    many of them are simulated. Overtime is taken to be as frequent on other days as on those in the log. A log without
    such a statement, say one of real calls, or whose time has no planned pay, stands for all days alike: right for
    whole weeks, too much pay for a week without its Sunday.
    """
    horizon = float(log.meta.get("horizon") or 0.0)
    planned = log.meta.get("planned_pay") or {}
    if not planned.get("simulated", 0.0) > 0.0 or not planned.get("week", 0.0) > 0.0:
        return horizon / MONTH
    return float(planned["simulated"]) / float(planned["week"]) * 7.0 / DAYS_OF_MONTH if horizon > 0.0 else 0.0
