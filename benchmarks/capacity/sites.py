"""Who pays for the highest average: buildings with their cars and targets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.solar.building import HABITS, WARMING
from benchmarks.solar.households import AT_HOME, COMMUTER, SECOND, CarPlan, Household
from custom_components.headroom.engine.grid.peak import HOUR, PeakPolicy
from simulator.plant.sun import Panels

_NO_PANELS: Final = Panels(peak_kw=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariffed:
    """A building with a capacity tariff."""

    household: Household
    policy: PeakPolicy


def _fixed(plan: CarPlan) -> CarPlan:
    """Return a car whose charger does not switch phases."""
    return replace(plan, switchable=False)


def _on_one_phase(plan: CarPlan) -> CarPlan:
    """Return a car with the same habits on one phase."""
    return replace(plan, model=SECOND.model, switchable=False)


_ONE_CAR: Final = Household(
    cars=(_on_one_phase(COMMUTER),), panels=_NO_PANELS, yearly_kwh=2500, metered_every=1
)
_TWO_CARS: Final = replace(
    _ONE_CAR, cars=(_fixed(COMMUTER), SECOND), habits=(*HABITS, WARMING), yearly_kwh=3000
)
_THREE_PHASES: Final = replace(_ONE_CAR, cars=(_fixed(COMMUTER),))
_SIX_CARS: Final = replace(
    _ONE_CAR,
    cars=(*(_fixed(COMMUTER),) * 3, _on_one_phase(COMMUTER), _fixed(AT_HOME), SECOND),
    habits=HABITS * 4,
    yearly_kwh=12_000,
)

SITES: Final[Mapping[str, Tariffed]] = {
    "one car, 2.5 kW": Tariffed(household=_ONE_CAR, policy=PeakPolicy(follow=False)),
    "three phases, 2.5 kW": Tariffed(household=_THREE_PHASES, policy=PeakPolicy(follow=False)),
    "automatic phases, 2.5 kW": Tariffed(
        household=replace(_THREE_PHASES, cars=(COMMUTER,)), policy=PeakPolicy(follow=False)
    ),
    "two cars, 5 kW": Tariffed(household=_TWO_CARS, policy=PeakPolicy(target=5000.0, follow=False)),
    "two cars, automatic phases, 5 kW": Tariffed(
        household=replace(_TWO_CARS, cars=(COMMUTER, SECOND)),
        policy=PeakPolicy(target=5000.0, follow=False),
    ),
    "two cars, 5 kW by the hour": Tariffed(
        household=_TWO_CARS, policy=PeakPolicy(target=5000.0, period=HOUR, follow=False)
    ),
    "two cars, the month's peak": Tariffed(household=_TWO_CARS, policy=PeakPolicy()),
    "six cars, 15 kW": Tariffed(
        household=_SIX_CARS, policy=PeakPolicy(target=15_000.0, follow=False)
    ),
}
