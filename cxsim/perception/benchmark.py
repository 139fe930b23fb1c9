"""Anchor a model to benchmark figures of one's own: once, in the reference operation, kept on disk, never in a what-if.

Source
------
The outcome model of the reference, section 3.6.
"""

from __future__ import annotations

from typing import Any, Final

from cxsim.errors import PerceptionError, problem
from cxsim.perception.anchoring import Target, Targets
from cxsim.perception.kept import kept
from cxsim.perception.parameters import Anchors, PerceptionModel
from cxsim.perception.reference import reference_anchors

# By question: name in the file, statistic of `anchor`, and what divides the figure.
_QUESTIONS: Final[dict[str, dict[str, tuple[str, float]]]] = {
    "satisfaction": {"top_two": ("top_two", 1.0), "top_box": ("top_box", 1.0), "satisfaction": ("mean", 1.0)},
    "ease": {"ease": ("mean", 1.0), "agree": ("agree", 1.0)},
    "recommendation": {"net_promoter_score": ("net_promoter_score", 100.0)},
}


def anchored(model: PerceptionModel) -> PerceptionModel:
    """The model with the anchors of the figures under its `anchor_to`.

    Raises
    ------
    PerceptionError
        Two figures of one question, or one that no shift of the cuts reaches.
    """
    targets = targets_of(model)
    # The anchors it carries play no part: anchoring looks at none of them.
    blank = model.with_anchors(Anchors((0.0,) * 4, (0.0,) * 6, (0.0,) * 10, 0.0, 1.0, 0.0, 1.0, 0.0, (0.0,) * 50))

    def found() -> dict[str, Any]:
        return vars(reference_anchors(model=blank, targets=targets))

    values = kept("anchors", blank.fingerprint, found)
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return model.with_anchors(Anchors(**plain))


def targets_of(model: PerceptionModel) -> Targets:
    """The figures under `anchor_to` as targets."""
    given = model.anchor_to.given()
    chosen: dict[str, Target | None] = {}
    for question, figures in _QUESTIONS.items():
        stated = [name for name in figures if name in given]
        if len(stated) > 1:
            raise PerceptionError(
                problem("perception.anchor_to", " and ".join(stated), f"one figure of {question}", "leave out the rest")
            )
        chosen[question] = None
        for name in stated:
            statistic, divisor = figures[name]
            chosen[question] = Target(statistic, given[name] / divisor)
    return Targets(**chosen, annual_churn=given.get("annual_churn"))
