"""Model A in cimba's Python package: a spawned model a call, a timer on its process for the patience.

Recorded for each call: offered, answered (NaN if nobody answered) and ended, as three captured data sets. Calls still
there at the end of the last day are not recorded. Times in minutes. One thread.
"""

import cimba as cb
import numpy as np
from cimba import random

VERSION = cb.__version__

LOST_PATIENCE = 10


class Call(cb.Model):
    """One call: wait for an agent or lose patience, talk, write the record."""

    agents: cb.Ref[cb.Resource]
    offered: cb.Ref[cb.Dataset]
    answered: cb.Ref[cb.Dataset]
    ended: cb.Ref[cb.Dataset]

    @cb.process
    def live(self):
        """The life of the call."""
        start = cb.now()
        answered = np.nan
        me = cb.this_process()
        me.timer_set(random.exponential(4.0), LOST_PATIENCE)
        if self.agents.acquire(1) == 0:
            me.timers_clear()
            answered = cb.now()
            cb.hold(random.exponential(3.0))
            self.agents.release(1)
        self.offered.record(start)
        self.answered.record(answered)
        self.ended.record(cb.now())


class Centre(cb.Model):
    """Arrivals, agents and records."""

    agents: cb.Resource = cb.Resource(capacity=50)
    offered: cb.Dataset = cb.Dataset()
    answered: cb.Dataset = cb.Dataset()
    ended: cb.Dataset = cb.Dataset()

    @cb.process
    def arrivals(self):
        """Spawn calls, exponential times apart."""
        while True:
            cb.hold(random.exponential(1 / 16))
            cb.spawn(Call, agents=self.agents, offered=self.offered, answered=self.answered, ended=self.ended)


def run(n_days, seed):
    """Simulate days of model A: (offered, answered, ended) as arrays [min]."""
    centre = Centre()
    for entity in (centre.offered, centre.answered, centre.ended):
        entity.capture()
    window = cb.Window(duration=1440.0 * n_days)
    found = cb.Experiment(centre, window=window, seed=seed).run(workers=1)[centre]
    return tuple(signal.trial(0, 0)[1] for signal in (found.offered, found.answered, found.ended))


def counts(records):
    """Calls, calls abandoned and sum of waits [s] of the records of a run."""
    offered, answered, ended = records
    lost = np.isnan(answered)
    waits = np.where(lost, ended, answered) - offered
    return len(offered), int(lost.sum()), 60.0 * float(waits.sum())
