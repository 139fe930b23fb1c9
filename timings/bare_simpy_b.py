"""Model B as a bare SimPy script: three contact types and a second line, the denominator for a real centre's day.

Frozen once reviewed: a change here changes the meaning of every ratio ever stated, so it needs a line in the changelog.

The rules
- Demand: cases of three types, Poisson with a rate that is constant within each half hour: DEMAND cases a day, divided
  over the day as DAY_SHAPE. Every day is alike, the centre never closes and starts empty.
- A case begins with contact 0 at the touchpoint `phone`. Each visit to a touchpoint is offered to one group of alike
  agents (WORK): general serves orders and billing, technical serves technical, experts serve the second line.
- Within a group the lowest rank is taken first, then the longest wait. A visit in progress is never interrupted.
- Patience is exponential, drawn afresh for each visit. Whoever loses it calls again with the stated probability.
- Talk time and after-call work are lognormal by type and touchpoint. The customer is gone when the talk ends; the
  agent is free when the after-call work ends.
- At the end of the talk the visit resolves the case with the stated probability. If not, EXITS says by one draw what
  follows: a cold transfer (same contact, joins the second line's queue at that instant, by rank and wait like anybody),
  or a new contact after a delay counted from the end of the talk (a repeat) or from the loss of patience (a redial), or
  nothing: the case is over. A new contact would be number GIVES_UP_AFTER: the case is over as well.
- Staffing: STAFFING agents present, by half hour, the same every day. When the level falls, idle agents go at once and
  as many others as needed when they have wrapped up, before taking another contact; when it rises, those who were
  about to go stay, then others come. The pattern is repeated for one day after the last day of arrivals; from then on
  its last level stays.
- Cases arise on the stated number of days; the run ends when the last of them is over.
- Recorded for each visit, in eight lists, in the order in which visits end for the agent (for the customer, if nobody
  answered): case, contact (attempt, from 0), contact_type, touchpoint, and the instants offered, answered, ended,
  wrapped [s since the start; answered and wrapped NaN if nobody answered].
What it has not: single agents (who of a group answers is not said), speeds, hold, shrinkage, opening hours.

How it is written: one process a visit, which starts the process of the visit that follows. One `PriorityResource` a
group, as large as its highest level; agents who are not there hold a request of a rank better than any contact's, the
usual way to change the capacity of a SimPy resource. `request | timeout` for the patience, one `random.Random` with one
method call a draw, laws and rates worked out beforehand. Nothing is done to slow it down, and nothing that an ordinary
user would not do to speed it up (no callbacks in place of processes, no draws in blocks, no switching off of the
garbage collector).
`model_b.yaml` states the same model for cxsim. The numbers are invented, chosen to give about 14,000 visits a day at
an occupancy between 80 and 90 % with 2 to 8 % of visits abandoned.
"""

import math
import random
from typing import NamedTuple

import simpy

HALF_HOUR = 1800.0  # [s]
GIVES_UP_AFTER = 6  # contacts of one case
NOT_THERE = 0  # rank of an absent agent's request; contacts have 1 and 2


class Lognormal(NamedTuple):
    """Parameters of a lognormal law: mean and standard deviation of the logarithm."""

    mu: float
    sigma: float


class Work(NamedTuple):
    """What a contact type is at a touchpoint: who does it, how urgent it is, how long it takes, how it ends."""

    group: str
    rank: int
    patience: float  # mean [s]
    talk_time: Lognormal
    after_call_work: Lognormal
    resolves: float  # probability


class Exit(NamedTuple):
    """What may follow a visit: its share, where the customer goes next, and after how long (None: a transfer)."""

    share: float
    to: str
    after: Lognormal | None


def by_mean(mean, cv):
    """The lognormal law with a mean [s] and a coefficient of variation."""
    variance = math.log(1 + cv**2)
    return Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def by_median(median, cv):
    """The lognormal law with a median [s] and a coefficient of variation."""
    return Lognormal(math.log(median), math.sqrt(math.log(1 + cv**2)))


DEMAND = {"orders": 5600, "billing": 3800, "technical": 2600}  # cases a day
# Relative volume of the 48 half hours from midnight.
# fmt: off
DAY_SHAPE = [
    3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 6, 9, 14, 20, 30, 38, 44, 48, 50, 50, 48, 45,
    42, 41, 42, 44, 46, 47, 46, 44, 42, 40, 38, 36, 33, 30, 27, 24, 20, 17, 14, 11, 9, 7, 5, 4,
]
# Agents present in each half hour: set once at load + 0.7 sqrt(load), the load as measured with agents in plenty.
STAFFING = {
    "general": [
        6, 6, 5, 5, 5, 5, 5, 4, 4, 4, 5, 7, 9, 14, 19, 28, 41, 52, 59, 67, 69, 71, 70, 66,
        61, 58, 60, 64, 65, 68, 65, 64, 62, 57, 55, 54, 49, 45, 41, 37, 32, 28, 23, 19, 16, 13, 10, 8,
    ],
    "technical": [
        5, 4, 4, 3, 3, 3, 3, 3, 2, 3, 3, 5, 5, 7, 11, 15, 21, 27, 33, 34, 37, 39, 38, 36,
        35, 34, 33, 35, 36, 39, 38, 36, 34, 33, 32, 30, 29, 27, 24, 22, 20, 17, 14, 12, 11, 9, 7, 6,
    ],
    "experts": [
        2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 9, 13, 15, 17, 19, 19, 18, 18,
        18, 17, 16, 16, 18, 18, 18, 17, 17, 16, 15, 15, 14, 13, 13, 11, 10, 9, 7, 6, 5, 4, 3, 2,
    ],
}
# fmt: on
WORK = {
    ("orders", "phone"): Work("general", 2, 240.0, by_mean(200.0, 0.8), by_mean(40.0, 0.8), 0.88),
    ("billing", "phone"): Work("general", 1, 240.0, by_mean(260.0, 1.0), by_mean(60.0, 0.8), 0.80),
    ("technical", "phone"): Work("technical", 1, 240.0, by_mean(420.0, 1.0), by_mean(90.0, 0.8), 0.70),
    ("orders", "second_line"): Work("experts", 2, 480.0, by_mean(540.0, 1.0), by_mean(120.0, 0.8), 0.85),
    ("billing", "second_line"): Work("experts", 2, 480.0, by_mean(540.0, 1.0), by_mean(120.0, 0.8), 0.85),
    ("technical", "second_line"): Work("experts", 1, 480.0, by_mean(660.0, 1.0), by_mean(120.0, 0.8), 0.85),
}
REPEAT_DELAY = by_median(7200.0, 1.0)
REDIAL_DELAY = by_median(600.0, 1.0)
EXITS = {
    ("phone", "unresolved"): [Exit(0.40, "second_line", None), Exit(0.35, "phone", REPEAT_DELAY)],
    ("phone", "abandoned"): [Exit(0.50, "phone", REDIAL_DELAY)],
    ("second_line", "unresolved"): [Exit(0.40, "phone", REPEAT_DELAY)],
    ("second_line", "abandoned"): [Exit(0.60, "phone", REDIAL_DELAY)],
}


class Centre:
    """The clock, the draws, the groups and the record of one run."""

    def __init__(self, seed):
        self.env = simpy.Environment()
        self.rng = random.Random(seed)
        self.groups = {name: simpy.PriorityResource(self.env, capacity=max(STAFFING[name])) for name in STAFFING}
        self.n_cases = 0
        self.log = {
            "case": [],
            "contact": [],
            "contact_type": [],
            "touchpoint": [],
            "offered": [],
            "answered": [],
            "ended": [],
            "wrapped": [],
        }

    def staff(self, group, levels):
        """Keep as many agents of a group present as each half hour says."""
        absent = []
        for level in levels:
            while group.capacity - len(absent) > level:
                absent.append(group.request(priority=NOT_THERE))
            while group.capacity - len(absent) < level:
                request = absent.pop()
                if request.triggered:
                    group.release(request)
                else:  # still at work and about to go: stays
                    request.cancel()
            yield self.env.timeout(HALF_HOUR)

    def arrivals(self, contact_type, n_days):
        """Start the cases of a type; what is left of a gap when the rate changes is drawn anew (no memory)."""
        per_second = DEMAND[contact_type] / sum(DAY_SHAPE) / HALF_HOUR
        until = 0.0
        for share in DAY_SHAPE * n_days:
            rate = share * per_second
            until += HALF_HOUR
            gap = self.rng.expovariate(rate)
            while self.env.now + gap < until:
                yield self.env.timeout(gap)
                self.env.process(self.visit(self.n_cases, 0, contact_type, "phone"))
                self.n_cases += 1
                gap = self.rng.expovariate(rate)
            yield self.env.timeout(until - self.env.now)

    def visit(self, case, contact, contact_type, touchpoint, after=None):
        """One visit to a touchpoint: wait or lose patience, talk, pass on what is left, wrap up, write the record."""
        env, rng = self.env, self.rng
        if after:
            yield env.timeout(rng.lognormvariate(*after))
        work = WORK[contact_type, touchpoint]
        offered = env.now
        with self.groups[work.group].request(priority=work.rank) as request:
            found = yield request | env.timeout(rng.expovariate(1 / work.patience))
            if request in found:
                answered = env.now
                yield env.timeout(rng.lognormvariate(*work.talk_time))
                ended = env.now
                if rng.random() >= work.resolves:
                    self.go_on(case, contact, contact_type, EXITS[touchpoint, "unresolved"])
                yield env.timeout(rng.lognormvariate(*work.after_call_work))
                wrapped = env.now
            else:
                answered, ended, wrapped = math.nan, env.now, math.nan
                self.go_on(case, contact, contact_type, EXITS[touchpoint, "abandoned"])
        log = self.log
        log["case"].append(case)
        log["contact"].append(contact)
        log["contact_type"].append(contact_type)
        log["touchpoint"].append(touchpoint)
        log["offered"].append(offered)
        log["answered"].append(answered)
        log["ended"].append(ended)
        log["wrapped"].append(wrapped)

    def go_on(self, case, contact, contact_type, exits):
        """Start the visit that follows, if any."""
        drawn = self.rng.random()
        for share, to, after in exits:
            if drawn < share:
                if after:
                    contact += 1
                if contact < GIVES_UP_AFTER:
                    self.env.process(self.visit(case, contact, contact_type, to, after))
                return
            drawn -= share


def run(n_days, seed):
    """Simulate the cases of a stated number of days, to the end of the last case.

    Parameters
    ----------
    n_days : int
        Days of arrivals, about 14,000 visits each.
    seed : int

    Returns
    -------
    dict of list
        case, contact, contact_type, touchpoint and offered, answered, ended, wrapped [s], one entry a visit.
    """
    centre = Centre(seed)
    for name, group in centre.groups.items():
        centre.env.process(centre.staff(group, STAFFING[name] * (n_days + 1)))
    for contact_type in DEMAND:
        centre.env.process(centre.arrivals(contact_type, n_days))
    centre.env.run()
    return centre.log
