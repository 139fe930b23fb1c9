"""What customers write and say they will do: comments and stated intentions, which are not behaviour."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio

Array = npt.NDArray[Any]

# What a comment is about, as perception writes it; a real log may have themes of its own.
THEMES: Final = (
    "unresolved", "wait", "transfer", "repeated_information", "hold", "agent", "repeat", "abandonment",
    "failed_self_service", "switch", "elapsed", "generic", "outside",
)  # fmt: skip
LOW = 2  # answers of five up to here are low
STATED = "outcome model 3.9 (CEB, SQM): asked in the survey"


@metric(
    unit="1",
    better="band",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered", "surveys.answered", "surveys.theme"),
    source="outcome model 3.8 (public e-commerce support surveys, August 2023: 34 %)",
    null="nobody surveyed gives no value",
)
def comment_rate(log: ContactLog) -> Ratio:
    """Share of answered surveys that come with a comment."""
    s = log.surveys
    return Ratio.share(s.theme >= 0, s.answered)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered", "surveys.answered", "surveys.polarity"),
    source="cxsim reference 3.5: complaints as customers define them run far above what managers believe",
    null="nobody surveyed gives no value",
)
def complaint_share(log: ContactLog) -> Ratio:
    """Share of answered surveys whose comment is negative: complaints as customers define them."""
    s = log.surveys
    return Ratio.share(s.polarity == 0, s.answered)


@metric(
    unit="1",
    better="band",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered", "surveys.answered", "surveys.theme", "surveys.satisfaction"),
    source="outcome model 3.8: keyword coding of 1,165 low comments, August 2023",
    null="no comment at a low score gives no value",
    variants={theme: {"theme": theme} for theme in THEMES},
)
def comment_themes(log: ContactLog, *, theme: str = THEMES[0]) -> Ratio:
    """Share of the comments at satisfaction 1 and 2 that name a theme first; 'generic' names nothing."""
    s, known = log.surveys, list(log.names.get("theme", THEMES))
    if theme not in known:
        raise unknown_choice("comment_themes", "theme", theme, known)
    low = s.answered & (s.satisfaction >= 1) & (s.satisfaction <= LOW) & (s.theme >= 0)
    return Ratio.share(s.theme == known.index(theme), low)


def _stated(log: ContactLog, name: str, column: str, population: str) -> Ratio:
    if population not in ("all", "surveyed"):
        raise unknown_choice(name, "population", population, ["all", "surveyed"])
    need(log, name, f"surveys.{column}")
    says: Array = log.surveys.columns[column]
    if population == "all":
        return Ratio.share(says, np.ones(len(says), dtype=bool))
    need(log, f"{name}, as surveyed", "surveys.answered")
    return Ratio.share(says, log.surveys.answered)


POPULATIONS: Final = {"all": {"population": "all"}, "surveyed": {"population": "surveyed"}}


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered", "surveys.more_disloyal"),
    source=STATED,
    null="nobody surveyed, or no case, gives no value",
    variants=POPULATIONS,
)
def stated_disloyalty(log: ContactLog, *, population: str = "all") -> Ratio:
    """Share who say that the case made them less loyal: stated intention, not behaviour.

    population: 'all', what everyone would say; 'surveyed', what those who answered say.
    """
    return _stated(log, "stated_disloyalty", "more_disloyal", population)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered", "surveys.intends_to_leave"),
    source=STATED,
    null="nobody surveyed, or no case, gives no value",
    variants=POPULATIONS,
)
def stated_intention_to_leave(log: ContactLog, *, population: str = "all") -> Ratio:
    """Share who say that they intend to leave: stated intention, not behaviour; see `churn_rate` for the latter.

    population: 'all', what everyone would say; 'surveyed', what those who answered say.
    """
    return _stated(log, "stated_intention_to_leave", "intends_to_leave", population)
