"""Model B in cimba's Python package: a spawned model a case, whose process goes from visit to visit.

The rules are those of bare_simpy_b.py but one: a model cannot spawn its own kind, so who is transferred joins the
second line when the first agent has wrapped up, not when the talk ends; the delay of a repeat counts from the end of
the talk, as it should. A priority a rank, `set_capacity` for the staffing (who is busy finishes first), a timer on the
process for the patience. The numbers are read from that script, which stands a folder higher.
Recorded for each visit: case, contact, contact_type, touchpoint, offered, answered (NaN if nobody answered), ended,
wrapped, as eight captured data sets. Arrivals go on to the end of the last day and visits still there are not recorded.
Times in seconds. One thread.
"""

import importlib.util
from pathlib import Path

import cimba as cb
import numpy as np
from cimba import random

VERSION = cb.__version__
LOST_PATIENCE = 10
DAY, HALF_HOUR = 86400.0, 1800.0

_spec = importlib.util.spec_from_file_location("bare_simpy_b", Path(__file__).parents[1] / "bare_simpy_b.py")
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

TYPES = tuple(script.DEMAND)
PHONE, SECOND_LINE = 0, 1
# By touchpoint * 3 + type.
WORK = tuple(script.WORK[name, place] for place in ("phone", "second_line") for name in TYPES)
GROUP = tuple(list(script.STAFFING).index(work.group) for work in WORK)
PRIORITY = tuple(-work.rank for work in WORK)
PATIENCE = tuple(work.patience for work in WORK)
TALK = tuple((work.talk_time.mu, work.talk_time.sigma) for work in WORK)
AFTER_CALL = tuple((work.after_call_work.mu, work.after_call_work.sigma) for work in WORK)
RESOLVES = tuple(work.resolves for work in WORK)
TRANSFER = (script.EXITS["phone", "unresolved"][0].share, 0.0)
RECALL = tuple(script.EXITS[place, "unresolved"][-1].share for place in ("phone", "second_line"))
REDIAL = tuple(script.EXITS[place, "abandoned"][0].share for place in ("phone", "second_line"))
RECALL_AFTER, REDIAL_AFTER = tuple(script.REPEAT_DELAY), tuple(script.REDIAL_DELAY)
GIVES_UP_AFTER = script.GIVES_UP_AFTER
STAFFING = tuple(tuple(levels) for levels in script.STAFFING.values())
PER_SECOND = tuple(n / sum(script.DAY_SHAPE) / HALF_HOUR for n in script.DEMAND.values())
DAY_SHAPE = tuple(float(value) for value in script.DAY_SHAPE)
COLUMNS = ("case", "contact", "contact_type", "touchpoint", "offered", "answered", "ended", "wrapped")


class Centre(cb.Model):
    """Arrivals, staffing and records."""

    general: cb.Resource = cb.Resource(capacity=STAFFING[0][0])
    technical: cb.Resource = cb.Resource(capacity=STAFFING[1][0])
    experts: cb.Resource = cb.Resource(capacity=STAFFING[2][0])
    case: cb.Dataset = cb.Dataset()
    contact: cb.Dataset = cb.Dataset()
    contact_type: cb.Dataset = cb.Dataset()
    touchpoint: cb.Dataset = cb.Dataset()
    offered: cb.Dataset = cb.Dataset()
    answered: cb.Dataset = cb.Dataset()
    ended: cb.Dataset = cb.Dataset()
    wrapped: cb.Dataset = cb.Dataset()
    n_cases: int = 0

    @cb.process
    def staff(self):
        """Keep as many agents present as each half hour says."""
        while True:
            for half_hour in range(48):
                self.general.set_capacity(STAFFING[0][half_hour])
                self.technical.set_capacity(STAFFING[1][half_hour])
                self.experts.set_capacity(STAFFING[2][half_hour])
                cb.hold(HALF_HOUR)

    @cb.process
    def orders(self):
        """Cases of the first type."""
        self.arrivals(0)

    @cb.process
    def billing(self):
        """Cases of the second type."""
        self.arrivals(1)

    @cb.process
    def technical_cases(self):
        """Cases of the third type."""
        self.arrivals(2)

    @cb.function
    def arrivals(self, kind: int) -> None:
        """Spawn cases; what is left of a gap when the rate changes is drawn anew."""
        until = 0.0
        while True:
            for half_hour in range(48):
                mean_gap = 1.0 / (PER_SECOND[kind] * DAY_SHAPE[half_hour])
                until += HALF_HOUR
                gap = random.exponential(mean_gap)
                while cb.now() + gap < until:
                    cb.hold(gap)
                    cb.spawn(Case, centre=self, number=self.n_cases, kind=kind)
                    self.n_cases += 1
                    gap = random.exponential(mean_gap)
                cb.hold(until - cb.now())


class Case(cb.Model):
    """One case with all its visits."""

    centre: cb.Ref[Centre]
    number: int
    kind: int

    @cb.process
    def live(self):
        """Visit after visit, until it is resolved or given up."""
        centre = self.centre
        attempt = 0
        place = PHONE
        while attempt < GIVES_UP_AFTER:
            work = place * 3 + self.kind
            following, delay = -1, 0.0
            offered = cb.now()
            answered, wrapped = np.nan, np.nan
            me = cb.this_process()
            me.timer_set(random.exponential(PATIENCE[work]), LOST_PATIENCE)
            if GROUP[work] == 0:
                signal = centre.general.acquire(1, PRIORITY[work])
            elif GROUP[work] == 1:
                signal = centre.technical.acquire(1, PRIORITY[work])
            else:
                signal = centre.experts.acquire(1, PRIORITY[work])
            if signal == 0:
                me.timers_clear()
                answered = cb.now()
                cb.hold(random.lognormal(TALK[work][0], TALK[work][1]))
                ended = cb.now()
                cb.hold(random.lognormal(AFTER_CALL[work][0], AFTER_CALL[work][1]))
                wrapped = cb.now()
                if GROUP[work] == 0:
                    centre.general.release(1)
                elif GROUP[work] == 1:
                    centre.technical.release(1)
                else:
                    centre.experts.release(1)
                if random.uniform() >= RESOLVES[work]:
                    drawn = random.uniform()
                    if drawn < TRANSFER[place]:
                        following = SECOND_LINE
                    elif drawn < TRANSFER[place] + RECALL[place]:
                        following = PHONE
                        delay = random.lognormal(RECALL_AFTER[0], RECALL_AFTER[1])
            else:
                ended = cb.now()
                if random.uniform() < REDIAL[place]:
                    following = PHONE
                    delay = random.lognormal(REDIAL_AFTER[0], REDIAL_AFTER[1])
            centre.case.record(self.number)
            centre.contact.record(attempt)
            centre.contact_type.record(self.kind)
            centre.touchpoint.record(place)
            centre.offered.record(offered)
            centre.answered.record(answered)
            centre.ended.record(ended)
            centre.wrapped.record(wrapped)
            if following < 0:
                break
            place = following
            if place == PHONE:
                attempt += 1
                cb.hold(max(0.0, ended + delay - cb.now()))


def run(n_days, seed):
    """Simulate days of model B: the eight columns as arrays."""
    centre = Centre()
    for name in COLUMNS:
        getattr(centre, name).capture()
    window = cb.Window(duration=DAY * n_days)
    found = cb.Experiment(centre, window=window, seed=seed).run(workers=1)[centre]
    return {name: getattr(found, name).trial(0, 0)[1] for name in COLUMNS}


def counts(records):
    """Visits, visits abandoned and sum of waits [s] of the records of a run."""
    lost = np.isnan(records["answered"])
    waits = np.where(lost, records["ended"], records["answered"]) - records["offered"]
    return len(lost), int(lost.sum()), float(waits.sum())
