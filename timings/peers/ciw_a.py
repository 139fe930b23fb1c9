"""Model A in Ciw: a network of one node with reneging.

Recorded for each call: Ciw's own data record (a named tuple of some twenty fields, arrival, start and end of service
and the kind of its end among them); it cannot be asked for fewer. Calls still there at the end of the last day are not
recorded. Times in minutes.
"""

import ciw

VERSION = ciw.__version__


def run(n_days, seed):
    """Simulate days of model A: list of Ciw's data records."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=16.0)],
        service_distributions=[ciw.dists.Exponential(rate=1 / 3)],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1 / 4)],
        number_of_servers=[50],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1440.0 * n_days)
    return simulation.get_all_records()


def counts(records):
    """Calls, calls abandoned and sum of waits [s] of the records of a run."""
    abandoned = sum(record.record_type == "renege" for record in records)
    waits = sum(record.waiting_time for record in records)
    return len(records), abandoned, 60.0 * waits
