"""The sites on which controllers are tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from .controller import Installation
from .house import (
    Appliance,
    House,
    boiler,
    cooker,
    dryer,
    heat_pump,
    hob,
    kettle,
    microwave,
    oven,
)
from .meter import MeterKind
from .outlet import Outlet

_ALL: Final = (0, 1, 2)
_THREE_PHASE: Final = Outlet(phases=_ALL, most=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A supply with its house, its meter and its chargers; the limit in A per phase."""

    title: str
    limit: float
    house: House
    outlets: tuple[Outlet, ...]
    meter: MeterKind

    @property
    def installation(self) -> Installation:
        """Return what a controller is told."""
        return Installation(
            limit=self.limit,
            outlets=self.outlets,
            meter_period=self.meter.period,
            meter_latency=self.meter.latency[1],
            mean_meter_latency=fmean(self.meter.latency),
        )


def _home(base: tuple[float, float, float]) -> House:
    return House(
        base=base,
        appliances=(
            kettle(2),
            microwave(1),
            oven(1),
            hob((0, 1)),
            dryer(2),
            boiler(0),
            heat_pump(_ALL),
        ),
    )


_FLAT: Final = House(
    base=(5.0, 0.0, 0.0),
    appliances=(
        kettle(0),
        microwave(0),
        oven(0, uses_per_hour=0.3),
        hob((0,), uses_per_hour=0.4),
        heat_pump((0,)),
        cooker(0),
    ),
)


def _flats(number: int) -> tuple[Appliance, ...]:
    """Return what is in a house of flats, spread over the phases."""
    return tuple(
        appliance
        for flat in range(number)
        for appliance in (
            kettle(flat % 3),
            microwave((flat + 1) % 3),
            oven((flat + 1) % 3),
            hob((flat % 3, (flat + 2) % 3), uses_per_hour=0.35),
            dryer((flat + 2) % 3),
            boiler((flat + 1) % 3, uses_per_hour=0.3),
        )
    )


_QUICK: Final = (0.5, 1.0)
"""s until a reading of an ordinary meter is there."""

SCENARIOS: Final[Mapping[str, Scenario]] = {
    "A": Scenario(
        title="home 3x25A, 1 EV 3ph16, meter 1s",
        limit=25,
        house=_home((2.5, 2.0, 3.0)),
        outlets=(_THREE_PHASE,),
        meter=MeterKind(period=1, latency=_QUICK),
    ),
    "B": Scenario(
        title="home 1x40A, 1 EV 1ph32, 32A cooker, meter 2s",
        limit=40,
        house=_FLAT,
        outlets=(Outlet(phases=(0,), most=32),),
        meter=MeterKind(period=2, latency=_QUICK),
    ),
    "C": Scenario(
        title="home 3x25A, 1 EV 3ph16, slow meter 10s+5..10s",
        limit=25,
        house=_home((2.5, 2.0, 3.0)),
        outlets=(_THREE_PHASE,),
        meter=MeterKind(period=10, latency=(5.0, 10.0)),
    ),
    "D": Scenario(
        title="home 3x35A, 3 EVs, meter 5s",
        limit=35,
        house=_home((3.0, 2.5, 3.5)),
        outlets=(_THREE_PHASE, Outlet(phases=(1,), most=32), _THREE_PHASE),
        meter=MeterKind(period=5, latency=_QUICK),
    ),
    "E": Scenario(
        title="site 3x63A, 6 EVs, meter 1s",
        limit=63,
        house=House(
            base=(8.0, 7.0, 9.0),
            noise=0.2,
            drift=1.0,
            appliances=(*_flats(3), heat_pump(_ALL)),
        ),
        outlets=(
            _THREE_PHASE,
            _THREE_PHASE,
            _THREE_PHASE,
            Outlet(phases=(0,), most=32),
            Outlet(phases=(1,), most=32),
            Outlet(phases=(2,), most=32),
        ),
        meter=MeterKind(period=1, latency=_QUICK),
    ),
}
