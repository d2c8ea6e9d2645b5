"""Where the power of a site comes from and goes to, from the roles of its meters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from .chargers.base import ConnectorData
from .engine.currents import PHASES, PerPhase
from .engine.known.power import voltage_or_nominal
from .engine.site.model import Meter, MeterRole, Site
from .meters.base import MeterData


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFlows:
    """Powers in W; None where no meter tells, or one of several is silent."""

    grid: float | None
    """What the site draws; negative is export."""
    solar: float | None
    """What the sun produces."""
    battery: float | None
    """What batteries are charged with; negative is discharge."""
    house: float | None
    """What everything but batteries and chargers consumes."""

    @classmethod
    def of(cls, site: Site, shown: Callable[[Meter], float | None], chargers: float) -> Self:
        """Work out the flows.

        `shown` returns what a meter shows, None while it is silent; `chargers` is what they draw.
        """
        solar = _total(_with_role(site, MeterRole.SOLAR), shown)
        battery = _total(_with_role(site, MeterRole.BATTERY), shown)
        grid = _grid(site, shown)
        house = None
        if grid is not None and solar is not None and battery is not None:
            house = grid - solar - battery - chargers
        produces = bool(_with_role(site, MeterRole.SOLAR))
        return cls(
            grid=grid,
            solar=0.0 - solar if produces and solar is not None else None,
            battery=battery if _with_role(site, MeterRole.BATTERY) else None,
            house=house,
        )


def power_of(data: MeterData) -> float | None:
    """Return the power in W that a meter shows, or that its currents make; None if phases lack."""
    if data.power is not None:
        return data.power
    return None if data.lost else _made(data.currents, data.voltages)


def power_drawn(data: ConnectorData) -> float | None:
    """Return the power in W that a charger measures, or that its currents make; None: neither."""
    if data.power is not None or data.drawn is None:
        return data.power
    return _made(data.drawn, data.voltages)


def _made(currents: PerPhase, voltages: PerPhase | None) -> float:
    measured = voltages or PerPhase()
    return sum(currents[p] * voltage_or_nominal(measured[p]) for p in PHASES)


def _with_role(site: Site, role: MeterRole) -> list[Meter]:
    return [meter for meter in site.meters if meter.role is role]


def _grid(site: Site, shown: Callable[[Meter], float | None]) -> float | None:
    """Return what the supplies of the zones at the grid draw, with inverters beside a house."""
    roots = {zone.id for zone in site.zones if zone.parent is None}
    supplies = [meter for meter in site.meters if meter.zone in roots and meter.is_supply]
    houses = {meter.zone for meter in supplies if meter.role is MeterRole.HOUSE}
    beside = [meter for meter in _with_role(site, MeterRole.SOLAR) if meter.zone in houses]
    drawn, produced = _total(supplies, shown), _total(beside, shown)
    if not supplies or drawn is None or produced is None:
        return None
    return drawn + produced


def _total(meters: Iterable[Meter], shown: Callable[[Meter], float | None]) -> float | None:
    """Return the sum of what meters show, 0 without any; None if one of them is silent."""
    total = 0.0
    for meter in meters:
        if (power := shown(meter)) is None:
            return None
        total += power
    return total
