"""What tariff periods leave to zones, and to each of their connectors."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..currents import PerPhase
from ..decision import ReasonCode
from ..inputs import Ask, Inputs
from ..site.model import Site, Zone
from ..site.tariff import part_of
from .permit import Bound
from .tariffs import TariffState


def with_tariffs(inputs: Inputs, tariffs: TariffState) -> Inputs:
    """Return what is asked for together with the periods that count in each zone.

    An active digital input overrides them (A9.5); one that shows nothing may not be active.
    """
    percent = inputs.percent
    if percent is not None and not percent.silent:
        return inputs
    return replace(
        inputs,
        tariffs={
            zone: Ask(tariff.percent, until=tariff.until)
            for zone, tariff in tariffs.zones.items()
            if tariff.period is not None
        },
    )


def bounds_of(site: Site, tariffs: Mapping[str, Ask]) -> dict[str, Bound]:
    """Return by connector id the most that its zones could leave it if it were alone.

    It makes the period the reason where even one car is too many.
    """
    bounds = {zone: _bound(site.zone_by_id[zone], ask) for zone, ask in tariffs.items()}
    if not bounds:
        return {}
    return {
        connector: min(above, key=lambda bound: bound.current)
        for connector, zone in site.zone_of.items()
        if (above := [bounds[step] for step in site.path(zone) if step in bounds])
    }


def table_of(site: Site, off: Collection[str]) -> dict[str, dict[str, PerPhase | None]]:
    """Return by zone and by period what is for cars while it counts, in A (A8.4).

    None: the period does not count in the zone, for it is not for it or one of them is in `off`.
    """
    return {
        zone.id: {
            period.id: part_of(zone.limit, period.percent)
            if period.is_for(zone.id) and not {zone.id, period.id}.intersection(off)
            else None
            for period in site.tariffs
        }
        for zone in site.zones
    }


def _bound(zone: Zone, ask: Ask) -> Bound:
    most = max(part_of(zone.limit, ask.most))
    return Bound(most, ReasonCode.TARIFF_PERIOD, ask.until)
