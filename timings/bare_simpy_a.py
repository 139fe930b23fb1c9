"""Model A as a bare SimPy script: M/M/50+M, the denominator of the speed ratios for a single queue.

Frozen once reviewed: a change here changes the meaning of every ratio ever stated, so it needs a line in the changelog.

The rules
- Calls arrive in a Poisson stream of 16 a minute, the same around the clock; the centre starts empty.
- 50 agents, always there; one queue, first come, first served; exponential talk time, mean 3 min; no after-call work.
- A call that is not answered within its patience, exponential with mean 4 min and drawn afresh for each call, leaves
  for good.
- Arrivals stop after the stated number of calls; the run ends when the last of them is over.
- Recorded for each call, in three lists, in the order in which calls end: the instants offered, answered (NaN if
  nobody answered) and ended [s since the start].

How it is written: as SimPy's own example of a bank with impatient customers is. One process a call, `Resource`,
`with request`, `request | timeout` for the patience, one `random.Random` with one method call a draw. Nothing is done
to slow it down, and nothing that an ordinary user would not do to speed it up (no callbacks in place of processes, no
draws in blocks, no switching off of the garbage collector).
`model_a.yaml` states the same model for cxsim.
"""

import math
import random

import simpy

N_AGENTS = 50
MEAN_GAP = 3.75  # between two arrivals [s]
MEAN_TALK_TIME = 180.0  # [s]
MEAN_PATIENCE = 240.0  # [s]


def call(env, agents, rng, log):
    """One call: wait for an agent or lose patience, talk, write the record."""
    offered = env.now
    with agents.request() as request:
        found = yield request | env.timeout(rng.expovariate(1 / MEAN_PATIENCE))
        if request in found:
            answered = env.now
            yield env.timeout(rng.expovariate(1 / MEAN_TALK_TIME))
        else:
            answered = math.nan
    log["offered"].append(offered)
    log["answered"].append(answered)
    log["ended"].append(env.now)


def arrivals(env, agents, rng, log, n_contacts):
    """Start a stated number of calls, exponential times apart."""
    for _ in range(n_contacts):
        yield env.timeout(rng.expovariate(1 / MEAN_GAP))
        env.process(call(env, agents, rng, log))


def run(n_contacts, seed):
    """Simulate a stated number of calls, to the end of the last.

    Parameters
    ----------
    n_contacts : int
        Calls offered.
    seed : int

    Returns
    -------
    dict of list of float
        offered, answered, ended [s], one entry a call, in the order in which calls end.
    """
    env = simpy.Environment()
    rng = random.Random(seed)
    agents = simpy.Resource(env, capacity=N_AGENTS)
    log = {"offered": [], "answered": [], "ended": []}
    env.process(arrivals(env, agents, rng, log, n_contacts))
    env.run()
    return log
