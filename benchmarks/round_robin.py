"""acnportal's round robin on our instances; the package is imported only when it is used."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from benchmarks.instances import Instance


def has_acnportal() -> bool:
    """Return whether the package can be imported."""
    return find_spec("acnportal") is not None


class _Interface:
    """What the algorithm asks of acnportal's simulator."""

    period = 1
    current_time = 0

    def __init__(self, infrastructure: object) -> None:
        self._infrastructure = infrastructure

    def infrastructure_info(self) -> object:
        return self._infrastructure

    def remaining_amp_periods(self, _session: object) -> float:
        return float("inf")


def round_robin(instance: Instance) -> Callable[[], object]:
    """Return a run of the algorithm: a row per link, the arithmetic sum of currents, no classes."""
    algorithms = import_module("acnportal.algorithms")
    simulator = import_module("acnportal.acnsim.interface")
    claims = instance.claims
    matrix = np.zeros((len(instance.plan.links), len(claims)))
    for column, claim in enumerate(claims):
        matrix[list(instance.plan.links_of(claim.connector, claim.phases)), column] = 1
    pilots = [
        np.array([0, *range(claim.entry, claim.cap + 1, claim.step)]) / 10 for claim in claims
    ]
    most = np.array([claim.cap / 10 for claim in claims])
    infrastructure = simulator.InfrastructureInfo(
        constraint_matrix=matrix,
        constraint_limits=np.array(instance.headroom) / 10,
        phases=np.zeros(len(claims)),
        voltages=np.full(len(claims), 230.0),
        constraint_ids=[str(number) for number in range(len(matrix))],
        station_ids=[claim.connector for claim in claims],
        max_pilot=most,
        min_pilot=np.zeros(len(claims)),
        allowable_pilots=pilots,
        is_continuous=np.zeros(len(claims), dtype=bool),
    )
    order = sorted(range(len(claims)), key=lambda number: claims[number].rank)
    sessions = [
        simulator.SessionInfo(
            station_id=claims[number].connector,
            session_id=claims[number].connector,
            requested_energy=1e6,
            energy_delivered=0,
            arrival=place,
            departure=len(claims) + 10,
            current_time=len(claims),
            max_rates=claims[number].cap / 10,
        )
        for place, number in enumerate(order)
    ]
    algorithm = algorithms.RoundRobin(algorithms.first_come_first_served)
    algorithm.register_interface(_Interface(infrastructure))
    return lambda: algorithm.schedule(sessions)
