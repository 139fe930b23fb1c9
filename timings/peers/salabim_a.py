"""Model A in salabim: a component a call, `request` with `fail_delay` for the patience.

Recorded for each call: offered, answered (NaN if nobody answered) and ended, in three lists, as the bare SimPy script
does. Salabim's monitors of the resource and its queues are switched off, as nobody asks for them here. Written with
`yield` (`sim.yieldless(False)`), which needs nothing beside salabim; times in minutes.
"""

import math
import random

import salabim as sim

VERSION = sim.__version__

sim.yieldless(False)


class Call(sim.Component):
    """One call: wait for an agent or lose patience, talk, write the record."""

    def process(self):
        centre = self.env.centre
        offered = self.env.now()
        yield self.request(centre.agents, fail_delay=centre.rng.expovariate(1 / 4))
        if self.failed():
            answered = math.nan
        else:
            answered = self.env.now()
            yield self.hold(centre.rng.expovariate(1 / 3))
            self.release()
        centre.log.append((offered, answered, self.env.now()))


class Arrivals(sim.Component):
    """Start calls, exponential times apart."""

    def process(self):
        rng = self.env.centre.rng
        while True:
            yield self.hold(rng.expovariate(16))
            Call()


class Centre:
    """What the calls of one run share."""

    def __init__(self, env, seed):
        self.rng = random.Random(seed)
        self.log = []
        self.agents = sim.Resource("agents", capacity=50, monitor=False, env=env)


def run(n_days, seed):
    """Simulate days of model A: list of (offered, answered, ended) [min]; calls still there at the end are left out."""
    env = sim.Environment(trace=False, random_seed=seed)
    env.centre = Centre(env, seed)
    Arrivals()
    env.run(till=1440.0 * n_days)
    return env.centre.log


def counts(records):
    """Calls, calls abandoned and sum of waits [s] of the records of a run."""
    abandoned = sum(math.isnan(answered) for _, answered, _ in records)
    waits = sum((ended if math.isnan(answered) else answered) - offered for offered, answered, ended in records)
    return len(records), abandoned, 60.0 * waits
