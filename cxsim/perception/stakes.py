"""What is at stake at moments of truth: points of satisfaction and recommendation, and money, lost where one is missed.

Each journey that missed a moment is felt again, by the same model, as it would have been had it kept it. All of it is
reckoned moment by moment: a journey that misses two counts in both, so that the stakes of moments do not add up.

Source
------
The outcome model of the reference, 5.3 and 5.4; Seybold, Establishing CX metrics using customer scenario maps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from cxsim.contacts.columns import NOBODY
from cxsim.contacts.log import ContactLog
from cxsim.contacts.months import MONTH
from cxsim.contacts.order import distinct
from cxsim.perception.customers import cost_to_serve, end_of, hazards_by_segment, segment_codes
from cxsim.perception.explain import SCORES
from cxsim.perception.loyalty import counted_experience, months_of_margin, stocks
from cxsim.perception.moments import OF_WHOLE_JOURNEYS, UNFELT, Kept, Moment, Touches, had_it_kept, kept_at
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import Contributions, contributions
from cxsim.perception.surveys import Feelings

Array = npt.NDArray[Any]


class Stake(NamedTuple):
    """What is at stake at a moment, in all or in a part of it.

    `part` is '' (the whole), 'segment' or 'touchpoint', and `group` the name of it. `satisfaction` and
    `recommendation` are what missing journeys lost of the probability of 4 or 5 and of the net promoter score [-1 to
    1], summed: over `journeys` they are points of the score of all. `money` is expected lifetime value, summed over the
    customers of `valued` journeys, those with a margin. None: nothing that the model knows of, see `reason`.
    """

    moment: str
    measure: str
    part: str
    group: str
    journeys: int
    met: int
    kept: int
    satisfaction: float | None
    recommendation: float | None
    money: float | None
    valued: int
    reason: str


def stakes(
    log: ContactLog, feelings: Feelings, moments: Sequence[Moment], *, model: PerceptionModel, parts: bool = True
) -> list[Stake]:
    """What is at stake at each moment.

    Parameters
    ----------
    log : ContactLog
    feelings : Feelings
        Of this log and model.
    moments : sequence of Moment
    model : PerceptionModel
    parts : bool
        Also by segment, and by touchpoint where the moment names none; only where there are several.

    Returns
    -------
    list of Stake
        The whole of each moment, then its parts. Summed over the replications of the log.

    Raises
    ------
    PerceptionError
        As of `kept`.
    """
    if not moments:
        return []
    touches = Touches(log, feelings.journeys)
    value = _Value(log, feelings, model=model)
    return [stake for moment in moments for stake in _of_moment(touches, feelings, moment, value, parts=parts)]


def ranked(found: Sequence[Stake]) -> list[Stake]:
    """Stakes with the largest first: by money a case where there is any, else by satisfaction a case."""

    def size(stake: Stake) -> tuple[float, float]:
        money = 0.0 if stake.money is None else stake.money / stake.valued
        return -money, -(stake.satisfaction or 0.0) / max(stake.journeys, 1)

    return sorted(found, key=size)


class _Value:
    """Lifetime value of the customers behind the journeys of a log, now and with better experiences."""

    def __init__(self, log: ContactLog, feelings: Feelings, *, model: PerceptionModel) -> None:
        self.model, self.feelings = model, feelings
        journeys = feelings.journeys
        known = log.customers if len(log.customers) and "margin" in log.customers else None
        self.there = known is not None and bool(np.any(~np.isnan(known.margin)) and np.any(journeys.customer >= 0))
        if known is None or not self.there:
            self.valued = np.zeros(len(journeys), dtype=bool)
            return
        end = end_of(log, journeys)
        self.counted = counted_experience(feelings.felt, feelings.held.halo, model=model)
        now = stocks(journeys, self.counted, model=model, at=end)
        self.stock, self.months = now.stock, np.full(len(now.stock), np.nan)
        age = np.maximum(0.0, end - journeys.end) / MONTH
        self.weight = 0.5 ** (age / model.churn.half_life)
        self.place = np.full(len(journeys), NOBODY)
        for which in distinct(now.replication):
            held = np.flatnonzero(now.replication == which)
            mine = np.flatnonzero((journeys.replication == which) & (journeys.customer >= 0))
            self.place[mine] = held[np.searchsorted(now.customer[held], journeys.customer[mine])]
        order = np.argsort(known.customer, kind="stable")
        listed = known.customer[order]
        at = np.minimum(np.searchsorted(listed, now.customer), len(listed) - 1)
        segment = segment_codes(known, log)[order[at]]
        net = known.margin[order[at]] - cost_to_serve(log)[segment]
        self.margin = np.where(listed[at] == now.customer, net, np.nan)
        self.hazard = hazards_by_segment(log, model=model)[segment]
        self.valued = (self.place >= 0) & ~np.isnan(self.margin[self.place])

    def at_stake(self, which: Array, felt: Contributions) -> tuple[Array, Array]:
        """Journeys, one of each customer with a margin [k], and value at stake [money] had these journeys been felt so.

        An experience keeps its age: what was resolved sooner is not forgotten sooner.
        """
        better = counted_experience(felt, self.feelings.held.halo[which], model=self.model) - self.counted[which]
        mine = self.valued[which]
        who, first, number = np.unique(self.place[which[mine]], return_index=True, return_inverse=True)
        change = np.bincount(number, (self.weight[which] * better)[mine], minlength=len(who))
        unknown = who[np.isnan(self.months[who])]
        self.months[unknown] = months_of_margin(self.stock[unknown], model=self.model, base_hazard=self.hazard[unknown])
        months = months_of_margin(self.stock[who] + change, model=self.model, base_hazard=self.hazard[who])
        return which[mine][first], self.margin[who] * (months - self.months[who])


class _Loss(NamedTuple):
    """What each missing journey lost, and each customer with a margin, who is seen at one of these journeys."""

    which: Array
    satisfaction: Array
    recommendation: Array
    customers: Array
    money: Array


def _loss(touches: Touches, feelings: Feelings, moment: Moment, found: Kept, value: _Value) -> _Loss:
    which = np.flatnonzero(found.missed)
    nothing = np.zeros(0)
    if moment.measure in UNFELT or not len(which):
        return _Loss(which, np.zeros(len(which)), np.zeros(len(which)), which[:0], nothing)
    felt = contributions(had_it_kept(touches, moment, found, which), model=value.model)
    gains = []
    for score in ("top_two", "net_promoter_score"):
        metric, cuts = SCORES[score]
        before, after = getattr(feelings.felt, metric)[which], getattr(felt, metric)
        levels = [getattr(value.model.anchors, metric)[cut] for cut in cuts]
        gains.append(sum((ndtr(after - level) - ndtr(before - level) for level in levels), np.zeros(len(which))))
    customers, money = value.at_stake(which, felt) if value.there else (which[:0], nothing)
    return _Loss(which, gains[0], gains[1], customers, money)


def _of_moment(touches: Touches, feelings: Feelings, moment: Moment, value: _Value, *, parts: bool) -> Iterator[Stake]:
    """The whole of a moment, then its parts."""
    found = kept_at(touches, moment)
    loss = _loss(touches, feelings, moment, found, value)
    everyone = np.ones(len(touches.journeys), dtype=bool)
    yield _stake(moment, found, loss, value, journeys=everyone)
    if not parts:
        return
    first, names = touches.journeys.first, touches.names
    if moment.segment is None and len(names.get("segment", ())) > 1 and "segment" in first:
        for code, name in enumerate(names["segment"]):
            mine = first["segment"] == code
            yield _stake(moment, found, loss, value, journeys=mine, part="segment", group=name)
    places = _places(touches, moment, found) if moment.touchpoint is None else []
    for place in places if len(places) > 1 else []:
        there = replace(moment, touchpoint=place)
        only = kept_at(touches, there)
        own = _loss(touches, feelings, there, only, value)
        yield _stake(moment, only, own, value, journeys=everyone, part="touchpoint", group=place)


def _places(touches: Touches, moment: Moment, found: Kept) -> list[str]:
    """Names of the touchpoints at which a moment is met."""
    names, journeys = touches.names.get("touchpoint", ()), touches.journeys
    if moment.measure in OF_WHOLE_JOURNEYS:
        codes = journeys.first["touchpoint"][found.met] if "touchpoint" in journeys.first else np.zeros(0, int)
    else:
        codes = journeys.touchpoint[touches.here(moment)]
    there = [names[code] for code in distinct(codes) if 0 <= code < len(names)]
    return [name for name in there if kept_at(touches, replace(moment, touchpoint=name)).n_met]


def _stake(
    moment: Moment, found: Kept, loss: _Loss, value: _Value, *, journeys: Array, part: str = "", group: str = ""
) -> Stake:
    """Sums over these journeys [n, mask]."""
    mine, unfelt = journeys[loss.which], UNFELT.get(moment.measure)
    valued = int(np.count_nonzero(value.valued & journeys))
    reason = unfelt or ("" if valued else "no customer has a margin")
    met = int(np.count_nonzero(found.met & journeys))
    return Stake(
        moment=moment.name,
        measure=moment.measure,
        part=part,
        group=group,
        journeys=int(np.count_nonzero(journeys)),
        met=met,
        kept=met - int(np.count_nonzero(found.missed & journeys)),
        satisfaction=None if unfelt else float(np.sum(loss.satisfaction[mine])),
        recommendation=None if unfelt else float(np.sum(loss.recommendation[mine])),
        money=None if reason else float(np.sum(loss.money[journeys[loss.customers]])),
        valued=valued,
        reason=reason,
    )
